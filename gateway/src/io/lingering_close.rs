//! Lingering close: ends a connection without losing bytes that are on their way.

use std::future::poll_fn;
use std::io;
use std::task::Context;
use std::time::Duration;

use net::timer::timeout;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};

use crate::buffer::read_buffer::{poll_read, with_read_buffer};
use crate::buffer::sizes::READ_SIZE;

/// Longest wait for the peer to close its side: enough for any that is still reading.
pub(crate) const LINGER_TIMEOUT: Duration = Duration::from_secs(2);

/// Shuts down our side, then reads and discards until the peer closes its own, at most for
/// `limit` and at most for [`LINGER_TIMEOUT`].
///
/// A socket that is closed with bytes unread makes the kernel send a reset, and a reset
/// makes the peer's kernel discard the bytes that its program has not read yet: the last
/// replies, or the Close frame with the reason (RFC 1122, section 4.2.2.13).
pub(crate) async fn lingering_close(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    limit: Duration,
) {
    let peer_closed = async {
        stream.shutdown().await?;
        let mut discard = |cx: &mut Context<'_>| {
            with_read_buffer(0, |buffer| poll_read(stream, cx, buffer, READ_SIZE))
        };
        while poll_fn(&mut discard).await? > 0 {}
        io::Result::Ok(())
    };
    // After a failure or the timeout, there is nothing left to deliver either.
    let _ = timeout(limit.min(LINGER_TIMEOUT), peer_closed).await;
}
