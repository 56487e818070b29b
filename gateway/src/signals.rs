//! Signals: SIGINT (Ctrl-C) and SIGTERM stop the gateway, SIGHUP reloads its files.

use std::io;
use std::process::exit;

use gateway::{Recorder, Tls, UpstreamRegistry};
#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use crate::systemd;

/// The exit status after a second stop signal: 128 + SIGINT.
const INTERRUPTED: i32 = 130;

/// Returns a token that the first stop signal cancels. The second one ends the process at once.
pub(crate) fn stop_on_signal() -> io::Result<CancellationToken> {
    let stop = CancellationToken::new();
    let signalled = stop.clone();
    let mut signals = StopSignals::catch()?;
    tokio::spawn(async move {
        signals.next().await;
        systemd::stopping();
        signalled.cancel();
        signals.next().await;
        exit(INTERRUPTED);
    });
    Ok(stop)
}

/// Reloads the certificate and the upstreams' files, and reopens the recording at each SIGHUP. If there is nothing to
/// reload, SIGHUP keeps its default action and ends the process, unless a service manager may
/// ask for a reload.
pub(crate) fn reload_on_hangup(
    tls: Option<&Tls>,
    recorder: Option<&Recorder>,
    upstreams: &UpstreamRegistry,
) -> io::Result<()> {
    let upstreams = Some(upstreams).filter(|it| it.has_files()).cloned();
    let tls = tls.filter(|tls| tls.can_reload()).cloned();
    let recorder = recorder.cloned();
    let has_files = tls.is_some() || recorder.is_some() || upstreams.is_some();
    if !has_files && !systemd::has_notify_socket() {
        return Ok(());
    }
    on_hangup(move || {
        systemd::reloading();
        tls.iter().for_each(reload);
        upstreams.iter().for_each(reload_upstreams);
        recorder.iter().for_each(Recorder::reopen);
        systemd::ready();
    })
}

fn reload(tls: &Tls) {
    match tls.reload() {
        Ok(()) => info!("read the certificate again"),
        Err(error) => error!(%error, "the certificate stays as it was"),
    }
}

fn reload_upstreams(upstreams: &UpstreamRegistry) {
    for error in upstreams.reload() {
        error!(%error, "the upstream's TLS stays as it was");
    }
}

/// Signals that ask the process to stop, caught as long as this lives.
struct StopSignals {
    #[cfg(unix)]
    interrupt: Signal,
    #[cfg(unix)]
    terminate: Signal,
}

#[cfg(unix)]
impl StopSignals {
    fn catch() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Waits for the next signal.
    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
impl StopSignals {
    fn catch() -> io::Result<Self> {
        Ok(Self {})
    }

    /// Waits for the next signal.
    async fn next(&mut self) {
        // An error means that Ctrl-C cannot be caught: the gateway then stops at once.
        let _ = tokio::signal::ctrl_c().await;
    }
}

/// Calls `reload` at each SIGHUP, in place of the default action.
#[cfg(unix)]
fn on_hangup(reload: impl Fn() + Send + 'static) -> io::Result<()> {
    let mut hangup = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            reload();
        }
    });
    Ok(())
}

#[cfg(not(unix))]
fn on_hangup(_: impl Fn() + Send + 'static) -> io::Result<()> {
    Ok(())
}
