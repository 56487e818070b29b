//! Shared state of a running gateway: one value, handed to every part.

use std::sync::Arc;

use net::peer_addr::ClientHost;
use net::stream::Stream;
use tokio_util::sync::CancellationToken;

use crate::access::Access;
use crate::config::Config;
use crate::limits::Limits;
use crate::listener::admission::{Admission, LimitReached, Permit};
use crate::listener::proxy_protocol::ProxyPolicy;
use crate::metrics::Metrics;
use crate::observe::Observers;
use crate::refusal::RefusalLog;
use crate::resume::registry::Registry;

/// The limits, the access control, and the parts that count and observe.
#[derive(Debug, Clone)]
pub(crate) struct Shared {
    pub(crate) limits: Arc<Limits>,
    pub(crate) access: Access,
    pub(crate) admission: Admission,
    /// The policy on PROXY headers; `None` if the PROXY protocol is off.
    pub(crate) proxy_policy: Option<ProxyPolicy>,
    pub(crate) metrics: Metrics,
    pub(crate) refusals: RefusalLog,
    pub(crate) observers: Observers,
    /// The resumable sessions; `None` if they are disabled.
    pub(crate) resumable: Option<Registry<Stream>>,
    /// Cancelled when the gateway stops.
    pub(crate) stop: CancellationToken,
}

impl Shared {
    pub(crate) fn new(
        config: &Config,
        metrics: Metrics,
        observers: Observers,
        resumable: Option<Registry<Stream>>,
        stop: CancellationToken,
    ) -> Self {
        let limits = Arc::new(config.limits.clone());
        let proxies = &config.access.trusted_proxies;
        Self {
            access: config.access.clone(),
            admission: Admission::new(&limits),
            proxy_policy: config
                .proxy_protocol
                .then(|| ProxyPolicy::new(proxies, limits.header_timeout)),
            limits,
            refusals: RefusalLog::new(metrics.clone()),
            metrics,
            observers,
            resumable,
            stop,
        }
    }

    /// Counts a connection from `host`: as that client's, or if a trusted proxy's PROXY header
    /// is still to name the client, as nobody's yet.
    ///
    /// # Errors
    /// [`LimitReached`] names the connection limit.
    pub(crate) fn admit(&self, host: ClientHost) -> Result<Permit, LimitReached> {
        match &self.proxy_policy {
            Some(policy) if policy.expects_header(host) => self.admission.admit_unidentified(),
            _ => self.admission.admit(host),
        }
    }

    /// The state of the admin listener: without the connection limits and the PROXY protocol, and
    /// never stopped, so that it reports the drain.
    pub(crate) fn for_admin(&self) -> Self {
        let limits = Limits {
            max_connections: None,
            max_connections_per_ip: None,
            ..Limits::default()
        };
        Self {
            admission: Admission::new(&limits),
            proxy_policy: None,
            stop: CancellationToken::new(),
            ..self.clone()
        }
    }
}
