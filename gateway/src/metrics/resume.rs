//! Metrics of resumable sessions.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

/// Metrics of resumable sessions. Their ends are among those of all sessions.
#[derive(Debug)]
pub(crate) struct ResumeMetrics {
    /// Sessions whose client has no connection.
    pub(crate) detached: Gauge,
    /// Bytes that they keep.
    pub(crate) kept_bytes: Gauge,
    pub(crate) resumed: Counter,
    pub(crate) taken_over: Counter,
    /// Times until a client came back.
    pub(crate) detached_seconds: Histogram,
}

impl ResumeMetrics {
    pub(super) fn register(to: &mut Registry) -> Self {
        let metrics = Self {
            detached: Gauge::default(),
            kept_bytes: Gauge::default(),
            resumed: Counter::default(),
            taken_over: Counter::default(),
            // From an eighth of a second to half an hour.
            detached_seconds: Histogram::new(exponential_buckets(0.125, 2.5, 11)),
        };
        let name = "sessions_detached";
        let help = "Resumable sessions whose client has no connection";
        to.register(name, help, metrics.detached.clone());
        let name = "sessions_detached_kept";
        let help = "Message bytes that detached sessions keep";
        to.register_with_unit(name, help, Unit::Bytes, metrics.kept_bytes.clone());
        let name = "sessions_resumed";
        let help = "Sessions that a client has resumed after its connection was lost";
        to.register(name, help, metrics.resumed.clone());
        let name = "sessions_taken_over";
        let help = "Sessions that a second connection has taken over from the first";
        to.register(name, help, metrics.taken_over.clone());
        let name = "sessions_detached_duration";
        let help = "Times that resumed sessions were detached";
        let seconds = metrics.detached_seconds.clone();
        to.register_with_unit(name, help, Unit::Seconds, seconds);
        metrics
    }
}
