//! The `framegate` command: reads its options, serves, and exits with a status.

mod signals;
mod systemd;

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use client::ClientCommand;
use gateway::{
    Config, Endpoint, InheritedSockets, Invocation, LogFormat, OptionsError, Recorder, Server,
    StartError, Tls, Workers,
};
use tokio::runtime::Builder;
use tokio_util::sync::CancellationToken;
use tracing::level_filters::LevelFilter;
use tracing::{error, info, warn};
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::EnvFilter;

use crate::signals::{Signals, on_hangup};

fn main() -> ExitCode {
    let config = match Invocation::read(std::env::args_os()) {
        Ok(Invocation::Serve(config)) => *config,
        Ok(Invocation::Show(text)) => {
            print(&text);
            return ExitCode::SUCCESS;
        }
        Ok(Invocation::WriteManual(folder)) => return write_manual(&folder),
        Ok(Invocation::Client(command)) => return client(*command),
        // Help and its like are errors to clap, and know their own way out.
        Err(OptionsError::Usage(usage)) => usage.exit(),
        Err(error) => return fail(&error, 2),
    };
    let _flushes_on_drop = log_to_stderr(config.log_format);
    match serve(config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let status = error.downcast_ref().map_or(1, StartError::status);
            fail(&*error, status)
        }
    }
}

fn fail(error: &dyn std::error::Error, status: u8) -> ExitCode {
    eprintln!("framegate: {error}");
    ExitCode::from(status)
}

fn write_manual(folder: &Path) -> ExitCode {
    match gateway::write_manual(folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error, 1),
    }
}

/// On one core: when it measures, the others are the server's.
fn client(command: ClientCommand) -> ExitCode {
    let runtime = match Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error, 1),
    };
    let done = runtime.block_on(command.run());
    // A name that is still being looked up is not waited for.
    runtime.shutdown_background();
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error, error.status()),
    }
}

fn serve(config: Config) -> Result<(), Box<dyn std::error::Error>> {
    let workers = Workers::start()?;
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(run(config, &workers))
}

async fn run(config: Config, workers: &Workers) -> Result<(), Box<dyn std::error::Error>> {
    let stop = stop_on_signal()?;
    let max_connections = config.limits.max_connections;
    let server = Server::with_sockets(config, InheritedSockets::from_env()?).await?;
    reload_on_hangup(server.tls(), server.recorder())?;
    raise_open_files(max_connections);
    announce(&server, server.tls());
    systemd::ready();
    tokio::select! {
        () = server.run_with(workers, stop) => {}
        () = systemd::feed_watchdog(workers) => {}
    }
    Ok(())
}

/// Makes room for as many sockets as the limit on connections allows: a session with the
/// own echo service has three.
fn raise_open_files(max_connections: Option<usize>) {
    const SOCKETS: u64 = 3;
    const FILES_ELSE: u64 = 100;
    let Some(max) = max_connections else {
        return;
    };
    let wanted = max as u64 * SOCKETS + FILES_ELSE;
    match rlimit::increase_nofile_limit(wanted) {
        Ok(granted) if granted < wanted => {
            let sessions = granted.saturating_sub(FILES_ELSE) / SOCKETS;
            info!("{granted} open files, the system's limit, are enough for {sessions} sessions");
        }
        Ok(_) => {}
        Err(error) => warn!(%error, "cannot raise the limit on open files"),
    }
}

/// What may be replaced while the gateway runs: the certificate, and the recording.
fn reload_on_hangup(tls: Option<&Tls>, recorder: Option<&Recorder>) -> io::Result<()> {
    let tls = tls.filter(|tls| tls.can_reload()).cloned();
    let recorder = recorder.cloned();
    if tls.is_none() && recorder.is_none() && !systemd::is_there() {
        return Ok(());
    }
    on_hangup(move || {
        systemd::reloading();
        tls.iter().for_each(reload);
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

/// Prints where everything is, once it is there: people click on it, scripts wait for it.
fn announce(server: &Server, tls: Option<&Tls>) {
    let http = Endpoint::local(server.http_addr());
    let s = if tls.is_some() { "s" } else { "" };
    let page = server.page_path();
    let version = env!("FRAMEGATE_VERSION");
    let mut text = format!("framegate {version}\n  page    http{s}://{http}/{page}\n");
    for (path, upstream) in server.bridges() {
        text += &format!("  bridge  ws{s}://{http}/{path} -> {upstream}\n");
    }
    if let Some(url) = server.echo_url() {
        text += &format!("  echo    {url}\n");
    }
    if let Some(admin) = server.admin_addr().map(Endpoint::local) {
        text += &format!("  admin   http://{admin}/metrics\n");
    }
    if let Some(fingerprint) = tls.and_then(Tls::fingerprint) {
        text += &format!("  tls     self-signed, SHA-256 {fingerprint}\n");
    }
    print(&text);
}

/// Prints `text`, if there is somebody to read it: a closed pipe is no reason to stop.
fn print(text: &str) {
    let _ = io::stdout().write_all(text.as_bytes());
}

/// Set by Ctrl-C or SIGTERM; a second one ends the process at once.
fn stop_on_signal() -> io::Result<CancellationToken> {
    let stop = CancellationToken::new();
    let signalled = stop.clone();
    let mut signals = Signals::catch()?;
    tokio::spawn(async move {
        signals.next().await;
        systemd::stopping();
        signalled.cancel();
        signals.next().await;
        std::process::exit(130);
    });
    Ok(stop)
}

/// Logs to standard error, by a thread of its own. What is still queued is written when
/// the guard is dropped.
fn log_to_stderr(format: LogFormat) -> WorkerGuard {
    let (stderr, guard) = tracing_appender::non_blocking(io::stderr());
    let filter = EnvFilter::builder()
        .with_default_directive(LevelFilter::INFO.into())
        .from_env_lossy()
        // It tells of each asset that it has, every time.
        .add_directive("memory_serve=warn".parse().expect("a valid directive"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr)
        .with_ansi(io::stderr().is_terminal())
        .with_target(false);
    match format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().flatten_event(true).with_span_list(false).init(),
    }
    guard
}
