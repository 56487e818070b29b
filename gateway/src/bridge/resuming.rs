//! The resuming of a session: hands the connection of a client that comes back to its session.

use std::sync::Arc;

use hyper::upgrade::OnUpgrade;
use net::peer_addr::PeerAddr;
use protocol::resumable::{CLIENT_HEAD, close_code};
use tracing::warn;

use crate::bridge::extensions::Deflate;
use crate::bridge::opening::{Bridge, websocket};
use crate::listener::admission::Permit;
use crate::metrics::RefusalReason;
use crate::refusal::{Refused, RefusedRequest};
use crate::resume::connection::{Connection, Resumption};
use crate::resume::request::{ResumeRefusal, ResumeRequest};
use crate::session::close_client::close_client;
use crate::session::deadlines::Deadlines;
use crate::upstream::registry::Upstream;
use crate::websocket::CloseFrame;

/// A client that asks for its session.
pub(super) struct ReturningClient {
    pub(super) request: Result<ResumeRequest, ResumeRefusal>,
    pub(super) upstream: Arc<Upstream>,
    pub(super) peer: PeerAddr,
    /// The client beyond a proxy.
    pub(super) client: Option<String>,
    pub(super) permit: Arc<Permit>,
    pub(super) deflate: Option<Deflate>,
}

impl Bridge {
    /// Takes the connection over, once hyper hands it over, and hands it to the session. A client
    /// whose session is unknown is told so in a Close.
    pub(super) async fn resume(self, upgraded: OnUpgrade, returning: ReturningClient) {
        let ReturningClient {
            request,
            upstream,
            peer,
            client,
            permit,
            deflate,
        } = returning;
        let Ok(upgraded) = upgraded.await else {
            return;
        };
        let max_len = upstream.max_frame.saturating_add(CLIENT_HEAD);
        let Some(socket) = websocket(upgraded, max_len, deflate, &self.shared.limits) else {
            return warn!(%peer, "handshake came over an unknown kind of connection");
        };
        let connection = Connection {
            socket,
            permit,
            peer,
        };
        let (refusal, mut connection) = match (request, &self.shared.resumable) {
            (Ok(request), Some(registry)) => {
                let resumption = Box::new(Resumption {
                    connection,
                    request,
                });
                match registry.resume(&upstream.name, resumption) {
                    Ok(()) => return,
                    Err((refusal, resumption)) => (refusal, resumption.connection),
                }
            }
            (Ok(_), None) => (ResumeRefusal::Unknown, connection),
            (Err(refusal), _) => (refusal, connection),
        };
        self.report(refusal, peer, client);
        let close = CloseFrame {
            code: close_code::UNKNOWN_SESSION,
            reason: refusal.to_string().into(),
        };
        let output = connection.socket.output().begin();
        output.push_close(Some(&close));
        close_client(&mut connection.socket, Deadlines::default()).await;
    }

    /// Counts and logs a refusal. Guesses are not delayed: a token has 256 random bits, and many
    /// clients with old ones may come from one address after a restart.
    fn report(&self, refusal: ResumeRefusal, peer: PeerAddr, client: Option<String>) {
        let refused = Refused {
            reason: RefusalReason::Session,
            text: refusal.to_string(),
        };
        let request = RefusedRequest {
            client,
            method: Some("GET".into()),
            ..RefusedRequest::of_connection(peer)
        };
        self.shared.refusals.refused(&refused, &request);
    }
}
