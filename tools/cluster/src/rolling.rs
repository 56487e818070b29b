//! Scenario `rolling`: a rolling update. The gateways drain, end and restart one by one, under
//! the load of WebSocket and TCP clients.

use std::path::Path;
use std::time::Instant;

use crate::Failure;
use crate::client::LoadClients;
use crate::connection::LOST;
use crate::deployment::Deployment;
use crate::gateway::GatewayLog;
use crate::haproxy::SERVERS;
use crate::outcome::{Outcome, seconds};
use crate::report::Report;

/// Clients at each entrypoint.
const CLIENTS: usize = 24;

/// The close code of a drain (RFC 6455, section 7.4.1).
const GOING_AWAY: u16 = 1001;

pub(crate) async fn run(program: &Path, report: &mut Report) -> Result<(), Failure> {
    let mut deployment = Deployment::start(program).await?;
    let clients = LoadClients::start(CLIENTS, &deployment.entrypoints());
    let started = Instant::now();
    for number in 0..SERVERS {
        deployment.stop(number).await?;
        deployment.restart(number).await?;
        deployment.wait_for_health_checks().await?;
    }
    report.figure("rolling update", seconds(started.elapsed()));
    let tallies = clients.finish().await;
    let logs = deployment.finish().await?;
    let (bridge, echo) = (Outcome::of_bridge(&tallies), Outcome::of_echo(&tallies));
    bridge.report(report, GOING_AWAY);
    echo.report(report, LOST);
    compare(report, &logs, &bridge, &echo);
    Ok(())
}

/// Compares the gateways' logs with the clients' counts: no message that was sent again had
/// been forwarded before, so each was answered once.
fn compare(report: &mut Report, logs: &[GatewayLog], bridge: &Outcome<'_>, echo: &Outcome<'_>) {
    let sum = |of: fn(&GatewayLog) -> u64| logs.iter().map(of).sum::<u64>();
    let (sent, received) = (sum(GatewayLog::sent), sum(GatewayLog::received));
    let sessions = logs.iter().flat_map(|log| &log.sessions);
    let incomplete = sessions.filter(|session| session.sent != session.received);
    report.check_equal("sessions with missing replies", incomplete.count(), 0);
    report.check_equal("messages in the gateways' logs", sent, bridge.replies());
    report.check_equal("replies in the gateways' logs", received, bridge.replies());
    // The sessions are clients of the echo service, too.
    let direct = sum(|log| log.echoed).saturating_sub(sent);
    report.check_equal("replies to TCP clients in the logs", direct, echo.replies());
    for warning in logs.iter().flat_map(|log| &log.warnings) {
        report.fail(format_args!("a gateway warned: {warning}"));
    }
    report.check(
        "every gateway drained, and ended with status 0",
        logs.iter().all(|log| log.succeeded),
    );
}
