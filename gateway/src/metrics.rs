//! Metrics for Prometheus.
//!
//! Labels take few values: nothing that a peer chooses is one.

use std::sync::Arc;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

use crate::traffic::Traffic;

/// All that is counted. Clones count together.
#[derive(Debug, Clone)]
pub(crate) struct Metrics(Arc<Counted>);

#[derive(Debug)]
struct Counted {
    sessions: Gauge,
    sessions_ended: Family<EndLabel, Counter>,
    session_seconds: Histogram,
    connect_seconds: Histogram,
    sent: Flow,
    received: Flow,
    echo_connections: Gauge,
    echoed: Flow,
    watchers: Gauge,
    refused: Family<LimitLabel, Counter>,
    recorded: Counter,
    not_recorded: Counter,
    registry: Registry,
}

/// Frames, and the bytes of payload in them.
#[derive(Debug, Clone, Default)]
struct Flow {
    frames: Counter,
    bytes: Counter,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EndLabel {
    end: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LimitLabel {
    limit: &'static str,
}

/// What a request or a connection was refused for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Limit {
    /// `--max-connections` or `--max-connections-per-ip`.
    Connections,
    /// A Host that the gateway is not known by.
    Host,
    /// A page of a foreign origin.
    Origin,
    /// A PROXY header that is missing, malformed or not to be believed.
    ProxyHeader,
    /// No token, or a wrong one.
    Token,
    /// As many watch as may.
    Watchers,
}

/// A guard that counts something as open while it lives.
#[derive(Debug)]
pub(crate) struct OpenGuard(Gauge);

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("framegate");
        let sessions = Gauge::default();
        registry.register(
            "sessions",
            "WebSocket sessions that are open",
            sessions.clone(),
        );
        let sessions_ended = Family::default();
        registry.register(
            "sessions_ended",
            "Sessions that have ended, by how",
            sessions_ended.clone(),
        );
        // From a quarter of a second to half a day.
        let session_seconds = Histogram::new(exponential_buckets(0.25, 3.0, 12));
        register_seconds(
            &mut registry,
            "session_duration",
            "How long sessions lasted",
            &session_seconds,
        );
        // From half a millisecond to eight seconds.
        let connect_seconds = Histogram::new(exponential_buckets(0.0005, 2.0, 15));
        register_seconds(
            &mut registry,
            "connect_duration",
            "How long connecting to the upstream took",
            &connect_seconds,
        );
        let echo_connections = Gauge::default();
        registry.register(
            "echo_connections",
            "Connections to the echo service that are open",
            echo_connections.clone(),
        );
        let watchers = Gauge::default();
        registry.register(
            "watchers",
            "Those who watch clients and their messages live",
            watchers.clone(),
        );
        let refused = Family::default();
        registry.register(
            "refused",
            "Connections and requests that were refused, by what for",
            refused.clone(),
        );
        let (recorded, not_recorded) = (Counter::default(), Counter::default());
        registry.register(
            "recorded_messages",
            "Messages that are in the recording",
            recorded.clone(),
        );
        registry.register(
            "not_recorded_messages",
            "Messages that the recording had no room for, or that could not be written",
            not_recorded.clone(),
        );
        Self(Arc::new(Counted {
            sent: Flow::register(&mut registry, "sent", "from clients to the upstream"),
            received: Flow::register(&mut registry, "received", "from the upstream to clients"),
            echoed: Flow::register(&mut registry, "echoed", "answered by the echo service"),
            sessions,
            sessions_ended,
            session_seconds,
            connect_seconds,
            echo_connections,
            watchers,
            refused,
            recorded,
            not_recorded,
            registry,
        }))
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

    /// The upstream was reached after `took`.
    pub(crate) fn connected(&self, took: Duration) {
        self.0.connect_seconds.observe(took.as_secs_f64());
    }

    /// Counts a connection to the echo service as open.
    pub(crate) fn echo_opened(&self) -> OpenGuard {
        OpenGuard::count(&self.0.echo_connections)
    }

    /// Counts someone as watching.
    pub(crate) fn watcher_came(&self) -> OpenGuard {
        OpenGuard::count(&self.0.watchers)
    }

    pub(crate) fn echoed(&self, frames: u64, bytes: u64) {
        self.0.echoed.add(frames, bytes);
    }

    /// Adds what passed through a session since the last time.
    pub(crate) fn passed(&self, traffic: Traffic) {
        self.0.sent.add(traffic.sent, traffic.sent_bytes);
        self.0
            .received
            .add(traffic.received, traffic.received_bytes);
    }

    /// All metrics in the OpenMetrics text format.
    pub(crate) fn encode(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut text, &self.0.registry);
        text
    }

    /// Messages have been written to the recording.
    pub(crate) fn recorded(&self, messages: u64) {
        self.0.recorded.inc_by(messages);
    }

    /// Messages are missing in the recording.
    pub(crate) fn not_recorded(&self, messages: u64) {
        self.0.not_recorded.inc_by(messages);
    }

    pub(crate) fn refused(&self, limit: Limit) {
        let limit = match limit {
            Limit::Connections => "connections",
            Limit::Host => "host",
            Limit::Origin => "origin",
            Limit::ProxyHeader => "proxy_header",
            Limit::Token => "token",
            Limit::Watchers => "watchers",
        };
        self.0.refused.get_or_create(&LimitLabel { limit }).inc();
    }
}

fn register_seconds(registry: &mut Registry, name: &str, help: &str, histogram: &Histogram) {
    registry.register_with_unit(name, help, Unit::Seconds, histogram.clone());
}

impl Flow {
    fn register(registry: &mut Registry, name: &str, what: &str) -> Self {
        let flow = Self::default();
        let frames = format!("Frames {what}");
        registry.register(format!("frames_{name}"), frames, flow.frames.clone());
        let bytes = format!("Bytes of payload {what}");
        registry.register(format!("payload_{name}_bytes"), bytes, flow.bytes.clone());
        flow
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
