//! Scenario `crash`: a gateway is killed without a drain.

use std::path::Path;
use std::time::Duration;

use nix::sys::signal::Signal;

use crate::client::LoadClients;
use crate::connection::LOST;
use crate::deployment::Deployment;
use crate::outcome::{Outcome, seconds};
use crate::report::Report;
use crate::{Failure, wait_until};

/// Clients at each entrypoint.
const CLIENTS: usize = 24;

/// The time limit for reconnecting: many times the longest first wait of the backoff.
const RECONNECT_TIMEOUT: Duration = Duration::from_secs(20);

/// The close code of a Close without one, as the clients send it (RFC 6455, section 7.4.1).
const NO_CODE: u16 = 1005;

pub(crate) async fn run(program: &Path, report: &mut Report) -> Result<(), Failure> {
    let mut deployment = Deployment::start(program).await?;
    let clients = LoadClients::start(CLIENTS, &deployment.entrypoints());
    wait_until_connected(&deployment).await?;
    let victim = deployment.take(1)?;
    let sessions = victim.metric("framegate_sessions").await?;
    let echoes = victim.metric("framegate_echo_connections").await? - sessions;
    victim.signal(Signal::SIGKILL)?;
    victim.ended().await?;
    wait_until_connected(&deployment).await?;
    let tallies = clients.finish().await;
    let logs = deployment.finish().await?;

    let (bridge, echo) = (Outcome::of_bridge(&tallies), Outcome::of_echo(&tallies));
    for (outcome, connections) in [(&bridge, sessions), (&echo, echoes)] {
        outcome.report(report, LOST);
        report.check_equal(
            "reconnects of the killed gateway's clients",
            outcome.reconnects().count(),
            connections as usize,
        );
        let others = outcome.longest_gap(|tally| tally.reconnects.is_empty());
        report.figure("longest gap of the others", seconds(others));
    }
    let others = logs.iter().flat_map(|log| &log.sessions);
    report.check(
        "the other gateways' sessions lasted until their clients closed them",
        others.clone().all(|session| session.code == NO_CODE) && others.count() == CLIENTS,
    );
    Ok(())
}

/// Waits until every client is connected to a gateway that runs.
async fn wait_until_connected(deployment: &Deployment<'_>) -> Result<(), Failure> {
    wait_until(
        RECONNECT_TIMEOUT,
        "all clients to be connected",
        async || {
            let (mut sessions, mut echoes) = (0.0, 0.0);
            for gateway in deployment.running() {
                sessions += gateway.metric("framegate_sessions").await?;
                echoes += gateway.metric("framegate_echo_connections").await?;
            }
            // A session is a client of the echo service, too.
            Ok(sessions == CLIENTS as f64 && echoes == 2.0 * CLIENTS as f64)
        },
    )
    .await
}
