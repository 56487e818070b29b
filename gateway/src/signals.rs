//! Signals: SIGINT (Ctrl-C) and SIGTERM stop the gateway, SIGHUP reloads its files, and others
//! that would end it by default are survived.

use std::io;
use std::process::exit;
use std::time::Duration;

use gateway::{Recorder, Tls, UpstreamRegistry, unblock};
#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use crate::systemd;

/// The exit status after a second stop signal: 128 + SIGINT.
const INTERRUPTED: i32 = 130;

/// The time after which a reload is reported as late.
const RELOAD_TIMEOUT: Duration = Duration::from_secs(5);

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

/// Replaces the default action of signals that would end the process: SIGUSR1 and SIGUSR2,
/// which mean nothing here, are logged, and SIGXFSZ leaves a write over the limit on file sizes
/// as an error, which the recorder counts. Rust ignores SIGPIPE in the same way.
#[cfg(unix)]
pub(crate) fn survive_other_signals() -> io::Result<()> {
    let of_no_use = [SignalKind::user_defined1(), SignalKind::user_defined2()];
    for (kind, name) in of_no_use.into_iter().zip(["SIGUSR1", "SIGUSR2"]) {
        let mut signals = signal(kind)?;
        tokio::spawn(async move {
            while signals.recv().await.is_some() {
                info!("{name} has no use here; SIGHUP reloads files, SIGTERM stops");
            }
        });
    }
    // tokio never restores the default action, even without a receiver.
    signal(SignalKind::from_raw(libc::SIGXFSZ)).map(drop)
}

#[cfg(not(unix))]
pub(crate) fn survive_other_signals() -> io::Result<()> {
    Ok(())
}

/// SIGHUP, caught before the files to reload are read.
pub(crate) struct Reload {
    #[cfg(unix)]
    hangup: Signal,
}

/// The files that SIGHUP reloads.
#[derive(Debug, Clone)]
struct Files {
    tls: Option<Tls>,
    recorder: Option<Recorder>,
    upstreams: Option<UpstreamRegistry>,
}

impl Reload {
    /// Catches SIGHUP from now on.
    #[cfg(unix)]
    pub(crate) fn on_hangup() -> io::Result<Self> {
        let hangup = signal(SignalKind::hangup())?;
        Ok(Self { hangup })
    }

    #[cfg(not(unix))]
    pub(crate) fn on_hangup() -> io::Result<Self> {
        Ok(Self {})
    }

    /// Reloads the certificate and the upstreams' files, and reopens the recording, at each
    /// SIGHUP.
    #[cfg(unix)]
    pub(crate) fn start(
        mut self,
        tls: Option<&Tls>,
        recorder: Option<&Recorder>,
        upstreams: &UpstreamRegistry,
    ) {
        let files = Files {
            tls: tls.filter(|tls| tls.can_reload()).cloned(),
            recorder: recorder.cloned(),
            upstreams: Some(upstreams).filter(|it| it.has_files()).cloned(),
        };
        tokio::spawn(async move {
            while self.hangup.recv().await.is_some() {
                systemd::reloading();
                files.reload(RELOAD_TIMEOUT).await;
                systemd::ready();
            }
        });
    }

    #[cfg(not(unix))]
    pub(crate) fn start(self, _: Option<&Tls>, _: Option<&Recorder>, _: &UpstreamRegistry) {}
}

#[cfg(unix)]
impl Files {
    /// Reloads the files, and logs what came of it. Beyond `limit`, the reading goes on by
    /// itself, and the next reload waits for it.
    async fn reload(&self, limit: Duration) {
        let Self {
            tls,
            recorder,
            upstreams,
        } = self.clone();
        if tls.is_none() && recorder.is_none() && upstreams.is_none() {
            return info!("SIGHUP: there is no certificate or recording to read again");
        }
        // The recorder reopens on its own thread.
        recorder.iter().for_each(Recorder::reopen);
        let mut reading = Box::pin(unblock(move || {
            tls.iter().for_each(reload);
            upstreams.iter().for_each(reload_upstreams);
        }));
        if timeout(limit, &mut reading).await.is_err() {
            warn!("the certificates are not read yet: their disk is too slow");
            reading.await;
        }
    }
}

fn reload(tls: &Tls) {
    match tls.reload() {
        Ok(()) => info!("read the certificate again"),
        Err(error) => error!(%error, "the certificate stays as it was"),
    }
}

fn reload_upstreams(upstreams: &UpstreamRegistry) {
    let errors = upstreams.reload();
    if errors.is_empty() {
        info!("read the TLS files of upstreams again");
    }
    for error in errors {
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
