//! Scenario `monitoring`: Prometheus scrapes three gateways, and the dashboard's queries find
//! data in it.

use std::net::Ipv4Addr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use client::resumable::{MessageKind, Session};
use futures_util::future::try_join_all;
use http_body_util::Full;
use hyper::Request;
use hyper::header::HOST;
use serde_json::Value;
use testkit::{ReservedPort, ServerProcess, TempDir, tempdir};
use tokio::fs;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::process::Command;

use crate::client::LoadClients;
use crate::deployment::Deployment;
use crate::gateway::Gateway;
use crate::haproxy::SERVERS;
use crate::report::Report;
use crate::{Failure, deploy, http, start_server, wait_until};

/// Prometheus's own loopback address.
const IP: Ipv4Addr = Ipv4Addr::new(127, 0, 1, 102);

/// Grafana's default for `$__rate_interval`: four scrapes.
const RATE_INTERVAL: &str = "20s";

/// The time limit until every gateway is scraped, and until every query has data.
const SCRAPE_TIMEOUT: Duration = Duration::from_secs(60);

pub(crate) async fn run(program: &Path, report: &mut Report) -> Result<(), Failure> {
    let deployment = Deployment::start(program).await?;
    for gateway in deployment.running() {
        check_metrics(gateway, report).await?;
    }
    let prometheus = Prometheus::start(deployment.running()).await?;
    wait_until(
        SCRAPE_TIMEOUT,
        "Prometheus to reach every gateway",
        async || {
            let up = prometheus.query("up == 1").await?;
            Ok(up.len() == SERVERS)
        },
    )
    .await?;
    report.check("Prometheus reaches every gateway", true);

    let queries = dashboard_queries().await?;
    report.figure("queries of the dashboard", queries.len());
    let all_have_data = wait_until(SCRAPE_TIMEOUT, "all queries to have data", async || {
        generate_traffic(&deployment).await?;
        Ok(prometheus.without_data(&queries).await?.is_empty())
    });
    // The check below reports a timeout.
    let _ = all_have_data.await;
    let without = prometheus.without_data(&queries).await?;
    report.check(
        format_args!("every query has data after traffic; without data: {without:?}"),
        without.is_empty(),
    );
    deployment.finish().await?;
    Ok(())
}

/// Opens and closes sessions, cuts and resumes others, and sends requests with a foreign Host, at
/// every gateway.
async fn generate_traffic(deployment: &Deployment<'_>) -> Result<(), Failure> {
    resume_sessions(deployment).await?;
    let clients = LoadClients::start(2 * SERVERS, &deployment.entrypoints());
    for _ in 0..2 * SERVERS {
        let foreign = Request::get("/").header(HOST, "foreign.example");
        let stream = TcpStream::connect(deployment.haproxy.web()).await?;
        http::send(stream, foreign.body(Full::default())?).await?;
    }
    clients.finish().await;
    Ok(())
}

/// Opens resumable sessions, cuts their connections, and waits until they have come back.
async fn resume_sessions(deployment: &Deployment<'_>) -> Result<(), Failure> {
    let url = format!("ws://{}/ws", deployment.haproxy.web());
    let sessions = (0..2 * SERVERS).map(|_| Session::connect(&url));
    let sessions = try_join_all(sessions).await?;
    deployment.haproxy.cut_sessions().await?;
    for mut session in sessions {
        session.send(MessageKind::Text, "back").await?;
        session.receive().await?;
        session.close().await?;
    }
    Ok(())
}

/// Checks a gateway's metrics with `promtool check metrics`.
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
    let findings = [output.stdout, output.stderr].concat();
    let findings = String::from_utf8_lossy(&findings);
    let clean = output.status.success() && findings.trim().is_empty();
    report.check(
        format_args!(
            "promtool check metrics: {}",
            if clean { "clean" } else { findings.trim() }
        ),
        clean,
    );
    Ok(())
}

/// Returns the dashboard's queries, with its variables set to select everything.
async fn dashboard_queries() -> Result<Vec<String>, Failure> {
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

/// A running Prometheus; it is killed on drop.
struct Prometheus {
    _process: ServerProcess,
    port: ReservedPort,
    _dir: TempDir,
}

impl Prometheus {
    /// Starts Prometheus with `deploy/compose/prometheus.yml`, in which only addresses are
    /// changed.
    async fn start(gateways: impl Iterator<Item = &Gateway>) -> Result<Self, Failure> {
        let dir = tempdir()?;
        let port = ReservedPort::on(IP)?;
        let mut config = fs::read_to_string(deploy("compose/prometheus.yml")).await?;
        for (number, gateway) in (1..).zip(gateways) {
            let admin = gateway.addrs.admin.to_string();
            config = config.replace(&format!("gateway{number}:9090"), &admin);
        }
        let file = dir.path().join("prometheus.yml");
        fs::write(&file, config).await?;
        let data = dir.path().join("data");
        let mut command = Command::new("prometheus");
        command
            .arg(format!("--config.file={}", file.display()))
            .arg(format!("--storage.tsdb.path={}", data.display()))
            .arg(format!("--web.listen-address={}", port.addr()))
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let process = start_server(&mut command, &[port.addr()]).await?;
        Ok(Self {
            _process: process,
            port,
            _dir: dir,
        })
    }

    /// Returns those of `queries` that have no result, or one that is not a number.
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

    /// Returns the values of `query` now.
    async fn query(&self, query: &str) -> Result<Vec<f64>, Failure> {
        let output = Command::new("promtool")
            .args(["query", "instant", "--format=json"])
            .arg(format!("http://{}", self.port.addr()))
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
