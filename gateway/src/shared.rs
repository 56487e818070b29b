//! State that all parts of a running gateway share.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::access::Access;
use crate::config::Config;
use crate::limits::Limits;
use crate::listener::admission::Admission;
use crate::listener::proxy_protocol::ProxyPolicy;
use crate::metrics::Metrics;
use crate::observe::Observers;

/// Number of connections that the admin listener takes: monitoring has a few.
const ADMIN_CONNECTIONS: usize = 100;

/// The limits, the access rules, and the parts that count and observe.
#[derive(Debug, Clone)]
pub(crate) struct Shared {
    pub(crate) limits: Arc<Limits>,
    pub(crate) access: Access,
    pub(crate) admission: Admission,
    /// `None` if listeners don't speak the PROXY protocol.
    pub(crate) proxy_policy: Option<ProxyPolicy>,
    pub(crate) metrics: Metrics,
    pub(crate) observers: Observers,
    /// Set when the gateway stops.
    pub(crate) stop: CancellationToken,
}

impl Shared {
    pub(crate) fn new(
        config: &Config,
        metrics: Metrics,
        observers: Observers,
        stop: CancellationToken,
    ) -> Self {
        let limits = Arc::new(config.limits.clone());
        let proxies = &config.access.trusted_proxies;
        Self {
            access: config.access.clone(),
            admission: Admission::new(&limits, metrics.clone()),
            proxy_policy: config
                .proxy_protocol
                .then(|| ProxyPolicy::new(proxies, limits.header_timeout)),
            limits,
            metrics,
            observers,
            stop,
        }
    }

    /// The state of the admin listener: it has connection limits of its own, no PROXY
    /// protocol, and goes on during a stop, to report the drain.
    pub(crate) fn for_admin(&self) -> Self {
        let limits = Limits {
            max_connections: Some(ADMIN_CONNECTIONS),
            max_connections_per_ip: None,
            ..Limits::default()
        };
        Self {
            admission: Admission::new(&limits, self.metrics.clone()),
            proxy_policy: None,
            stop: CancellationToken::new(),
            ..self.clone()
        }
    }
}
