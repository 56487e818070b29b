//! Log output: the tracing subscriber of the process.

use std::io::{self, IsTerminal};

use gateway::LogFormat;
use tracing::level_filters::LevelFilter;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::EnvFilter;

/// Logs to standard error from a thread of its own, so that a stalled pipe stalls no session.
/// Dropping the guard writes the lines that are still queued. `RUST_LOG` sets the level.
pub(crate) fn log_to_stderr(format: LogFormat) -> WorkerGuard {
    let (stderr, guard) = tracing_appender::non_blocking(io::stderr());
    let filter = EnvFilter::builder()
        .with_default_directive(LevelFilter::INFO.into())
        .from_env_lossy()
        // At info, it logs each asset of the page at every start.
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
