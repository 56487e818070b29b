//! What the fuzz targets need, which stand outside of this crate. Built for them alone.

#![allow(missing_docs)]

use bytes::Bytes;
use protocol::Framing;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;

use crate::io::activity::ActivityStream;
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::session::Session;
use crate::websocket::WebSocket;
pub use crate::websocket::oracle::{Outcome, Received, ours, theirs};

/// The longest message from a client, in bytes.
pub const MAX_FRAME: usize = 16 << 20;

/// The longest frame from an upstream, in bytes.
pub const MAX_REPLY: usize = MAX_FRAME + (64 << 10);

/// How a session ended.
#[derive(Debug)]
pub struct Ended {
    /// As metrics call it.
    pub name: &'static str,
    /// What the client is told, unless it has ended the session itself.
    pub code: Option<u16>,
}

/// Joins `client` and `upstream` as the bridge does.
pub async fn session(
    client: impl AsyncRead + AsyncWrite + Unpin,
    upstream: impl AsyncRead + AsyncWrite + Unpin,
    framing: Framing,
    stop: CancellationToken,
) -> Ended {
    let limits = Limits {
        max_frame: MAX_FRAME,
        ..Limits::default()
    };
    let client = WebSocket::new(ActivityStream::new(client), Bytes::new(), limits.max_frame);
    let mut session = Session::new(client, upstream, framing, limits, Metrics::new());
    let (end, _) = session.run(&stop).await;
    Ended {
        name: end.name(),
        code: end.code(),
    }
}
