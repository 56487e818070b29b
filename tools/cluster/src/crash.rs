//! A gateway is killed, and has no time to say anything.

use std::path::Path;
use std::time::Duration;

use nix::sys::signal::Signal;

use crate::client::Crowd;
use crate::link::LOST;
use crate::outcome::{Outcome, seconds};
use crate::report::Report;
use crate::site::Site;
use crate::{Failure, until};

/// Clients at each door.
const CLIENTS: usize = 24;

/// Longer than the longest first wait of the backoff, by far.
const PATIENCE: Duration = Duration::from_secs(20);

/// How the clients close when they are done: without a code.
const NO_CODE: u16 = 1005;

pub(crate) async fn run(program: &Path, report: &mut Report) -> Result<(), Failure> {
    let mut site = Site::start(program).await?;
    let crowd = Crowd::start(CLIENTS, &site.doors());
    all_connected(&site).await?;
    let victim = site.take(1)?;
    let sessions = victim.metric("framegate_sessions").await?;
    let echoes = victim.metric("framegate_echo_connections").await? - sessions;
    victim.signal(Signal::SIGKILL)?;
    victim.ended().await?;
    all_connected(&site).await?;
    let tallies = crowd.finish().await;
    let lives = site.finish().await?;

    let (bridge, echo) = (Outcome::of_bridge(&tallies), Outcome::of_echo(&tallies));
    for (outcome, its) in [(&bridge, sessions), (&echo, echoes)] {
        outcome.tell(report, LOST);
        report.equal(
            "of the killed one's clients, moved",
            outcome.moves().count(),
            its as usize,
        );
        let others = outcome.longest_gap(|tally| tally.moves.is_empty());
        report.figure("longest gap of the others", seconds(others));
    }
    let others = lives.iter().flat_map(|life| &life.sessions);
    report.check(
        "the others' sessions went on until their clients were done",
        others.clone().all(|session| session.code == NO_CODE) && others.count() == CLIENTS,
    );
    Ok(())
}

/// Waits until each client is at a gateway that runs.
async fn all_connected(site: &Site<'_>) -> Result<(), Failure> {
    until(PATIENCE, "all clients to be connected", async || {
        let (mut sessions, mut echoes) = (0.0, 0.0);
        for gateway in site.running() {
            sessions += gateway.metric("framegate_sessions").await?;
            echoes += gateway.metric("framegate_echo_connections").await?;
        }
        // A session is a client of the echo service, too.
        Ok(sessions == CLIENTS as f64 && echoes == 2.0 * CLIENTS as f64)
    })
    .await
}
