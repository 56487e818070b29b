//! Benchmark: measures framegate and other servers under the same loads, and prints tables
//! with ratios to a reference in C.
//!
//! `make bench` builds and runs it; README.md describes the method.

mod cipher;
mod compare;
mod contender;
mod deflate;
mod framings;
mod handshakes;
mod linear;
mod measure;
mod program;
mod reference;
mod resumable;
mod server;
mod table;
mod tls;
mod variants;
mod workload;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use crate::compare::Comparison;
use crate::contender::{C_ECHO, Contender, FRAMEGATE};
use crate::measure::Setup;
use crate::server::Cpus;
use crate::workload::{IDLE, LOADS, OPEN, Workload};

/// Measures framegate and other servers under the same loads
#[derive(Debug, Parser)]
#[command(name = "make bench ARGS=\"...\"")]
struct Args {
    /// The workloads to run, for example w2,w3,idle [default: all]
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    workloads: Vec<String>,

    /// The contenders to measure, for example c-bridge,framegate-bridge [default: all that are
    /// installed]
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    contenders: Vec<String>,

    /// Measurements of each contender under each workload
    #[arg(long, value_name = "N", default_value = "3", value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,

    /// The length of a measurement
    #[arg(long, value_name = "DURATION", default_value = "1s")]
    time: humantime::Duration,

    /// One short round: a test of the benchmark, not figures to quote
    #[arg(long, conflicts_with_all = ["rounds", "time"])]
    quick: bool,

    /// Measure scaling instead: 1 to 10,000 sessions, payloads of 1 B to 16 MiB
    #[arg(long, conflicts_with = "workloads")]
    linear: bool,

    /// Measure framegate with other framings instead, as parts of the rate with u32le
    #[arg(long, conflicts_with_all = ["linear", "workloads", "contenders"])]
    framings: bool,

    /// Measure resumable sessions instead, as parts of the rate of plain ones
    #[arg(long, conflicts_with_all = ["linear", "framings", "workloads", "contenders"])]
    resumable: bool,

    /// Measure the TLS handshakes a second of the server's processor instead, new and resumed
    #[arg(long, conflicts_with_all = ["linear", "framings", "resumable", "workloads"])]
    handshakes: bool,

    /// Measure permessage-deflate instead: bytes on the wire, and JSON messages a second of the
    /// server's processor, beside npm's ws
    #[arg(long, conflicts_with_all = ["linear", "framings", "resumable", "handshakes", "workloads", "contenders"])]
    deflate: bool,

    /// The server's processors, as taskset -c takes them; "any" leaves the choice to the system
    #[arg(long, value_name = "LIST", default_value = "0")]
    server_cpus: Cpus,

    /// The processors of the client and of a bridge's upstream [default: 1, if there is one]
    #[arg(long, value_name = "LIST")]
    client_cpus: Option<Cpus>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let args = Args::parse();
    match run(&args).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::from(2)
        }
    }
}

async fn run(args: &Args) -> Result<(), String> {
    let reference = reference::build();
    tls::write_certificate().map_err(|error| format!("no certificate: {error}"))?;
    let (all, absent) = contender::all(reference.as_deref());
    absent.iter().for_each(|reason| eprintln!("{reason}"));
    // The upstream of all bridges: the fastest echo server, as its work does not count.
    let upstream = [C_ECHO, FRAMEGATE[0]].map(|name| all.iter().find(|c| c.name == name));
    let upstream = upstream.into_iter().flatten().next();
    let upstream = upstream.ok_or("there is no echo server for the bridges' upstream")?;
    let upstream = upstream.clone();
    let contenders = select(all, |c: &Contender| c.name, &args.contenders)?;
    let setup = setup(args);
    if args.linear {
        let tables = linear::run(&setup, &contenders, &upstream).await;
        tables.iter().for_each(|table| print!("\n{table}"));
        return Ok(());
    }
    let rounds = if args.quick { 1 } else { args.rounds.into() };
    if args.framings {
        let tables = framings::run(&setup, &contenders, rounds).await;
        tables.iter().for_each(|table| print!("\n{table}"));
        return Ok(());
    }
    if args.resumable {
        let table = resumable::run(&setup, &contenders, &upstream, rounds).await;
        table.iter().for_each(|table| print!("\n{table}"));
        return Ok(());
    }
    if args.handshakes {
        let table = handshakes::run(&setup, &contenders, &upstream, rounds).await?;
        print!("\n{table}");
        return Ok(());
    }
    if args.deflate {
        let (contenders, absent) = contender::with_deflate(reference.as_deref());
        absent.iter().for_each(|reason| eprintln!("{reason}"));
        let tables = deflate::run(&setup, &contenders, &upstream, rounds).await?;
        tables.iter().for_each(|table| print!("\n{table}"));
        return Ok(());
    }
    let workloads: Vec<_> = LOADS.into_iter().chain([IDLE, OPEN]).collect();
    let workloads = select(workloads, |w: &Workload| w.name, &args.workloads)?;
    let comparison = Comparison::run(&setup, &contenders, &upstream, &workloads, rounds).await;
    let tables = comparison.tables();
    tables.iter().for_each(|table| print!("\n{table}"));
    Ok(())
}

fn setup(args: &Args) -> Setup {
    let time = if args.quick {
        Duration::from_millis(300)
    } else {
        args.time.into()
    };
    Setup {
        time,
        warm_up: time / 3,
        server_cpus: args.server_cpus.clone(),
        client_cpus: args.client_cpus.clone().unwrap_or_else(Cpus::second),
    }
}

/// Returns those of `all` that `wanted` names; all of them if `wanted` is empty.
fn select<T>(all: Vec<T>, name: fn(&T) -> &str, wanted: &[String]) -> Result<Vec<T>, String> {
    let names: Vec<_> = all.iter().map(name).collect();
    if let Some(unknown) = wanted
        .iter()
        .find(|wanted| !names.contains(&wanted.as_str()))
    {
        let names = names.join(", ");
        return Err(format!(
            "there is no {unknown:?} here, expected some of: {names}"
        ));
    }
    let is_wanted = |it: &T| wanted.is_empty() || wanted.iter().any(|w| w == name(it));
    Ok(all.into_iter().filter(is_wanted).collect())
}
