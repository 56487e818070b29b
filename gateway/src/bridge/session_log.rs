//! Log lines and metrics of a session's beginning and end.

use std::sync::Arc;
use std::time::Instant;

use net::peer_addr::PeerAddr;
use tracing::{Span, info, info_span, warn};

use crate::bridge::subprotocol::Subprotocol;
use crate::logging::line_span;
use crate::metrics::{Metrics, OpenGuard};
use crate::session::resume_log::ResumeLog;
use crate::session::session_end::SessionEnd;
use crate::traffic::Traffic;
use crate::upstream::registry::Upstream;

/// The fields of every log line of a session.
pub(super) struct SessionLabels {
    pub(super) id: u64,
    pub(super) peer: PeerAddr,
    /// The client beyond a proxy.
    pub(super) client: Option<String>,
    pub(super) upstream: Option<Arc<Upstream>>,
}

impl SessionLabels {
    pub(super) fn span(&self) -> Span {
        info_span!(
            "session",
            id = self.id,
            peer = %self.peer,
            client = self.client.as_ref().map(display),
            upstream = self.upstream.as_ref().map(|upstream| display(&upstream.name)),
        )
    }

    pub(super) fn log(&self, line: impl FnOnce()) {
        line_span(|| self.span()).in_scope(line);
    }
}

/// The log and the metrics of a session that has opened.
pub(super) struct SessionLog {
    labels: Arc<SessionLabels>,
    since: Instant,
    metrics: Metrics,
    _open: OpenGuard,
}

impl SessionLog {
    pub(super) fn opened(
        labels: SessionLabels,
        metrics: Metrics,
        subprotocol: &Subprotocol,
    ) -> Self {
        labels.log(|| {
            info!(
                subprotocol = subprotocol.shown().map(display),
                "session opened"
            );
            if let Subprotocol::Unknown(offers) = subprotocol {
                info!("{offers}");
            }
        });
        Self {
            labels: Arc::new(labels),
            since: Instant::now(),
            _open: metrics.session_opened(),
            metrics,
        }
    }

    /// Address of the peer that opened the session.
    pub(super) fn peer(&self) -> PeerAddr {
        self.labels.peer
    }

    /// Returns the log of a resumable session.
    pub(super) fn resume_log(&self) -> ResumeLog {
        let labels = self.labels.clone();
        ResumeLog::new(self.metrics.clone(), move || labels.span())
    }

    pub(super) fn unknown_connection(&self) {
        let line = || warn!("handshake came over an unknown kind of connection");
        self.labels.log(line);
    }

    pub(super) fn ended(&self, end: &SessionEnd, traffic: Traffic) {
        self.metrics.session_ended(end.name(), self.since.elapsed());
        let Traffic {
            sent,
            sent_bytes,
            received,
            received_bytes,
        } = traffic;
        let code = end.final_code();
        self.labels.log(|| {
            if end.is_fault_of_upstream() {
                warn!(
                    code,
                    sent, sent_bytes, received, received_bytes, "session ended: {end}"
                );
            } else {
                info!(
                    code,
                    sent, sent_bytes, received, received_bytes, "session ended: {end}"
                );
            }
        });
    }
}
