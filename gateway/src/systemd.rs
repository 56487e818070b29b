//! Notifications to the service manager, such as systemd: sd_notify(3). Without
//! `NOTIFY_SOCKET`, nothing is sent.

use std::future::pending;

use gateway::Workers;
#[cfg(unix)]
use sd_notify::NotifyState;
#[cfg(unix)]
use tokio::time::{MissedTickBehavior, interval};

/// Notifies that the gateway serves.
#[cfg(unix)]
pub(crate) fn ready() {
    notify(&[NotifyState::Ready]);
}

/// Notifies that a reload begins; [`ready`] ends it.
#[cfg(unix)]
pub(crate) fn reloading() {
    if let Ok(now) = NotifyState::monotonic_usec_now() {
        notify(&[NotifyState::Reloading, now]);
    }
}

/// Notifies that the drain begins.
#[cfg(unix)]
pub(crate) fn stopping() {
    notify(&[NotifyState::Stopping, NotifyState::Status("Draining")]);
}

/// Feeds the service manager's watchdog, twice in each period that it sets (`WATCHDOG_USEC`),
/// for as long as this thread and all `workers` run tasks. Never returns.
#[cfg(unix)]
pub(crate) async fn feed_watchdog(workers: &Workers) {
    // A period of zero disables the watchdog.
    let period = sd_notify::watchdog_enabled().filter(|period| !period.is_zero());
    let Some(period) = period else {
        return pending().await;
    };
    let mut ticks = interval(period / 2);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        workers.have_answered().await;
        notify(&[NotifyState::Watchdog]);
    }
}

#[cfg(unix)]
fn notify(state: &[NotifyState<'_>]) {
    // The gateway also runs without a service manager.
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
