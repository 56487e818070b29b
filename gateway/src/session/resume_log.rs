//! Log lines and metrics of a resumable session: when its client loses its connection, and when it
//! comes back.

use std::fmt;
use std::time::Duration;

use humantime::format_duration;
use net::peer_addr::PeerAddr;
use tracing::{Span, info};

use crate::logging::line_span;
use crate::metrics::Metrics;
use crate::session::session_end::SessionEnd;

/// Log and metrics of a resumable session.
pub(crate) struct ResumeLog {
    metrics: Metrics,
    /// The fields of the session's log lines.
    span: Box<dyn Fn() -> Span + Send + Sync>,
}

impl ResumeLog {
    pub(crate) fn new(metrics: Metrics, span: impl Fn() -> Span + Send + Sync + 'static) -> Self {
        Self {
            metrics,
            span: Box::new(span),
        }
    }

    pub(super) fn detached(&self, cause: &SessionEnd) {
        self.log(|| info!("session detached: {cause}"));
    }

    /// Notes that the client is back, and is sent `again` messages again.
    pub(super) fn resumed(&self, from: PeerAddr, detached: Duration, again: u64) {
        let metrics = self.metrics.resume();
        metrics.resumed.inc();
        metrics.detached_seconds.observe(detached.as_secs_f64());
        let detached = format_duration(Duration::from_millis(detached.as_millis() as u64));
        self.log(|| info!(%from, %detached, again, "session resumed"));
    }

    /// Notes that another connection of the client replaces the one that it had.
    pub(super) fn taken_over(&self, from: PeerAddr, again: u64) {
        self.metrics.resume().taken_over.inc();
        self.log(|| info!(%from, again, "session taken over by another connection"));
    }

    fn log(&self, line: impl FnOnce()) {
        line_span(&*self.span).in_scope(line);
    }
}

impl fmt::Debug for ResumeLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResumeLog")
    }
}
