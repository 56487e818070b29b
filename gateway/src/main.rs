//! The `framegate` command: reads its options, runs what they ask for, and exits with a status.

mod log_format;
mod log_output;
mod open_files;
mod signals;
mod startup_text;
mod systemd;

use std::error::Error;
use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use client::ClientCommand;
use gateway::{
    Config, HealthArgs, InheritedSockets, Invocation, OptionsError, Server, StartError, Workers,
};
use net::error_text::io_error_text;
use net::untrusted::Untrusted;
use thiserror::Error;
use tokio::runtime::Builder;
use tracing::{info, warn};

use crate::log_output::log_to_stderr;
use crate::open_files::raise_open_files;
use crate::signals::{Reload, stop_on_signal, survive_other_signals};
use crate::startup_text::startup_text;

// Its background thread returns memory that has been free for 10 s.
#[cfg(all(target_arch = "x86_64", target_os = "linux", target_env = "gnu"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// The longest line of an error that is printed, in characters.
const MAX_ERROR: usize = 8192;

fn main() -> ExitCode {
    match Invocation::read(std::env::args_os()) {
        Ok(Invocation::Serve { config, warnings }) => serve(*config, &warnings),
        Ok(Invocation::Print(text)) => exit_with(print(&text), |_| 1),
        Ok(Invocation::WriteManual(folder)) => exit_with(gateway::write_manual(&folder), |_| 1),
        Ok(Invocation::Client(command)) => client(*command),
        Ok(Invocation::Health(args)) => health(args),
        Err(OptionsError::Usage(usage)) => usage_exit(&usage),
        Err(error) => fail(&error, 2),
    }
}

fn serve(config: Config, warnings: &[String]) -> ExitCode {
    let _flushes_on_drop = log_to_stderr(config.log_format);
    warnings.iter().for_each(|warning| warn!("{warning}"));
    match start(config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let status = error.downcast_ref().map_or(1, StartError::status);
            fail(&error, status)
        }
    }
}

fn start(config: Config) -> Result<(), Box<dyn Error>> {
    let workers = Workers::start().map_err(SystemError)?;
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(SystemError)?;
    let result = runtime.block_on(run(config, &workers));
    // Does not wait for a file on a disk that hangs.
    runtime.shutdown_background();
    result
}

async fn run(config: Config, workers: &Workers) -> Result<(), Box<dyn Error>> {
    let stop = stop_on_signal().map_err(SystemError)?;
    let reload = Reload::on_hangup().map_err(SystemError)?;
    survive_other_signals().map_err(SystemError)?;
    let max_connections = config.limits.max_connections;
    let server = Server::with_sockets(config, InheritedSockets::from_env()?);
    let server = tokio::select! {
        server = server => server?,
        () = stop.cancelled() => {
            info!("stopped before it served: a file was not read yet");
            return Ok(());
        }
    };
    reload.start(server.tls(), server.recorder(), server.upstreams());
    raise_open_files(max_connections);
    // Nobody has to read it: a full disk or a closed pipe stops no service.
    let _ = print(&startup_text(&server, io::stdout().is_terminal()));
    systemd::ready();
    tokio::select! {
        () = server.run_with(workers, stop) => {}
        () = systemd::feed_watchdog(workers) => {}
    }
    Ok(())
}

fn client(command: ClientCommand) -> ExitCode {
    match block_on(command.run()) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(error)) => fail(&one_line(&error), error.status()),
        Err(error) => fail(&SystemError(error), 1),
    }
}

fn health(args: HealthArgs) -> ExitCode {
    match block_on(args.check()) {
        Ok(Ok(sentence)) => exit_with(print(&sentence), |_| 1),
        Ok(Err(error)) => fail(&one_line(&error), error.status()),
        Err(error) => fail(&SystemError(error), 1),
    }
}

/// Runs a client on a single thread: while `bench` measures, the other cores are the server's.
fn block_on<F: Future>(client: F) -> io::Result<F::Output> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let result = runtime.block_on(client);
    // Does not wait for a DNS lookup that is still running.
    runtime.shutdown_background();
    Ok(result)
}

/// Prints the error of an option, or the text that was asked for: to clap, --help and --version
/// are errors too.
fn usage_exit(usage: &clap::Error) -> ExitCode {
    let printed = usage.print().and_then(|()| io::stdout().flush());
    match unless_closed(printed) {
        Err(error) if !usage.use_stderr() => fail(&error, 1),
        _ => ExitCode::from(u8::try_from(usage.exit_code()).unwrap_or(2)),
    }
}

fn exit_with<E: Error>(result: Result<(), E>, status: impl FnOnce(&E) -> u8) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error, status(&error)),
    }
}

fn fail(error: &dyn Display, status: u8) -> ExitCode {
    // An error in a configuration file has several lines.
    let text = error.to_string();
    let lines: Vec<_> = text
        .lines()
        .map(|line| one_line(&line).to_string())
        .collect();
    // If standard error cannot be written, the status remains.
    let _ = writeln!(io::stderr(), "framegate: {}", lines.join("\n"));
    ExitCode::from(status)
}

/// Returns the error as a line, whatever a server, a file or its name contains.
fn one_line(error: &dyn Display) -> Untrusted<'static> {
    Untrusted::format(MAX_ERROR, format_args!("{error}"))
}

/// The system has no thread, file or signal left for the process.
#[derive(Debug, Error)]
#[error("cannot start: {}", io_error_text(.0))]
struct SystemError(io::Error);

/// Standard output cannot be written.
#[derive(Debug, Error)]
#[error("cannot write to standard output: {}", io_error_text(.0))]
struct OutputError(io::Error);

/// Prints `text` to standard output.
fn print(text: &str) -> Result<(), OutputError> {
    let mut stdout = io::stdout().lock();
    unless_closed(
        stdout
            .write_all(text.as_bytes())
            .and_then(|()| stdout.flush()),
    )
}

/// Returns the error of printing, unless the reader of a pipe has closed it, having seen enough.
fn unless_closed(printed: io::Result<()>) -> Result<(), OutputError> {
    match printed {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(OutputError(error)),
        _ => Ok(()),
    }
}
