//! Log output: the tracing subscriber of the process.

use std::io::{self, IsTerminal};

use gateway::LogFormat;
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing::subscriber::set_global_default;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::log_format::{JsonFields, JsonLine, TextFields};

/// Logs to standard error from a thread of its own, so that a stalled pipe stalls no session.
/// Dropping the guard writes the lines that are still queued. `RUST_LOG` sets the level.
pub(crate) fn log_to_stderr(format: LogFormat) -> WorkerGuard {
    let (stderr, guard) = tracing_appender::non_blocking(io::stderr());
    let levels = std::env::var(EnvFilter::DEFAULT_ENV).unwrap_or_default();
    let subscriber = subscriber(format, stderr, io::stderr().is_terminal(), &levels);
    // Fails only if called twice.
    let _ = set_global_default(subscriber);
    guard
}

/// Returns a subscriber that logs what `levels` select, as `RUST_LOG` has them.
pub(crate) fn subscriber<W>(
    format: LogFormat,
    writer: W,
    has_colours: bool,
    levels: &str,
) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter = EnvFilter::builder()
        .with_default_directive(LevelFilter::INFO.into())
        .parse_lossy(levels)
        // At info, it logs each asset of the page at every start.
        .add_directive("memory_serve=warn".parse().expect("a valid directive"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(writer)
        .with_ansi(has_colours)
        .with_target(false);
    match format {
        LogFormat::Text => Box::new(log.fmt_fields(TextFields).finish()),
        LogFormat::Json => Box::new(log.fmt_fields(JsonFields).event_format(JsonLine).finish()),
    }
}
