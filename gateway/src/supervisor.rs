//! What a service manager is told of the gateway's state, by sd_notify(3). Where there is
//! none, or it does not listen, nothing is said.

#[cfg(unix)]
use sd_notify::NotifyState;

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

/// Says at twice the pace that was asked for that the runtime still runs tasks.
#[cfg(unix)]
pub(crate) fn feed_watchdog() {
    if let Some(period) = sd_notify::watchdog_enabled() {
        tokio::spawn(async move {
            let mut times = tokio::time::interval(period / 2);
            loop {
                times.tick().await;
                tell(&[NotifyState::Watchdog]);
            }
        });
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
pub(crate) fn feed_watchdog() {}
