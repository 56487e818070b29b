//! The echo service: each frame is answered by a frame of its payload behind a prefix, and a
//! stream without frames by its own bytes (RFC 862).

mod connection;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use protocol::{Decoder, Framing};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, debug};

use crate::config::Config;
use crate::echo::connection::{Connection, span};
use crate::listener::admission::{Admission, Permit};
use crate::listener::proxy_protocol::{Peer, ProxyError, ProxyPolicy};
use crate::logging::task_span;
use crate::metrics::Metrics;
use crate::observe::{Observers, Tap};
use crate::runtime::stop::stopped_and_settled;

/// What the echo service answers, the same for all of its connections.
#[derive(Debug)]
pub(crate) struct Echo {
    prefix: Bytes,
    decoder: Decoder,
    framing: Framing,
    idle_timeout: Option<Duration>,
    drain_timeout: Option<Duration>,
    admission: Admission,
    proxies: Option<ProxyPolicy>,
    metrics: Metrics,
    observers: Observers,
    /// Set when no frames but those that have arrived are to be answered.
    stop: CancellationToken,
}

impl Echo {
    pub(crate) fn new(
        config: &Config,
        admission: &Admission,
        metrics: &Metrics,
        observers: &Observers,
        stop: &CancellationToken,
    ) -> Self {
        Self {
            prefix: config.prefix.clone().into(),
            decoder: Decoder::new(config.framing, config.max_echo()),
            framing: config.framing,
            idle_timeout: config.limits.idle_timeout,
            drain_timeout: config.limits.drain_timeout,
            admission: admission.clone(),
            proxies: ProxyPolicy::of(config),
            metrics: metrics.clone(),
            observers: observers.clone(),
            stop: stop.clone(),
        }
    }

    /// Serves a connection, if there is room for it.
    pub(crate) async fn admit(self: Arc<Self>, stream: TcpStream, peer: SocketAddr) {
        let Some((mut connection, _permit)) = self.let_in(stream, peer).await else {
            return;
        };
        let span = task_span(|| span(&connection.caller));
        connection.serve().instrument(span).await;
    }

    /// Finds out for whom a connection is, if there is room for one more.
    async fn let_in(
        &self,
        mut stream: TcpStream,
        peer: SocketAddr,
    ) -> Option<(Connection<'_>, Permit)> {
        let place = ProxyPolicy::admit(self.proxies.as_ref(), peer.ip(), &self.admission)
            .inspect_err(|full| debug!(%peer, "refused: {full}"))
            .ok()?;
        let caller = match &self.proxies {
            None => Peer::direct(peer),
            Some(proxies) => {
                // Apart, because only few have to tell, and all would have room for it.
                let identify = Box::pin(self.identify(proxies, &mut stream, peer));
                let identified = tokio::select! {
                    identified = identify => identified,
                    () = stopped_and_settled(&self.stop) => return None,
                };
                let told = |error: ProxyError| error.tell(peer, &self.metrics);
                identified.map_err(told).ok()?
            }
        };
        let permit = place
            .settle(caller.client().ip())
            .inspect_err(|full| span(&caller).in_scope(|| debug!("refused: {full}")))
            .ok()?;
        Some((Connection::new(self, stream, caller), permit))
    }

    async fn identify(
        &self,
        proxies: &ProxyPolicy,
        stream: &mut TcpStream,
        peer: SocketAddr,
    ) -> Result<Peer, ProxyError> {
        match proxies.identify(stream, peer).await {
            // What looks like a header is what a client of ours has sent.
            Err(ProxyError::Untrusted) if self.admission.is_own(peer) => Ok(Peer::direct(peer)),
            identified => identified,
        }
    }

    /// What tells of a client, if somebody watches; `None` while it is not known whether it
    /// is the gateway itself.
    fn tap(&self, caller: Peer) -> Option<Tap> {
        if self.observers.monitor.is_none() {
            return Some(Tap::default());
        }
        let is_own = self.admission.is_known_as_own(caller.peer)?;
        Some(self.tap_if_foreign(caller, is_own))
    }

    /// Sessions tell of themselves.
    fn tap_if_foreign(&self, caller: Peer, is_own: bool) -> Tap {
        match is_own {
            true => Tap::default(),
            false => self.observers.echo(caller.client(), self.framing),
        }
    }
}
