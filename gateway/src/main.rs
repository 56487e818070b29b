//! The `framegate` command: reads its options, runs what they ask for, and exits with a status.

mod log_format;
mod log_output;
mod open_files;
mod signals;
mod startup_text;
mod systemd;

use std::error::Error;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use client::{ClientCommand, ClientError};
use gateway::{Config, InheritedSockets, Invocation, OptionsError, Server, StartError, Workers};
use tokio::runtime::Builder;
use tracing::{info, warn};

use crate::log_output::log_to_stderr;
use crate::open_files::raise_open_files;
use crate::signals::{Reload, stop_on_signal, survive_other_signals};
use crate::startup_text::startup_text;

fn main() -> ExitCode {
    match Invocation::read(std::env::args_os()) {
        Ok(Invocation::Serve { config, warnings }) => serve(*config, &warnings),
        Ok(Invocation::Print(text)) => {
            print(&text);
            ExitCode::SUCCESS
        }
        Ok(Invocation::WriteManual(folder)) => exit_with(gateway::write_manual(&folder), |_| 1),
        Ok(Invocation::Client(command)) => client(*command),
        // To clap, --help and --version are errors too; it sets the exit status.
        Err(OptionsError::Usage(usage)) => usage.exit(),
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
            fail(&*error, status)
        }
    }
}

fn start(config: Config) -> Result<(), Box<dyn Error>> {
    let workers = Workers::start()?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let result = runtime.block_on(run(config, &workers));
    // Does not wait for a file on a disk that hangs.
    runtime.shutdown_background();
    result
}

async fn run(config: Config, workers: &Workers) -> Result<(), Box<dyn Error>> {
    let stop = stop_on_signal()?;
    let reload = Reload::on_hangup()?;
    survive_other_signals()?;
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
    print(&startup_text(&server, io::stdout().is_terminal()));
    systemd::ready();
    tokio::select! {
        () = server.run_with(workers, stop) => {}
        () = systemd::feed_watchdog(workers) => {}
    }
    Ok(())
}

/// Runs a client on a single thread: while `bench` measures, the other cores are the server's.
fn client(command: ClientCommand) -> ExitCode {
    let runtime = match Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error, 1),
    };
    let result = runtime.block_on(command.run());
    // Does not wait for a DNS lookup that is still running.
    runtime.shutdown_background();
    exit_with(result, ClientError::status)
}

fn exit_with<E: Error>(result: Result<(), E>, status: impl FnOnce(&E) -> u8) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error, status(&error)),
    }
}

fn fail(error: &dyn Error, status: u8) -> ExitCode {
    eprintln!("framegate: {error}");
    ExitCode::from(status)
}

/// Prints `text` to standard output. A closed pipe is not an error.
fn print(text: &str) {
    let _ = io::stdout().write_all(text.as_bytes());
}
