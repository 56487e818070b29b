//! The grace period after a stop, in which bytes that had arrived are still read.

use std::time::Duration;

use net::timer::sleep;
use tokio_util::sync::CancellationToken;

/// How long after a stop bytes are still read, 100 ms. They may be in the kernel when the stop
/// comes, and the runtime learns of them a moment later.
pub(crate) const GRACE_PERIOD: Duration = Duration::from_millis(100);

/// Waits until `stop` is set and the grace period is over.
pub(crate) async fn stopped_and_settled(stop: &CancellationToken) {
    stop.cancelled().await;
    // Boxed: its size would otherwise be part of every waiting task.
    Box::pin(sleep(GRACE_PERIOD)).await;
}
