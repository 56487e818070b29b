//! Prometheus watches three gateways, and the dashboard asks Prometheus.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use http_body_util::Full;
use hyper::Request;
use hyper::header::HOST;
use serde_json::Value;
use tempfile::TempDir;
use tokio::fs;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::client::Crowd;
use crate::gateway::Gateway;
use crate::haproxy::SERVERS;
use crate::report::Report;
use crate::site::Site;
use crate::{Failure, deploy, free_addr, http, listens, until};

/// Where Prometheus is: an address where nothing else is.
const IP: Ipv4Addr = Ipv4Addr::new(127, 0, 1, 102);

/// Four scrapes, which is what Grafana takes for `$__rate_interval`.
const RATE_INTERVAL: &str = "20s";

/// Until each of them has found something, and some.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) async fn run(program: &Path, report: &mut Report) -> Result<(), Failure> {
    let site = Site::start(program).await?;
    for gateway in site.running() {
        check_metrics(gateway, report).await?;
    }
    let prometheus = Prometheus::start(site.running()).await?;
    until(PATIENCE, "Prometheus to reach every gateway", async || {
        let up = prometheus.query("up == 1").await?;
        Ok(up.len() == SERVERS)
    })
    .await?;
    report.check("Prometheus reaches every gateway", true);

    let queries = dashboard().await?;
    report.figure("queries of the dashboard", queries.len());
    let answered = until(PATIENCE, "all queries to have data", async || {
        traffic(&site).await?;
        Ok(prometheus.without_data(&queries).await?.is_empty())
    });
    let _ = answered.await;
    let without = prometheus.without_data(&queries).await?;
    report.check(
        format_args!("each has data after traffic; without: {without:?}"),
        without.is_empty(),
    );
    site.finish().await?;
    Ok(())
}

/// Sessions that begin and end, and requests that are refused, at every gateway.
async fn traffic(site: &Site<'_>) -> Result<(), Failure> {
    let crowd = Crowd::start(2 * SERVERS, &site.doors());
    for _ in 0..2 * SERVERS {
        let foreign = Request::get("/").header(HOST, "foreign.example");
        let stream = TcpStream::connect(site.haproxy.web).await?;
        http::send(stream, foreign.body(Full::default())?).await?;
    }
    crowd.finish().await;
    Ok(())
}

/// Asks promtool whether a gateway's metrics are as they should be.
async fn check_metrics(gateway: &Gateway, report: &mut Report) -> Result<(), Failure> {
    let metrics = http::get(gateway.addrs.admin, "/metrics").await?.body;
    let mut child = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut stdin = child.stdin.take().ok_or("promtool has no input")?;
    stdin.write_all(metrics.as_bytes()).await?;
    drop(stdin);
    let output = child.wait_with_output().await?;
    let says = [output.stdout, output.stderr].concat();
    let says = String::from_utf8_lossy(&says);
    let clean = output.status.success() && says.trim().is_empty();
    report.check(
        format_args!(
            "promtool check metrics: {}",
            if clean { "clean" } else { says.trim() }
        ),
        clean,
    );
    Ok(())
}

/// The dashboard's queries, with its variables as they are when all is chosen.
async fn dashboard() -> Result<Vec<String>, Failure> {
    let text = fs::read_to_string(deploy("dashboard.json")).await?;
    let dashboard: Value = serde_json::from_str(&text)?;
    let panels = dashboard["panels"].as_array().into_iter().flatten();
    let targets = panels.flat_map(|panel| panel["targets"].as_array().into_iter().flatten());
    let queries = targets.filter_map(|target| target["expr"].as_str());
    let queries = queries.map(|query| {
        query
            .replace("$__rate_interval", RATE_INTERVAL)
            .replace("$job", ".+")
    });
    Ok(queries.collect())
}

/// A running Prometheus; it is killed when it is dropped.
struct Prometheus {
    _child: Child,
    addr: SocketAddr,
    _dir: TempDir,
}

impl Prometheus {
    /// Starts it as `deploy/compose/prometheus.yml` has it: nothing of that is changed but
    /// the addresses.
    async fn start(gateways: impl Iterator<Item = &Gateway>) -> Result<Self, Failure> {
        let dir = tempfile::tempdir()?;
        let addr = free_addr(IP)?;
        let mut config = fs::read_to_string(deploy("compose/prometheus.yml")).await?;
        for (number, gateway) in (1..).zip(gateways) {
            let admin = gateway.addrs.admin.to_string();
            config = config.replace(&format!("gateway{number}:9090"), &admin);
        }
        let file = dir.path().join("prometheus.yml");
        fs::write(&file, config).await?;
        let child = Command::new("prometheus")
            .arg(format!("--config.file={}", file.display()))
            .arg(format!(
                "--storage.tsdb.path={}",
                dir.path().join("data").display()
            ))
            .arg(format!("--web.listen-address={addr}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("prometheus does not start: {error}"))?;
        listens(addr).await?;
        Ok(Self {
            _child: child,
            addr,
            _dir: dir,
        })
    }

    /// Those of `queries` that find nothing, or no number.
    async fn without_data(&self, queries: &[String]) -> Result<Vec<String>, Failure> {
        let mut without = Vec::new();
        for query in queries {
            let found = self.query(query).await?;
            if found.is_empty() || found.iter().any(|value| !value.is_finite()) {
                without.push(query.clone());
            }
        }
        Ok(without)
    }

    /// What `query` finds now.
    async fn query(&self, query: &str) -> Result<Vec<f64>, Failure> {
        let output = Command::new("promtool")
            .args(["query", "instant", "--format=json"])
            .arg(format!("http://{}", self.addr))
            .arg(query)
            .output()
            .await?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into());
        }
        let found: Vec<Value> = serde_json::from_slice(&output.stdout)?;
        let value = |sample: &Value| sample["value"][1].as_str()?.parse().ok();
        Ok(found.iter().filter_map(value).collect())
    }
}
