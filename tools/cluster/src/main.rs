//! Runs gateways behind the balancers of `deploy/`, breaks what breaks in operation, and
//! tells what was lost: nothing, or it exits with 1.
//!
//! `make cluster-test` builds and runs it.

mod balance;
mod client;
mod crash;
mod files;
mod gateway;
mod haproxy;
mod http;
mod link;
mod monitoring;
mod nginx;
mod outcome;
mod processors;
mod report;
mod rolling;
mod site;
mod subpath;

use std::error::Error;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{Parser, ValueEnum};
use tokio::net::TcpStream;

use crate::report::Report;

/// Why a scenario could not be gone through.
type Failure = Box<dyn Error + Send + Sync>;

/// Runs gateways behind balancers, and sees that nothing is lost
#[derive(Debug, Parser)]
#[command(name = "make cluster-test ARGS=\"...\"")]
struct Args {
    /// Only these [default: all]
    scenarios: Vec<Scenario>,

    /// The gateway, with its page inside
    #[arg(long, value_name = "FILE", default_value = "target/release/framegate")]
    framegate: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Scenario {
    /// The files of deploy/ and packaging/ are what their readers take
    Files,
    /// Gateways are replaced one by one, under load
    Rolling,
    /// One gateway is killed
    Crash,
    /// How sessions spread, and that another gateway makes no message dearer
    Balance,
    /// nginx in front, by TLS and under a sub-path: page, token, origin, and 70 s of silence
    Subpath,
    /// Prometheus reaches all, and the dashboard's queries have data
    Monitoring,
}

impl Scenario {
    async fn run(self, framegate: &Path, report: &mut Report) -> Result<(), Failure> {
        let title = self.to_possible_value();
        let title = title.as_ref();
        let name = title.map_or("", |title| title.get_name());
        let help = title.and_then(|title| title.get_help());
        report.title(&format!(
            "{name}: {}",
            help.map(ToString::to_string).unwrap_or_default()
        ));
        match self {
            Self::Files => files::run(framegate, report).await,
            Self::Rolling => rolling::run(framegate, report).await,
            Self::Crash => crash::run(framegate, report).await,
            Self::Balance => balance::run(framegate, report).await,
            Self::Subpath => subpath::run(framegate, report).await,
            Self::Monitoring => monitoring::run(framegate, report).await,
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    let chosen = match args.scenarios.as_slice() {
        [] => Scenario::value_variants(),
        chosen => chosen,
    };
    let mut report = Report::default();
    for scenario in chosen {
        if let Err(error) = scenario.run(&args.framegate, &mut report).await {
            report.check(error, false);
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

/// A file of this repository.
fn repository(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name)
}

/// A file of `deploy/`.
fn deploy(name: &str) -> PathBuf {
    repository("deploy").join(name)
}

/// An address of `ip` that nobody listens on.
fn free_addr(ip: impl Into<IpAddr>) -> Result<SocketAddr, Failure> {
    Ok(TcpListener::bind((ip.into(), 0))?.local_addr()?)
}

/// Waits until somebody listens at `addr`.
async fn listens(addr: SocketAddr) -> Result<(), Failure> {
    until(
        Duration::from_secs(15),
        &format!("{addr} to listen"),
        async || Ok(TcpStream::connect(addr).await.is_ok()),
    )
    .await
}

/// Asks again and again, until it `is_so`: other programs do not say when.
///
/// # Errors
/// Its own, or that it is not so after all of `patience`.
async fn until(
    patience: Duration,
    what: &str,
    is_so: impl AsyncFn() -> Result<bool, Failure>,
) -> Result<(), Failure> {
    let deadline = Instant::now() + patience;
    while !is_so().await? {
        if Instant::now() > deadline {
            return Err(format!("waited {patience:?} in vain for {what}").into());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}
