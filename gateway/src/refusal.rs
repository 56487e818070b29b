//! Refusals of requests and connections: each is counted, and logged at a bounded rate.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use net::peer_addr::PeerAddr;
use tracing::field::display;
use tracing::warn;

use crate::log_limit::LogLimit;
use crate::metrics::{Metrics, RefusalReason};

/// Lines that one reason may log in a [`WINDOW`]: an attacker cannot fill the disk, and a reason
/// cannot hide the lines of another.
const LINES_PER_WINDOW: u32 = 10;
const WINDOW: Duration = Duration::from_secs(10);

/// Maximum characters of a peer's text in a log line.
const MAX_SHOWN: usize = 200;

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
    pub(crate) method: Option<&'a str>,
    /// Path without its query, which may contain secrets.
    pub(crate) path: Option<&'a str>,
    pub(crate) host: Option<&'a [u8]>,
    pub(crate) origin: Option<&'a [u8]>,
}

/// Log and counter of refusals. Clones share them.
#[derive(Debug, Clone)]
pub(crate) struct RefusalLog {
    metrics: Metrics,
    limits: Arc<[Mutex<LogLimit>; RefusalReason::COUNT]>,
}

/// Text of a peer, shown in a log line: bounded and escaped, so that it forges no line.
pub(crate) struct Shown<'a>(pub(crate) &'a [u8]);

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

    /// Logs a refusal that is counted elsewhere.
    pub(crate) fn log(&self, refused: &Refused, request: &RefusedRequest<'_>) {
        let Some(unlogged) = self.admit(refused.reason, Instant::now()) else {
            return;
        };
        let shown = |text: Option<&[u8]>| text.map(|text| display(Shown(text).to_string()));
        warn!(
            peer = request.peer.map(display),
            client = request.client.as_ref().map(display),
            method = shown(request.method.map(str::as_bytes)),
            path = shown(request.path.map(str::as_bytes)),
            host = shown(request.host),
            origin = shown(request.origin),
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
        let limit = &self.limits[reason as usize];
        // A poisoned lock can't occur: no code panics while holding it.
        let mut limit = limit.lock().unwrap_or_else(PoisonError::into_inner);
        limit.admit(now)
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = &self.0[..self.0.len().min(4 * MAX_SHOWN)];
        let text = String::from_utf8_lossy(bytes);
        // Escapes quotes, control characters and what has no width, such as bidi marks.
        for c in text.chars().take(MAX_SHOWN) {
            write!(f, "{}", c.escape_debug())?;
        }
        match text.chars().nth(MAX_SHOWN).is_some() || bytes.len() < self.0.len() {
            true => f.write_str("…"),
            false => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_a_peer_is_escaped_and_bounded_in_a_line() {
        let shown = |text: &[u8]| Shown(text).to_string();
        assert_eq!(shown(b"gate.example:80"), "gate.example:80");
        assert_eq!(shown(b"a\r\nb\x1b[2J"), r"a\r\nb\u{1b}[2J");
        assert_eq!(shown("a\u{202e}b".as_bytes()), r"a\u{202e}b");
        assert_eq!(shown(b"\xff"), "\u{fffd}");
        let long = shown(&[b'x'; 30_000]);
        assert_eq!(long, "x".repeat(MAX_SHOWN) + "…");
    }
}
