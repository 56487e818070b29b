//! How sessions spread, and what another gateway brings.

use std::path::Path;
use std::time::Duration;

use tokio::process::Command;

use crate::Failure;
use crate::gateway::Gateway;
use crate::haproxy::SERVERS;
use crate::link::Link;
use crate::processors::Processors;
use crate::report::Report;
use crate::site::Site;

/// Sessions, and as many TCP connections.
const CONNECTIONS: usize = 300;

/// How far the gateway with the most may be from the one with the fewest, of the mean.
const SPREAD: f64 = 0.03;

/// What each gateway is asked in a measurement, however many there are.
struct Load {
    /// Messages that each of its sessions has on their way.
    in_flight: u32,
    messages: u64,
}

/// Awaited messages, of which each is a wake-up; and such as come several at a time.
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

/// What a message may cost at most with more gateways, in parts of what it costs with one.
/// It may cost less: while one has their processor, messages for the others gather.
const DEARER: f64 = 1.25;

const ROUNDS: usize = 11;

pub(crate) async fn run(program: &Path, report: &mut Report) -> Result<(), Failure> {
    let processors = Processors::own()?;
    // All gateways share a processor with nobody else of this test: what HAProxy and the
    // clients do between two messages, and where, would be in the figures otherwise.
    let site = Site::start_apart(program, &processors).await?;
    spread(&site, report).await?;
    for load in LOADS {
        // Code is loaded and memory grows.
        cost(program, &site, SERVERS, &load).await?;
        let mut rounds = Vec::new();
        for _ in 0..ROUNDS {
            let mut costs = [0.0; SERVERS];
            for (count, measured) in (1..).zip(&mut costs) {
                *measured = cost(program, &site, count, &load).await?;
            }
            rounds.push(costs);
        }
        compare(&load, &rounds, report);
    }
    site.finish().await?;
    Ok(())
}

/// Tells what a message took with each number of gateways, and whether it got dearer.
fn compare(load: &Load, rounds: &[[f64; SERVERS]], report: &mut Report) {
    let costs = |at: usize| rounds.iter().map(move |costs| costs[at]);
    let each = format!("{} on the way in each session", load.in_flight);
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
            ratio <= DEARER,
        );
    }
}

/// Opens connections at both doors, and looks where they went.
async fn spread(site: &Site<'_>, report: &mut Report) -> Result<(), Failure> {
    let mut open = Vec::new();
    for _ in 0..CONNECTIONS {
        for door in site.doors() {
            open.push(Link::open(door).await?);
        }
    }
    for metric in ["framegate_sessions", "framegate_echo_connections"] {
        let mut counts = Vec::new();
        for gateway in site.running() {
            counts.push(gateway.metric(metric).await?);
        }
        let mean = counts.iter().sum::<f64>() / counts.len() as f64;
        let most = counts.iter().copied().fold(f64::MIN, f64::max);
        let fewest = counts.iter().copied().fold(f64::MAX, f64::min);
        let spread = (most - fewest) / mean;
        report.check(
            format_args!("{metric}: {counts:?}, {:.1} % apart", spread * 100.0),
            spread <= SPREAD,
        );
    }
    for mut link in open {
        link.close().await;
    }
    Ok(())
}

/// Has `count` gateways asked what `load` says; returns the processor time that they took for
/// a message, in microseconds.
async fn cost(program: &Path, site: &Site<'_>, count: usize, load: &Load) -> Result<f64, Failure> {
    let cpu = || {
        site.running()
            .map(Gateway::cpu)
            .sum::<Result<Duration, _>>()
    };
    site.haproxy.use_first(count).await?;
    let messages = count as u64 * load.messages;
    let before = cpu()?;
    let output = Command::new(program)
        .args(["bench", &format!("ws://{}/ws", site.haproxy.web)])
        .arg(format!("--connections={}", count * SESSIONS))
        .arg(format!("--in-flight={}", load.in_flight))
        .arg(format!("--count={messages}"))
        .arg("--warm-up=0")
        .output()
        .await?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let took = cpu()? - before;
    Ok(took.as_secs_f64() * 1e6 / messages as f64)
}

fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<_> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
