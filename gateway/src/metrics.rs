//! Metrics for Prometheus, in the OpenMetrics text format.
//!
//! Labels have low cardinality: no value of a label is chosen by a peer.

mod resume;
mod write_clock;

use std::sync::Arc;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Metric, Registry, Unit};

pub(crate) use self::resume::ResumeMetrics;
use self::write_clock::{WriteClock, WriteGuard};
use crate::traffic::Traffic;

/// The metrics of the gateway. Clones share them.
#[derive(Debug, Clone)]
pub(crate) struct Metrics(Arc<MetricSet>);

#[derive(Debug)]
struct MetricSet {
    sessions: Gauge,
    sessions_ended: Family<EndLabel, Counter>,
    session_seconds: Histogram,
    connect_seconds: Histogram,
    sent: FrameCounters,
    received: FrameCounters,
    echo_connections: Gauge,
    echoed: FrameCounters,
    subscribers: Gauge,
    refused: Family<RefusalLabel, Counter>,
    recorded: Counter,
    not_recorded: Family<CauseLabel, Counter>,
    recording_write: WriteClock,
    resume: ResumeMetrics,
    registry: Registry,
}

/// Counters of frames and their payload bytes.
#[derive(Debug)]
struct FrameCounters {
    frames: Counter,
    bytes: Counter,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EndLabel {
    end: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RefusalLabel {
    limit: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CauseLabel {
    cause: &'static str,
}

/// The reason why messages are missing in the recording.
#[derive(Debug, Clone, Copy)]
pub(crate) enum RecordingLoss {
    /// The queue was full, because the disk is slow or hangs.
    QueueFull,
    /// The write failed, for example because the disk is full.
    WriteFailed,
}

/// The reason why a request or a connection was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RefusalReason {
    /// `--max-connections` or `--max-connections-per-ip`.
    ConnectionLimit,
    /// A Host outside the allow-list.
    Host,
    /// An Origin outside the allow-list.
    Origin,
    /// A PROXY header that is missing, malformed or from an untrusted peer.
    ProxyHeader,
    /// A missing or wrong token.
    Token,
    /// The subscriber limit of the live feed.
    SubscriberLimit,
    /// A request for a path that does not exist.
    Path,
    /// A method that the path does not have.
    Method,
    /// A request for the bridge that is no valid WebSocket handshake.
    Handshake,
    /// A request to resume a session that is unknown.
    Session,
    /// A request that is no HTTP, or has a head over the limit.
    Head,
    /// A body over the limit or malformed.
    Body,
    /// A head or a body that took too long to arrive.
    Timeout,
    /// Plain HTTP where TLS is on.
    Https,
    /// A TLS handshake that failed.
    Tls,
    /// A request that a stop cut off. The last one: see [`COUNT`](Self::COUNT).
    Stopping,
}

impl RefusalReason {
    /// The number of reasons.
    pub(crate) const COUNT: usize = Self::Stopping as usize + 1;

    fn label(self) -> &'static str {
        match self {
            Self::ConnectionLimit => "connections",
            Self::Host => "host",
            Self::Origin => "origin",
            Self::ProxyHeader => "proxy_header",
            Self::Token => "token",
            Self::SubscriberLimit => "watchers",
            Self::Path => "path",
            Self::Method => "method",
            Self::Handshake => "handshake",
            Self::Session => "session",
            Self::Head => "head",
            Self::Body => "body",
            Self::Timeout => "timeout",
            Self::Https => "https",
            Self::Tls => "tls",
            Self::Stopping => "stopping",
        }
    }
}

/// A guard that counts in a gauge until it is dropped.
#[derive(Debug)]
pub(crate) struct OpenGuard(Gauge);

impl Metrics {
    #[cfg(any(test, fuzzing))]
    pub(crate) fn new() -> Self {
        Self::with_certificate(None)
    }

    /// Metrics with the end of a certificate's validity, if there is a certificate.
    pub(crate) fn with_certificate(expiry: Option<&Gauge>) -> Self {
        let mut registry = Registry::with_prefix("framegate");
        let to = &mut registry;
        if let Some(expiry) = expiry {
            let help = "The time after which the TLS certificate is invalid, since 1970";
            to.register_with_unit(
                "tls_certificate_expiry",
                help,
                Unit::Seconds,
                expiry.clone(),
            );
        }
        let recording_write = WriteClock::default();
        to.register_collector(Box::new(recording_write.clone()));
        let metrics = Self(Arc::new(MetricSet {
            sessions: register(to, "sessions", "Open WebSocket sessions"),
            sessions_ended: register(to, "sessions_ended", "Ended sessions, by kind of end"),
            // From a quarter of a second to half a day.
            session_seconds: register_seconds(
                to,
                "session_duration",
                "Durations of ended sessions",
                exponential_buckets(0.25, 3.0, 12),
            ),
            // From half a millisecond to eight seconds.
            connect_seconds: register_seconds(
                to,
                "connect_duration",
                "Durations of connecting to the upstream",
                exponential_buckets(0.0005, 2.0, 15),
            ),
            echo_connections: register(
                to,
                "echo_connections",
                "Open connections to the echo service",
            ),
            subscribers: register(to, "watchers", "Subscribers of the live feed"),
            refused: register(to, "refused", "Refused connections and requests, by reason"),
            recorded: register(to, "recorded_messages", "Messages written to the recording"),
            not_recorded: register(
                to,
                "not_recorded_messages",
                "Messages dropped from the recording, by cause",
            ),
            recording_write,
            sent: FrameCounters::register(to, "sent", "from clients to the upstream"),
            received: FrameCounters::register(to, "received", "from the upstream to clients"),
            echoed: FrameCounters::register(to, "echoed", "answered by the echo service"),
            resume: ResumeMetrics::register(to),
            registry,
        }));
        // So that their first increase can be seen.
        metrics.not_recorded(RecordingLoss::QueueFull, 0);
        metrics.not_recorded(RecordingLoss::WriteFailed, 0);
        metrics
    }

