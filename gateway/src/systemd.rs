//! What a service manager is told of the gateway's state, by sd_notify(3). Where there is
//! none, or it does not listen, nothing is said.

use std::future::pending;

use gateway::Workers;
#[cfg(unix)]
use sd_notify::NotifyState;
#[cfg(unix)]
use tokio::time::{MissedTickBehavior, interval};

/// Whether there is one, which may ask for a reload that has nothing to do.
pub(crate) fn is_there() -> bool {
    std::env::var_os("NOTIFY_SOCKET").is_some()
}

/// It serves.
#[cfg(unix)]
pub(crate) fn ready() {
    tell(&[NotifyState::Ready]);
}

/// It reads its certificate again; [`ready`] follows.
#[cfg(unix)]
pub(crate) fn reloading() {
    if let Ok(now) = NotifyState::monotonic_usec_now() {
        tell(&[NotifyState::Reloading, now]);
    }
}

/// It drains, and takes nothing more.
#[cfg(unix)]
pub(crate) fn stopping() {
    tell(&[NotifyState::Stopping, NotifyState::Status("Draining")]);
}

/// Says for ever, at twice the pace that was asked for, that this thread and all `workers`
/// still run tasks; while one of them hangs, nothing.
#[cfg(unix)]
pub(crate) async fn feed_watchdog(workers: &Workers) {
    let Some(period) = sd_notify::watchdog_enabled() else {
        return pending().await;
    };
    let mut times = interval(period / 2);
    times.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        times.tick().await;
        workers.have_answered().await;
        tell(&[NotifyState::Watchdog]);
    }
}

#[cfg(unix)]
fn tell(state: &[NotifyState<'_>]) {
    // One that has gone away is no reason to stop.
    let _ = sd_notify::notify(state);
}

#[cfg(not(unix))]
pub(crate) fn ready() {}

#[cfg(not(unix))]
pub(crate) fn reloading() {}

#[cfg(not(unix))]
pub(crate) fn stopping() {}

#[cfg(not(unix))]
pub(crate) async fn feed_watchdog(_: &Workers) {
    pending().await
}
