//! Blocking calls, such as reading a file on a network share that may hang.

use std::future::pending;
use std::panic::resume_unwind;

use tokio::task::spawn_blocking;

/// Runs `call` on a thread of its own, so that this one stays free, for a stop signal too.
///
/// If the future is dropped, the call goes on, and its result is lost.
pub async fn unblock<T: Send + 'static>(call: impl FnOnce() -> T + Send + 'static) -> T {
    match spawn_blocking(call)
        .await
        .map_err(tokio::task::JoinError::try_into_panic)
    {
        Ok(result) => result,
        Err(Ok(panic)) => resume_unwind(panic),
        // Cancelled: the runtime shuts down, and this future too.
        Err(Err(_)) => pending().await,
    }
}
