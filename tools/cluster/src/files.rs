//! The files of `deploy/` and `packaging/`, before the judges of those who read them.

use std::fs::File;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tokio::fs;
use tokio::process::Command;

use crate::nginx::Nginx;
use crate::report::Report;
use crate::{Failure, deploy, repository};

/// The most that systemd may find the service exposed, of 100: what it calls "OK" ends at 49.
const EXPOSED: u8 = 15;

pub(crate) async fn run(program: &Path, report: &mut Report) -> Result<(), Failure> {
    let mut haproxy = Command::new("haproxy");
    haproxy
        .args(["-c", "-f"])
        .arg(deploy("haproxy/haproxy.cfg"));
    passes(report, "haproxy -c", haproxy).await?;

    let nginx = Nginx::prepare(([127, 0, 0, 1], 3000).into()).await?;
    let mut command = nginx.command();
    command.arg("-t");
    passes(report, "nginx -t", command).await?;

    let mut promtool = Command::new("promtool");
    promtool
        .args(["check", "config"])
        .arg(deploy("compose/prometheus.yml"));
    passes(report, "promtool check config", promtool).await?;

    let mut compose = tool("check-jsonschema");
    compose
        .args(["--builtin-schema", "vendor.compose-spec"])
        .arg(deploy("compose/compose.yaml"));
    passes(report, "the Compose specification's schema", compose).await?;
    kubernetes(report).await?;
    options(program, report).await?;
    systemd(program, report).await
}

/// What the gateways in Kubernetes and Compose are told, before `program` itself.
async fn options(program: &Path, report: &mut Report) -> Result<(), Failure> {
    let documents = yaml("kubernetes/framegate.yaml").await?;
    let text = documents
        .iter()
        .find_map(|it| it["data"]["framegate.toml"].as_str());
    let file = tempfile::NamedTempFile::new()?;
    fs::write(file.path(), text.ok_or("no framegate.toml in Kubernetes")?).await?;
    let mut config = Command::new(program);
    config.args(["config", "--config"]).arg(file.path());
    passes(report, "framegate config, as in Kubernetes", config).await?;

    let documents = yaml("compose/compose.yaml").await?;
    let variables = documents[0]["services"]["gateway1"]["environment"].as_object();
    let variables = variables.ok_or("no environment in Compose")?;
    let mut config = Command::new(program);
    config.arg("config");
    for (name, value) in variables {
        config.env(name, value.as_str().ok_or("a variable that is no text")?);
    }
    let shown = config.output().await?.stdout;
    let shown = String::from_utf8_lossy(&shown);
    let known = shown.lines().filter(|it| it.ends_with("# environment"));
    report.equal(
        "variables that framegate config takes, as in Compose",
        known.count(),
        variables.len(),
    );
    Ok(())
}

/// The documents in a file of `deploy/`.
async fn yaml(name: &str) -> Result<Vec<Value>, Failure> {
    // By the library of those who validate them.
    let to_json = "import json, sys, yaml; print(json.dumps(list(yaml.safe_load_all(sys.stdin))))";
    let output = tool("python")
        .args(["-c", to_json])
        .stdin(File::open(deploy(name))?)
        .output()
        .await?;
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Kubernetes' own schemas, which forbid unknown fields too; they have none of the Gateway API.
async fn kubernetes(report: &mut Report) -> Result<(), Failure> {
    let mut own = tool("kubernetes-validate");
    own.args(["--strict", "--quiet"])
        .arg(deploy("kubernetes/framegate.yaml"))
        .arg(deploy("kubernetes/autoscaling.yaml"));
    passes(report, "Kubernetes' schemas, strictly", own).await?;
    let mut gateway_api = Command::new("node");
    gateway_api
        .arg(repository("tools/cluster/gateway-api/validate.mjs"))
        .arg(deploy("kubernetes/routes.yaml"));
    passes(report, "the Gateway API's schemas", gateway_api).await
}

/// The units, with `program` in the place where the package puts it.
async fn systemd(program: &Path, report: &mut Report) -> Result<(), Failure> {
    let dir = tempfile::tempdir()?;
    let program = std::path::absolute(program)?;
    let units = [
        "framegate.service",
        "framegate-http.socket",
        "framegate-tcp.socket",
    ];
    for unit in units {
        let text = fs::read_to_string(repository("packaging/systemd").join(unit)).await?;
        let here = text.replace("/usr/bin/framegate", &program.to_string_lossy());
        fs::write(dir.path().join(unit), here).await?;
    }
    let units = units.map(|unit| dir.path().join(unit));
    let mut verify = Command::new("systemd-analyze");
    // Its pages are installed with it.
    verify.args(["verify", "--man=no"]).args(&units);
    passes(report, "systemd-analyze verify", verify).await?;

    let mut security = Command::new("systemd-analyze");
    security
        .args(["security", "--offline=yes", "--no-pager"])
        .arg(format!("--threshold={EXPOSED}"))
        .arg(&units[0]);
    let output = security.output().await?;
    let text = String::from_utf8_lossy(&output.stdout);
    let score = text.lines().find(|line| line.contains("Overall exposure"));
    let score = score.unwrap_or("systemd-analyze security gave no score");
    report.check(
        score.trim_start_matches(['→', ' ']),
        output.status.success(),
    );
    Ok(())
}

/// Checks that `command` ends with status 0; tells what it said if not.
async fn passes(report: &mut Report, what: &str, mut command: Command) -> Result<(), Failure> {
    let program = command
        .as_std()
        .get_program()
        .to_string_lossy()
        .into_owned();
    let output = command
        .output()
        .await
        .map_err(|error| format!("{program}: {error}; scripts/setup cluster installs it"))?;
    report.check(what, output.status.success());
    if !output.status.success() {
        for text in [&output.stdout, &output.stderr] {
            print!("{}", String::from_utf8_lossy(text));
        }
    }
    Ok(())
}

/// A tool that `scripts/setup cluster` has installed for this repository alone.
fn tool(name: &str) -> Command {
    let path: PathBuf = repository(".tools/cluster/bin").join(name);
    Command::new(path)
}
