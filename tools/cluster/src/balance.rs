//! Scenario `balance`: how evenly connections are balanced, and how the cost of a message
//! scales with the number of gateways.

use std::path::Path;
use std::time::Duration;

use tokio::process::Command;

use crate::Failure;
use crate::affinity::Affinity;
use crate::connection::Connection;
use crate::deployment::Deployment;
use crate::gateway::Gateway;
use crate::haproxy::SERVERS;
use crate::report::Report;

/// Connections at each entrypoint.
const CONNECTIONS: usize = 300;

/// The largest difference between the gateways' numbers of connections, relative to the mean.
const MAX_SPREAD: f64 = 0.03;

/// The load on each gateway in a measurement, whatever their number.
struct Load {
    /// Messages in flight in each session.
    in_flight: u32,
    messages: u64,
}

/// Single messages, of which each wakes the gateway; and several at a time.
const LOADS: [Load; 2] = [
    Load {
        in_flight: 1,
        messages: 12_000,
    },
    Load {
        in_flight: 16,
        messages: 100_000,
    },
];

/// Sessions for each gateway.
const SESSIONS: usize = 4;

/// The highest cost of a message with several gateways, relative to one gateway. It may be
/// below 1: while one gateway has the processor, messages for the others gather.
const MAX_COST_RATIO: f64 = 1.25;

const ROUNDS: usize = 11;

pub(crate) async fn run(program: &Path, report: &mut Report) -> Result<(), Failure> {
    let affinity = Affinity::of_this_thread()?;
    // The gateways have a processor to themselves: otherwise the figures would depend on the
    // work of HAProxy and the clients between two messages.
    let deployment = Deployment::start_pinned(program, &affinity).await?;
    check_spread(&deployment, report).await?;
    for load in LOADS {
        // Warm-up: code is loaded and memory grows.
        measure_cost(program, &deployment, SERVERS, &load).await?;
        let mut rounds = Vec::new();
        for _ in 0..ROUNDS {
            let mut costs = [0.0; SERVERS];
            for (count, measured) in (1..).zip(&mut costs) {
                *measured = measure_cost(program, &deployment, count, &load).await?;
            }
            rounds.push(costs);
        }
        check_costs(&load, &rounds, report);
    }
    deployment.finish().await?;
    Ok(())
}

/// Prints the CPU time of a message for each number of gateways, and checks the ratios.
fn check_costs(load: &Load, rounds: &[[f64; SERVERS]], report: &mut Report) {
    let costs = |at: usize| rounds.iter().map(move |costs| costs[at]);
    let each = format!("{} in flight in each session", load.in_flight);
    report.figure(
        &format!("CPU a message, {each}, one gateway"),
        format_args!("{:.2} µs", median(costs(0))),
    );
    for count in 2..=SERVERS {
        let ratios = || rounds.iter().map(move |costs| costs[count - 1] / costs[0]);
        let ratio = median(ratios());
        let least = ratios().fold(f64::MAX, f64::min);
        let most = ratios().fold(f64::MIN, f64::max);
        let cost = median(costs(count - 1));
        report.check(
            format_args!(
                "{count} gateways: {cost:.2} µs, {ratio:.2} of one's ({least:.2} to {most:.2})"
            ),
            ratio <= MAX_COST_RATIO,
        );
    }
}

/// Opens connections at both entrypoints, and checks how evenly they are balanced.
async fn check_spread(deployment: &Deployment<'_>, report: &mut Report) -> Result<(), Failure> {
    let mut open = Vec::new();
    for _ in 0..CONNECTIONS {
        for entrypoint in deployment.entrypoints() {
            open.push(Connection::open(entrypoint).await?);
        }
    }
    for metric in ["framegate_sessions", "framegate_echo_connections"] {
        let mut counts = Vec::new();
        for gateway in deployment.running() {
            counts.push(gateway.metric(metric).await?);
        }
        let mean = counts.iter().sum::<f64>() / counts.len() as f64;
        let most = counts.iter().copied().fold(f64::MIN, f64::max);
        let fewest = counts.iter().copied().fold(f64::MAX, f64::min);
        let spread = (most - fewest) / mean;
        report.check(
            format_args!("{metric}: {counts:?}, {:.1} % apart", spread * 100.0),
            spread <= MAX_SPREAD,
        );
    }
    for mut connection in open {
        connection.close().await;
    }
    Ok(())
}

/// Puts `load` on each of `count` gateways; returns the CPU time of a message, in microseconds.
async fn measure_cost(
    program: &Path,
    deployment: &Deployment<'_>,
    count: usize,
    load: &Load,
) -> Result<f64, Failure> {
    let gateways = || deployment.running().map(Gateway::cpu);
    let cpu = || gateways().sum::<Result<Duration, _>>();
    deployment.haproxy.use_first(count).await?;
    let messages = count as u64 * load.messages;
    let before = cpu()?;
    let output = Command::new(program)
        .args(["bench", &format!("ws://{}/ws", deployment.haproxy.web())])
        .arg(format!("--connections={}", count * SESSIONS))
        .arg(format!("--in-flight={}", load.in_flight))
        .arg(format!("--count={messages}"))
        .arg("--warm-up=0")
        .output()
        .await?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let used = cpu()? - before;
    Ok(used.as_secs_f64() * 1e6 / messages as f64)
}

fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<_> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
