//! Ending without losing what is on its way.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio_util::sync::CancellationToken;

use crate::socket::clock::{sleep, timeout};
use crate::socket::read::poll_discard;

/// How long after a stop bytes are still taken. They may be in the kernel when the stop
/// comes, and the runtime learns of them a moment later.
pub(crate) const LAST_CALL: Duration = Duration::from_millis(100);

/// How long to wait for a peer to close its side. Long enough for any that is still
/// reading; one that never closes is not waited for.
const LINGER: Duration = Duration::from_secs(2);

/// Waits until `stop` is set and what had arrived before it has been noticed.
pub(crate) async fn last_call(stop: &CancellationToken) {
    stop.cancelled().await;
    // Apart, because all that wait for a stop would have room for it.
    Box::pin(sleep(LAST_CALL)).await;
}

/// Waits for `task`, at most for `limit` if there is one; `None` if that was over first.
pub(crate) async fn within<F: Future>(limit: Option<Duration>, task: F) -> Option<F::Output> {
    let mut task = pin!(task);
    // What need not wait need not know the time.
    if let Poll::Ready(done) = poll_fn(|cx| Poll::Ready(task.as_mut().poll(cx))).await {
        return Some(done);
    }
    match limit {
        Some(limit) => timeout(limit, task).await.ok(),
        None => Some(task.await),
    }
}

/// Ends our side, then discards what comes until the peer ends its own.
///
/// A socket that is closed with bytes unread makes the kernel send a reset, and a
/// reset makes the peer's kernel throw away what it had not read yet: the last
/// replies, or the Close frame that says why (RFC 1122, section 4.2.2.13).
pub(crate) async fn linger(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) {
    let peer_closed = async {
        stream.shutdown().await?;
        while !poll_fn(|cx| poll_discard(stream, cx)).await? {}
        std::io::Result::Ok(())
    };
    // Whether it closed, failed or took too long: there is nothing left to deliver.
    let _ = timeout(LINGER, peer_closed).await;
}
