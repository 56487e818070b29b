//! Refusals of requests and connections: each is counted, and logged at a bounded rate.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::http::HeaderValue;
use net::peer_addr::PeerAddr;
use net::untrusted::Untrusted;
use tracing::warn;

use crate::log_limit::LogLimit;
use crate::metrics::{Metrics, RefusalReason};
use crate::sync::lock;

/// Lines that one reason may log in a [`WINDOW`]: an attacker cannot fill the disk, and a reason
/// cannot hide the lines of another.
const LINES_PER_WINDOW: u32 = 10;
const WINDOW: Duration = Duration::from_secs(10);

/// Reason of a refused request, in the extensions of its response.
#[derive(Debug, Clone)]
pub(crate) struct Refused {
    pub(crate) reason: RefusalReason,
    /// Sentence for the log; it names the remedy.
    pub(crate) text: String,
}

/// Origin of a refused request or connection, as far as it is known.
#[derive(Debug, Default)]
pub(crate) struct RefusedRequest<'a> {
    pub(crate) peer: Option<PeerAddr>,
    /// Client beyond a proxy.
    pub(crate) client: Option<String>,
    pub(crate) method: Option<Untrusted<'a>>,
    /// Path without its query, which may contain secrets.
    pub(crate) path: Option<Untrusted<'a>>,
    pub(crate) host: Option<Untrusted<'a>>,
    pub(crate) origin: Option<Untrusted<'a>>,
}

/// Log and counter of refusals. Clones share them.
#[derive(Debug, Clone)]
pub(crate) struct RefusalLog {
    metrics: Metrics,
    limits: Arc<[Mutex<LogLimit>; RefusalReason::COUNT]>,
}

impl Refused {
    /// Creates a refusal with the sentence that `error` displays.
    pub(crate) fn new(reason: RefusalReason, error: &impl ToString) -> Self {
        let text = error.to_string();
        Self { reason, text }
    }
}

impl RefusedRequest<'_> {
    /// A connection that is refused before a request.
    pub(crate) fn of_connection(peer: PeerAddr) -> Self {
        Self {
            peer: Some(peer),
            ..Self::default()
        }
    }
}

impl RefusalLog {
    pub(crate) fn new(metrics: Metrics) -> Self {
        let limit = |_| Mutex::new(LogLimit::new(LINES_PER_WINDOW, WINDOW));
        Self {
            metrics,
            limits: Arc::new(std::array::from_fn(limit)),
        }
    }

    /// Counts a refusal, and logs it.
    pub(crate) fn refused(&self, refused: &Refused, request: &RefusedRequest<'_>) {
        self.metrics.refused(refused.reason);
        self.log(refused, request);
    }

    fn log(&self, refused: &Refused, request: &RefusedRequest<'_>) {
        let Some(unlogged) = self.admit(refused.reason, Instant::now()) else {
            return;
        };
        warn!(
            peer = request.peer.map(display),
            client = request.client.as_ref().map(display),
            method = request.method.as_ref().map(display),
            path = request.path.as_ref().map(display),
            host = request.host.as_ref().map(display),
            origin = request.origin.as_ref().map(display),
            unlogged = (unlogged > 0).then_some(unlogged),
            "refused a {}: {}",
            if request.method.is_some() {
                "request"
            } else {
                "connection"
            },
            refused.text,
        );
    }

    /// Returns the number of refusals without a line before this one; `None` if this one gets no
    /// line either.
    fn admit(&self, reason: RefusalReason, now: Instant) -> Option<u64> {
        lock(&self.limits[reason as usize]).admit(now)
    }
}

/// Returns the value of a header for a log line.
pub(crate) fn untrusted(value: &HeaderValue) -> Untrusted<'_> {
    Untrusted::new(value.as_bytes())
}
