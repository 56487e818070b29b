//! A new version is rolled out: one gateway after the other drains, ends and starts again,
//! while WebSocket and TCP clients are at work.

use std::path::Path;
use std::time::Instant;

use crate::Failure;
use crate::client::Crowd;
use crate::gateway::Life;
use crate::haproxy::SERVERS;
use crate::link::LOST;
use crate::outcome::{Outcome, seconds};
use crate::report::Report;
use crate::site::Site;

/// Clients at each door.
const CLIENTS: usize = 24;

/// What a Close says that a drain sends (RFC 6455, section 7.4.1).
const AWAY: u16 = 1001;

pub(crate) async fn run(program: &Path, report: &mut Report) -> Result<(), Failure> {
    let mut site = Site::start(program).await?;
    let crowd = Crowd::start(CLIENTS, &site.doors());
    let started = Instant::now();
    for number in 0..SERVERS {
        site.stop(number).await?;
        site.start_again(number).await?;
        site.is_seen().await?;
    }
    report.figure("roll-out", seconds(started.elapsed()));
    let tallies = crowd.finish().await;
    let lives = site.finish().await?;
    let (bridge, echo) = (Outcome::of_bridge(&tallies), Outcome::of_echo(&tallies));
    bridge.tell(report, AWAY);
    echo.tell(report, LOST);
    compare(report, &lives, &bridge, &echo);
    Ok(())
}

/// Holds what the gateways say against what the clients saw: a message that was sent again
/// had not been taken in, so that each was answered once.
fn compare(report: &mut Report, lives: &[Life], bridge: &Outcome<'_>, echo: &Outcome<'_>) {
    let sum = |of: fn(&Life) -> u64| lives.iter().map(of).sum::<u64>();
    let sessions = lives.iter().flat_map(|life| &life.sessions);
    let owing = sessions.filter(|session| session.sent != session.received);
    report.equal(
        "sessions that answered less than they took in",
        owing.count(),
        0,
    );
    report.equal(
        "messages that gateways took in",
        sum(Life::sent),
        bridge.replies(),
    );
    report.equal(
        "replies that they gave",
        sum(Life::received),
        bridge.replies(),
    );
    // The sessions are clients of the echo service, too.
    let direct = sum(|life| life.echoed).saturating_sub(sum(Life::sent));
    report.equal(
        "replies that TCP clients were given",
        direct,
        echo.replies(),
    );
    for warning in lives.iter().flat_map(|life| &life.warnings) {
        report.check(format_args!("a gateway warned: {warning}"), false);
    }
    report.check(
        "every gateway drained, and ended with status 0",
        lives.iter().all(|life| life.ended_well),
    );
}