    /// Counts a session as open.
    pub(crate) fn session_opened(&self) -> OpenGuard {
        OpenGuard::count(&self.0.sessions)
    }

    pub(crate) fn session_ended(&self, end: &'static str, lasted: Duration) {
        let label = EndLabel { end };
        self.0.sessions_ended.get_or_create(&label).inc();
        self.0.session_seconds.observe(lasted.as_secs_f64());
    }

    /// Records a successful connect to the upstream, and its duration.
    pub(crate) fn connected(&self, took: Duration) {
        self.0.connect_seconds.observe(took.as_secs_f64());
    }

    /// Counts a connection to the echo service as open.
    pub(crate) fn echo_opened(&self) -> OpenGuard {
        OpenGuard::count(&self.0.echo_connections)
    }

    /// Counts a subscription to the live feed as open.
    pub(crate) fn subscription_opened(&self) -> OpenGuard {
        OpenGuard::count(&self.0.subscribers)
    }

    pub(crate) fn echoed(&self, frames: u64, bytes: u64) {
        self.0.echoed.add(frames, bytes);
    }

    /// Adds the traffic of a session since the last call.
    pub(crate) fn passed(&self, traffic: Traffic) {
        self.0.sent.add(traffic.sent, traffic.sent_bytes);
        self.0
            .received
            .add(traffic.received, traffic.received_bytes);
    }

    /// Encodes all metrics in the OpenMetrics text format.
    pub(crate) fn encode(&self) -> String {
        let mut text = String::new();
        // Infallible: the target is a string.
        let _ = encode(&mut text, &self.0.registry);
        text
    }

    /// Counts messages written to the recording.
    pub(crate) fn recorded(&self, messages: u64) {
        self.0.recorded.inc_by(messages);
    }

    /// Counts messages dropped from the recording.
    pub(crate) fn not_recorded(&self, loss: RecordingLoss, messages: u64) {
        let cause = match loss {
            RecordingLoss::QueueFull => "queue_full",
            RecordingLoss::WriteFailed => "write_failed",
        };
        let label = CauseLabel { cause };
        self.0.not_recorded.get_or_create(&label).inc_by(messages);
    }

    /// Metrics of resumable sessions.
    pub(crate) fn resume(&self) -> &ResumeMetrics {
        &self.0.resume
    }

    /// Times a write to the recording, until the guard is dropped.
    pub(crate) fn recording_write(&self) -> WriteGuard {
        self.0.recording_write.start()
    }

    pub(crate) fn refused(&self, reason: RefusalReason) {
        let limit = reason.label();
        self.0.refused.get_or_create(&RefusalLabel { limit }).inc();
    }
}

/// Registers a new metric of any kind with a default.
fn register<M: Metric + Clone + Default>(to: &mut Registry, name: &str, help: &str) -> M {
    let metric = M::default();
    to.register(name, help, metric.clone());
    metric
}

/// Registers a new histogram of durations, with `buckets` in seconds.
fn register_seconds(
    to: &mut Registry,
    name: &str,
    help: &str,
    buckets: impl Iterator<Item = f64>,
) -> Histogram {
    let histogram = Histogram::new(buckets);
    to.register_with_unit(name, help, Unit::Seconds, histogram.clone());
    histogram
}

impl FrameCounters {
    fn register(to: &mut Registry, name: &str, path: &str) -> Self {
        Self {
            frames: register(to, &format!("frames_{name}"), &format!("Frames {path}")),
            bytes: register(
                to,
                &format!("payload_{name}_bytes"),
                &format!("Payload bytes {path}"),
            ),
        }
    }

    fn add(&self, frames: u64, bytes: u64) {
        if frames > 0 {
            self.frames.inc_by(frames);
            self.bytes.inc_by(bytes);
        }
    }
}

impl OpenGuard {
    fn count(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for OpenGuard {
    fn drop(&mut self) {
        self.0.dec();
    }
}
