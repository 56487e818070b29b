//! The spans that log lines are in.
//!
//! A span that a task is in for as long as it lives is entered with every message, and takes
//! hundreds of bytes of each connection. At the usual level few lines are logged of a
//! connection, and each of them makes its span.

use tracing::Span;
use tracing::level_filters::LevelFilter;

/// What a task is in all the time: `span`, where also details are logged, by whatever it
/// calls; otherwise none.
pub(crate) fn task_span(span: impl FnOnce() -> Span) -> Span {
    match LevelFilter::current() > LevelFilter::INFO {
        true => span(),
        false => Span::none(),
    }
}

/// What a line is in: what its task is in, or else `span`.
pub(crate) fn line_span(span: impl FnOnce() -> Span) -> Span {
    let current = Span::current();
    match current.is_disabled() {
        true => span(),
        false => current,
    }
}

/// Whether what passes is logged, too. Every message asks, so that this is one comparison; the
/// line itself is for a function apart, because it takes as much code as passing a message on.
#[inline]
pub(crate) fn is_trace_enabled() -> bool {
    LevelFilter::current() == LevelFilter::TRACE
}
