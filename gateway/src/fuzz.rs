//! Entry points for the fuzz targets, which are outside of this crate. Built for fuzzing only.

use protocol::Framings;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;

use crate::io::activity::ActivityStream;
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::session::Session;
use crate::session::plain_client::PlainClient;
use crate::websocket::WebSocket;
pub use crate::websocket::oracle::{Outcome, Received, ours, theirs};

/// Longest message from a client, in bytes.
pub const MAX_FRAME: usize = 16 << 20;

/// Longest frame from an upstream, in bytes.
pub const MAX_REPLY: usize = MAX_FRAME + (64 << 10);

/// End of a session.
#[derive(Debug)]
pub struct Ended {
    /// Name of the ending, as in the metrics.
    pub name: &'static str,
    /// Close code sent to the client; `None` if the client ended the session.
    pub code: Option<u16>,
}

/// Runs a session between `client` and `upstream`, as the bridge does.
pub async fn session(
    client: impl AsyncRead + AsyncWrite + Unpin,
    upstream: impl AsyncRead + AsyncWrite + Unpin,
    framings: Framings,
    stop: CancellationToken,
) -> Ended {
    let limits = Limits {
        max_frame: MAX_FRAME,
        ..Limits::default()
    };
    let client = WebSocket::new(ActivityStream::new(client), &[], limits.max_frame);
    let client = PlainClient(client);
    let mut session = Session::new(client, upstream, &framings, limits, Metrics::new());
    let (end, _) = session.run(&stop).await;
    Ended {
        name: end.name(),
        code: end.code(),
    }
}
