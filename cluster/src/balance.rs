//! How sessions spread, and what another gateway brings.

use std::path::Path;
use std::time::Duration;

use tokio::process::Command;

use crate::Failure;
use crate::gateway::Gateway;
use crate::haproxy::SERVERS;
use crate::link::Link;
use crate::report::Report;
use crate::site::Site;

/// Sessions, and as many TCP connections.
const CONNECTIONS: usize = 300;

/// How far the gateway with the most may be from the one with the fewest, of the mean.
const SPREAD: f64 = 0.03;

/// Messages in a measurement, for each gateway. It has one client, which has one on its way:
/// so each message is a wake-up of its own, however many gateways share the processors.
const MESSAGES: u64 = 10_000;

const ROUNDS: usize = 5;

pub(crate) async fn run(program: &Path, report: &mut Report) -> Result<(), Failure> {
    let mut site = Site::start(program).await?;
    spread(&site, report).await?;
    let mut costs: [Vec<f64>; SERVERS] = Default::default();
    for _ in 0..ROUNDS {
        for count in (1..=SERVERS).rev() {
            costs[count - 1].push(cost(program, &site).await?);
            if count > 1 {
                site.stop(count - 1).await?;
                site.is_seen().await?;
            }
        }
        for number in 1..SERVERS {
            site.start_again(number).await?;
        }
        site.is_seen().await?;
    }
    let costs = costs.map(median);
    for (count, cost) in (1..).zip(costs) {
        let ratio = cost / costs[0];
        // No claim: all share two processors here, with HAProxy and the clients.
        report.figure(
            &format!("CPU a message with {count} running"),
            format_args!("{cost:.2} µs, {ratio:.2} of one's"),
        );
    }
    site.finish().await?;
    Ok(())
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

/// What a message takes of the running gateways' processor time, in microseconds.
async fn cost(program: &Path, site: &Site<'_>) -> Result<f64, Failure> {
    let cpu = || {
        site.running()
            .map(Gateway::cpu)
            .sum::<Result<Duration, _>>()
    };
    let count = site.running().count();
    let messages = count as u64 * MESSAGES;
    let before = cpu()?;
    let output = Command::new(program)
        .args(["bench", &format!("ws://{}/ws", site.haproxy.web)])
        .arg(format!("--connections={count}"))
        .args(["--in-flight=1", "--warm-up=0"])
        .arg(format!("--count={messages}"))
        .output()
        .await?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let took = cpu()? - before;
    Ok(took.as_secs_f64() * 1e6 / messages as f64)
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
