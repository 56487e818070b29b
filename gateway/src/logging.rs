//! Spans of log lines: one per task at the debug and trace levels, otherwise one per line.
//!
//! A task's span is entered with every message, and takes hundreds of bytes per connection. At
//! the info level a connection logs few lines, so that a span for each line costs less.

use net::untrusted::Untrusted;
use tracing::Span;
use tracing::level_filters::LevelFilter;

/// Returns the span for the whole life of a task: `span()` at the debug and trace levels,
/// otherwise a disabled one.
pub(crate) fn task_span(span: impl FnOnce() -> Span) -> Span {
    match LevelFilter::current() > LevelFilter::INFO {
        true => span(),
        false => Span::none(),
    }
}

/// Returns the span to log a line in: the task's own if it has one, otherwise `span()`.
pub(crate) fn line_span(span: impl FnOnce() -> Span) -> Span {
    let current = Span::current();
    match current.is_disabled() {
        true => span(),
        false => current,
    }
}

/// Returns true if each message is logged. One comparison, because it runs per message. Callers
/// put the log line into a function of its own, to keep its code out of the fast path.
#[inline]
pub(crate) fn is_trace_enabled() -> bool {
    LevelFilter::current() == LevelFilter::TRACE
}

/// Returns a payload for the log line of its message.
pub(crate) fn shown_payload(payload: &[u8]) -> Untrusted<'_> {
    const MAX_LEN: usize = 1024;
    Untrusted::new(payload).up_to(MAX_LEN)
}
