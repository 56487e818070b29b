//! Lingering close: ends a connection without losing what is on its way.

use std::future::poll_fn;
use std::time::Duration;

use net::timer::timeout;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};

use crate::buffer::read::poll_discard;

/// How long to wait for a peer to close its side. Long enough for any that is still
/// reading; one that never closes is not waited for.
const LINGER: Duration = Duration::from_secs(2);

/// Ends our side, then discards what comes until the peer ends its own.
///
/// A socket that is closed with bytes unread makes the kernel send a reset, and a
/// reset makes the peer's kernel throw away what it had not read yet: the last
/// replies, or the Close frame that says why (RFC 1122, section 4.2.2.13).
pub(crate) async fn lingering_close(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) {
    let peer_closed = async {
        stream.shutdown().await?;
        while !poll_fn(|cx| poll_discard(stream, cx)).await? {}
        std::io::Result::Ok(())
    };
    // Whether it closed, failed or took too long: there is nothing left to deliver.
    let _ = timeout(LINGER, peer_closed).await;
}
