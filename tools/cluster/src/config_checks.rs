//! Scenario `config-checks`: the files of `deploy/` and `packaging/` pass the validators of the
//! programs that read them.

use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tokio::fs;
use tokio::process::Command;

use crate::nginx::Nginx;
use crate::report::Report;
use crate::{Failure, deploy, repository};

/// The highest exposure of the service by `systemd-analyze security`, of 100; systemd's "OK"
/// ends at 49.
const MAX_EXPOSURE: u8 = 15;

pub(crate) async fn run(program: &Path, report: &mut Report) -> Result<(), Failure> {
    let mut haproxy = Command::new("haproxy");
    haproxy
        .args(["-c", "-f"])
        .arg(deploy("haproxy/haproxy.cfg"));
    passes(report, "haproxy -c", haproxy).await?;

    let gateways = [1, 2, 3].map(|last| SocketAddr::from(([127, 0, 1, last], 3001)));
    for (file, count) in [("framegate.conf", 1), ("several-gateways.conf", 3)] {
        let nginx = Nginx::prepare(file, &gateways[..count]).await?;
        let mut command = nginx.command();
        command.arg("-t");
        passes(report, &format!("nginx -t, {file}"), command).await?;
    }

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
    check_kubernetes(report).await?;
    check_options(program, report).await?;
    check_units(program, report).await
}

/// Checks the gateways' options in Kubernetes and Compose with `framegate config`.
async fn check_options(program: &Path, report: &mut Report) -> Result<(), Failure> {
    let documents = yaml("kubernetes/framegate.yaml").await?;
    let text = documents
        .iter()
        .find_map(|it| it["data"]["framegate.toml"].as_str());
    let file = testkit::temp_file(text.ok_or("no framegate.toml in Kubernetes")?)?;
    let mut config = Command::new(program);
    config.args(["config", "--config"]).arg(file.path());
    passes(
        report,
        "framegate config with the options in Kubernetes",
        config,
    )
    .await?;

    let documents = yaml("compose/compose.yaml").await?;
    let variables = documents[0]["services"]["gateway1"]["environment"].as_object();
    let variables = variables.ok_or("no environment in Compose")?;
    let mut config = Command::new(program);
    config.arg("config");
    for (name, value) in variables {
        config.env(
            name,
            value.as_str().ok_or("a variable that is not a string")?,
        );
    }
    let shown = config.output().await?.stdout;
    let shown = String::from_utf8_lossy(&shown);
    let known = shown.lines().filter(|it| it.ends_with("# environment"));
    report.check_equal(
        "variables in Compose that framegate config accepts",
        known.count(),
        variables.len(),
    );
    Ok(())
}

/// Parses the documents of a YAML file in `deploy/`.
async fn yaml(name: &str) -> Result<Vec<Value>, Failure> {
    // Parsed by the YAML library that the validators use.
    let to_json = "import json, sys, yaml; print(json.dumps(list(yaml.safe_load_all(sys.stdin))))";
    let output = tool("python")
        .args(["-c", to_json])
        .stdin(File::open(deploy(name))?)
        .output()
        .await?;
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Checks Kubernetes' files: strictly, without unknown fields, by Kubernetes' own schemas, and
/// those of the Gateway API by its own.
async fn check_kubernetes(report: &mut Report) -> Result<(), Failure> {
    let mut own = tool("kubernetes-validate");
    own.args(["--strict", "--quiet"])
        .arg(deploy("kubernetes/framegate.yaml"))
        .arg(deploy("kubernetes/autoscaling.yaml"))
        .arg(deploy("kubernetes/resume-services.yaml"));
    passes(report, "Kubernetes' schemas, strictly", own).await?;
    let mut gateway_api = Command::new("node");
    gateway_api
        .arg(repository("tools/cluster/gateway-api/validate.mjs"))
        .arg(deploy("kubernetes/routes.yaml"))
        .arg(deploy("kubernetes/resume-routes.yaml"));
    passes(report, "the Gateway API's schemas", gateway_api).await
}

/// Checks the systemd units, with `program` in place of the installed binary.
async fn check_units(program: &Path, report: &mut Report) -> Result<(), Failure> {
    let dir = testkit::tempdir()?;
    let program = std::path::absolute(program)?;
    let units = [
        "framegate.service",
        "framegate-http.socket",
        "framegate-tcp.socket",
    ];
    for unit in units {
        let text = fs::read_to_string(repository("packaging/systemd").join(unit)).await?;
        let text = text.replace("/usr/bin/framegate", &program.to_string_lossy());
        fs::write(dir.path().join(unit), text).await?;
    }
    let units = units.map(|unit| dir.path().join(unit));
    let mut verify = Command::new("systemd-analyze");
    // The manual pages that the units name come with the package.
    verify.args(["verify", "--man=no"]).args(&units);
    passes(report, "systemd-analyze verify", verify).await?;

    let mut security = Command::new("systemd-analyze");
    security
        .args(["security", "--offline=yes", "--no-pager"])
        .arg(format!("--threshold={MAX_EXPOSURE}"))
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

/// Checks that `command` ends with status 0; prints its output if not.
async fn passes(report: &mut Report, claim: &str, mut command: Command) -> Result<(), Failure> {
    let program = command
        .as_std()
        .get_program()
        .to_string_lossy()
        .into_owned();
    let output = command
        .output()
        .await
        .map_err(|error| format!("{program}: {error}; scripts/setup cluster installs it"))?;
    report.check(claim, output.status.success());
    if !output.status.success() {
        for text in [&output.stdout, &output.stderr] {
            print!("{}", String::from_utf8_lossy(text));
        }
    }
    Ok(())
}

/// A tool that `scripts/setup cluster` has installed in this repository.
fn tool(name: &str) -> Command {
    let path: PathBuf = repository(".tools/cluster/bin").join(name);
    Command::new(path)
}
