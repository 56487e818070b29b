//! Connection of a resumable session's client.

use std::sync::Arc;

use net::peer_addr::PeerAddr;

use crate::io::activity::ActivityStream;
use crate::listener::admission::Permit;
use crate::resume::request::ResumeRequest;
use crate::websocket::WebSocket;

/// WebSocket of a client, and its place within the connection limits.
#[derive(Debug)]
pub(crate) struct Connection<C> {
    pub(crate) socket: WebSocket<ActivityStream<C>>,
    pub(crate) permit: Arc<Permit>,
    pub(crate) peer: PeerAddr,
}

/// Connection of a client that comes back.
#[derive(Debug)]
pub(crate) struct Resumption<C> {
    pub(crate) connection: Connection<C>,
    pub(crate) request: ResumeRequest,
}
