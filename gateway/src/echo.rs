//! The echo service: each frame is answered by a frame of its payload behind a prefix, and a
//! stream without frames by its own bytes (RFC 862).

mod connection;
pub(crate) mod own_connections;
pub(crate) mod service;

use std::net::SocketAddr;
use std::sync::Arc;

use net::peer_addr::PeerAddr;
use net::stream::Stream;
use tracing::Instrument;

use crate::echo::connection::{Connection, span};
use crate::echo::service::EchoService;
use crate::listener::admission::{LimitReached, Permit};
use crate::listener::peer::Peer;
use crate::listener::proxy_protocol::{ProxyError, ProxyPolicy};
use crate::logging::task_span;
use crate::refusal::RefusedRequest;
use crate::runtime::stop::stopped_and_settled;

/// Serves a connection, if the limits admit it.
pub(crate) async fn serve(service: Arc<EchoService>, stream: Stream, addr: PeerAddr) {
    let Some((mut connection, _permit)) = admit(&service, stream, addr).await else {
        return;
    };
    let span = task_span(|| span(&connection.peer));
    connection.serve().instrument(span).await;
}

/// Identifies the client of a connection, and admits it.
async fn admit(
    service: &EchoService,
    mut stream: Stream,
    addr: PeerAddr,
) -> Option<(Connection<'_>, Permit)> {
    let shared = &*service.shared;
    let policy = shared.proxy_policy.as_ref();
    if let Some(socket) = stream.tcp() {
        // Fails if the client is gone, which serving it notices too.
        let _ = shared.limits.keep_alive().set(socket);
    }
    let report = |limit: LimitReached, client: Option<SocketAddr>| {
        let connection = RefusedRequest {
            client: client.map(|it| it.to_string()),
            ..RefusedRequest::of_connection(addr)
        };
        shared.refusals.refused(&limit.refused(), &connection);
    };
    let permit = shared.admit(addr.host());
    let permit = permit.map_err(|limit| report(limit, None)).ok()?;
    let peer = match policy {
        None => Peer::direct(addr),
        Some(policy) => {
            // Boxed: few connections need it, and its size would be part of all.
            let identify = Box::pin(identify(service, policy, &mut stream, addr));
            let identified = tokio::select! {
                identified = identify => identified,
                () = stopped_and_settled(&shared.stop) => return None,
            };
            let log = |error: ProxyError| error.report(addr, &shared.refusals);
            identified.map_err(log).ok()?
        }
    };
    let client = peer.proxied.map(|it| it.addrs.source);
    let permit = permit.assign_to(peer.client().host());
    let permit = permit.map_err(|limit| report(limit, client)).ok()?;
    Some((Connection::new(service, stream, peer), permit))
}

async fn identify(
    service: &EchoService,
    policy: &ProxyPolicy,
    stream: &mut Stream,
    addr: PeerAddr,
) -> Result<Peer, ProxyError> {
    match policy.identify(stream, addr).await {
        // The bytes that look like a header are a message from a client of the gateway.
        Err(ProxyError::Untrusted) if service.own_connections.is_own(addr) => {
            Ok(Peer::direct(addr))
        }
        identified => identified,
    }
}
