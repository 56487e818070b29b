//! Framings: framegate's rate with each, as a part of its rate with `u32le` in the same round.

use crate::contender::{Contender, FRAMEGATE, Kind};
use crate::measure::Setup;
use crate::table::{Table, median, short};
use crate::workload::{LOADS, Workload};

/// The first is the 1.00 of the ratios.
const FRAMINGS: [&str; 5] = [
    "u32le",
    "1+u32be-inclusive",
    "lines",
    "json",
    "whole:1+u32be-inclusive",
];
/// Floods of short messages, and long messages.
const WORKLOADS: [&str; 2] = ["w3", "w4"];

/// Measures echo service and bridge with each framing; returns a table for each. The bridge's
/// upstream is framegate's echo service.
pub(crate) async fn run(setup: &Setup, contenders: &[Contender], rounds: usize) -> Vec<Table> {
    let find = |name| contenders.iter().find(|it| it.name == name);
    let Some(echo) = find(FRAMEGATE[0]) else {
        return Vec::new();
    };
    let mut tables = Vec::new();
    for contender in FRAMEGATE.into_iter().filter_map(find) {
        tables.push(compare(setup, contender, echo, rounds).await);
    }
    tables
}

async fn compare(setup: &Setup, contender: &Contender, echo: &Contender, rounds: usize) -> Table {
    let workloads: Vec<_> = LOADS
        .into_iter()
        .filter(|workload| WORKLOADS.contains(&workload.name))
        .collect();
    // By framing and workload, a rate for each round.
    let mut rates = vec![vec![Vec::new(); workloads.len()]; FRAMINGS.len()];
    for _ in 0..rounds {
        for (framing, rates) in FRAMINGS.into_iter().zip(&mut rates) {
            for (workload, rates) in workloads.iter().zip(rates) {
                rates.push(rate(setup, contender, echo, framing, workload).await);
            }
        }
    }
    let title = match contender.kind {
        Kind::Echo => "echo: messages per server-CPU second",
        Kind::Bridge | Kind::TlsBridge => "bridge: messages per server-CPU second",
    };
    let mut table = Table::new(title, workloads.iter().map(|workload| workload.name));
    for (framing, rates_of) in FRAMINGS.into_iter().zip(&rates) {
        let cells = rates_of.iter().zip(&rates[0]);
        table.push(
            framing,
            cells
                .map(|(rates, of_u32le)| cell(rates, of_u32le))
                .collect(),
        );
    }
    table
}

/// Returns the messages per server-CPU second; `None`, after a message, if one is wrong.
async fn rate(
    setup: &Setup,
    contender: &Contender,
    echo: &Contender,
    framing: &'static str,
    workload: &Workload,
) -> Option<f64> {
    let (contender, echo) = (contender.with_framing(framing), echo.with_framing(framing));
    let figures = setup.measure(&contender, &echo, workload).await;
    let figures = figures.inspect_err(|error| eprintln!("{framing} {}: {error}", workload.name));
    Some(figures.ok()?.server.messages_per_cpu_second)
}

/// Returns the median rate, and the median of the ratios to `u32le` in the same round.
fn cell(rates: &[Option<f64>], of_u32le: &[Option<f64>]) -> String {
    let ratio = |(rate, base): (&Option<f64>, &Option<f64>)| Some((*rate)? / (*base)?);
    let ratios = rates.iter().zip(of_u32le).filter_map(ratio).collect();
    let rates = rates.iter().copied().flatten().collect();
    match (median(rates), median(ratios)) {
        (Some(rate), Some(ratio)) => format!("{} = {ratio:.2}", short(rate)),
        _ => "–".into(),
    }
}
