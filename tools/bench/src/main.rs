//! Measures framegate beside others that do the same work, and prints tables of ratios.
//!
//! `make bench` builds and runs it; README.md says how figures are taken.

mod compare;
mod contender;
mod linear;
mod measure;
mod reference;
mod server;
mod table;
mod workload;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use crate::compare::Comparison;
use crate::contender::{C_ECHO, Contender, OURS};
use crate::measure::Setup;
use crate::server::Cpus;
use crate::workload::{IDLE, LOADS, OPEN, Workload};

/// Measures framegate beside others that do the same work
#[derive(Debug, Parser)]
#[command(name = "make bench ARGS=\"...\"")]
struct Args {
    /// Only these, as w2,w3,idle [default: all]
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    workloads: Vec<String>,

    /// Only these, as c-bridge,framegate-bridge [default: all that are installed]
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    contenders: Vec<String>,

    /// How often each is measured
    #[arg(long, value_name = "N", default_value = "3", value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,

    /// How long each is measured, each time
    #[arg(long, value_name = "DURATION", default_value = "1s")]
    time: humantime::Duration,

    /// One short round: to see that it works, not to quote
    #[arg(long, conflicts_with_all = ["rounds", "time"])]
    quick: bool,

    /// Instead, let sessions grow from 1 to 10,000, and payloads from 1 B to 16 MiB
    #[arg(long, conflicts_with = "workloads")]
    linear: bool,

    /// On which processors the server is, as taskset -c takes it; "any" leaves it to the system
    #[arg(long, value_name = "LIST", default_value = "0")]
    server_cpus: Cpus,

    /// On which the client is, and what stands behind a bridge [default: 1, if there is one]
    #[arg(long, value_name = "LIST")]
    client_cpus: Option<Cpus>,
}

fn main() -> ExitCode {
    let args = Args::parse();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(args: &Args) -> Result<(), String> {
    let reference = reference::build();
    let (all, absent) = contender::all(reference.as_deref());
    absent.iter().for_each(|why| eprintln!("{why}"));
    // A bridge's upstream takes no part in its figures: the fastest there is.
    let upstream = [C_ECHO, OURS[0]].map(|name| all.iter().find(|c| c.name == name));
    let upstream = upstream.into_iter().flatten().next();
    let upstream = upstream
        .ok_or("there is no echo server to stand behind bridges")?
        .clone();
    let contenders = chosen(all, |c: &Contender| c.name, &args.contenders)?;
    let setup = setup(args);
    if args.linear {
        let tables = linear::run(&setup, &contenders, &upstream);
        tables.iter().for_each(|table| print!("\n{table}"));
        return Ok(());
    }
    let workloads: Vec<_> = LOADS.into_iter().chain([IDLE, OPEN]).collect();
    let workloads = chosen(workloads, |w: &Workload| w.name, &args.workloads)?;
    let rounds = if args.quick { 1 } else { args.rounds.into() };
    let comparison = Comparison::run(&setup, &contenders, &upstream, &workloads, rounds);
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

/// Those of `all` that are named in `wanted`, or all of them.
fn chosen<T>(all: Vec<T>, name: fn(&T) -> &str, wanted: &[String]) -> Result<Vec<T>, String> {
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
