//! Cluster test: several gateways behind the load balancers of `deploy/`, with restarts and
//! crashes under load. Exits with 1 if a message is lost or another check fails.
//!
//! `make cluster-test` builds and runs it.

mod affinity;
mod balance;
mod client;
mod config_checks;
mod connection;
mod crash;
mod deployment;
mod gateway;
mod haproxy;
mod http;
mod links;
mod monitoring;
mod network;
mod nginx;
mod nginx_deployment;
mod outage;
mod outcome;
mod report;
mod resume;
mod rolling;
mod subpath;

use std::error::Error;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{Parser, ValueEnum};
use testkit::{ServerProcess, wait_until_listening};
use tokio::process::Command;

use crate::report::Report;

/// The reason why a scenario could not be finished.
type Failure = Box<dyn Error + Send + Sync>;

/// Restarts and kills gateways behind load balancers, and checks that no message is lost
#[derive(Debug, Parser)]
#[command(name = "make cluster-test ARGS=\"...\"")]
struct Args {
    /// The scenarios to run [default: all]
    scenarios: Vec<Scenario>,

    /// The gateway's binary, with the page embedded
    #[arg(long, value_name = "FILE", default_value = "target/release/framegate")]
    framegate: PathBuf,
}

/// A part of the test. Its name and the help of its variant are the title of its report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Scenario {
    /// The files of deploy/ and packaging/ are valid
    ConfigChecks,
    /// The gateways are restarted one by one, under load
    Rolling,
    /// A gateway is killed, under load
    Crash,
    /// Clients that lose their connections come back to their gateway; one that was killed has
    /// lost its sessions
    Resume,
    /// As resume, behind nginx with TLS, which is restarted to cut the connections
    ResumeNginx,
    /// Sessions are balanced evenly, and a message costs the same with more gateways
    Balance,
    /// nginx with TLS and a sub-path: page, token, Origin, and 70 s of silence
    Subpath,
    /// Links go dead, are slow, or come back: who is alive is kept, and nobody else (as root)
    Links,
    /// A client sleeps; another one's link is down for 20 s under load, and comes back with
    /// another address: resumable sessions lose nothing (as root)
    Outage,
    /// Prometheus scrapes every gateway, and the dashboard's queries have data
    Monitoring,
}

impl Scenario {
    async fn run(self, framegate: &Path, report: &mut Report) -> Result<(), Failure> {
        if let Some(value) = self.to_possible_value() {
            let help = value.get_help().map(ToString::to_string);
            report.title(&format!(
                "{}: {}",
                value.get_name(),
                help.unwrap_or_default()
            ));
        }
        match self {
            Self::ConfigChecks => config_checks::run(framegate, report).await,
            Self::Rolling => rolling::run(framegate, report).await,
            Self::Crash => crash::run(framegate, report).await,
            Self::Resume => resume::run(framegate, report).await,
            Self::ResumeNginx => resume::run_behind_nginx(framegate, report).await,
            Self::Balance => balance::run(framegate, report).await,
            Self::Subpath => subpath::run(framegate, report).await,
            Self::Links => links::run(framegate, report).await,
            Self::Outage => outage::run(framegate, report).await,
            Self::Monitoring => monitoring::run(framegate, report).await,
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    let scenarios = match args.scenarios.as_slice() {
        [] => Scenario::value_variants(),
        scenarios => scenarios,
    };
    let mut report = Report::default();
    for scenario in scenarios {
        if let Err(error) = scenario.run(&args.framegate, &mut report).await {
            report.fail(error);
        }
    }
    match report.failed() {
        0 => ExitCode::SUCCESS,
        failed => {
            println!("\n{failed} failed");
            ExitCode::FAILURE
        }
    }
}

/// The path of a file in this repository.
fn repository(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(name)
}

/// The path of a file in `deploy/`.
fn deploy(name: &str) -> PathBuf {
    repository("deploy").join(name)
}

/// Starts a third-party server, and waits until it listens on `addrs`.
async fn start_server(
    command: &mut Command,
    addrs: &[SocketAddr],
) -> Result<ServerProcess, Failure> {
    let program = command.as_std().get_program();
    let program = program.to_string_lossy().into_owned();
    let server = ServerProcess::spawn(command)
        .map_err(|error| format!("{program} does not start: {error}"))?;
    for &addr in addrs {
        let listening = wait_until_listening(addr).await;
        listening.map_err(|error| format!("{program} does not listen on {addr}: {error}"))?;
    }
    Ok(server)
}

/// Polls `condition` until it is true, for programs that do not report events.
///
/// # Errors
/// Its own, or a timeout.
async fn wait_until(
    timeout: Duration,
    event: &str,
    condition: impl AsyncFn() -> Result<bool, Failure>,
) -> Result<(), Failure> {
    let deadline = Instant::now() + timeout;
    while !condition().await? {
        if Instant::now() > deadline {
            return Err(format!("waited {timeout:?} in vain for {event}").into());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}
