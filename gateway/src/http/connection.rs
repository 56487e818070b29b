//! The course of an HTTP connection: its requests, the time that they have after a stop, and an end
//! that loses no response.

use std::convert::Infallible;
use std::pin::Pin;
use std::time::Duration;

use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1::UpgradeableConnection;
use hyper::service::HttpService;
use hyper_util::rt::TokioIo;
use net::peer_addr::PeerAddr;
use net::stream::Stream;
use net::timer::{sleep, timeout};
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio_util::sync::CancellationToken;
use tracing::debug;

use crate::http::connection_refusal::Refusal;
use crate::io::lingering_close::lingering_close;
use crate::io::write_timeout::WriteTimeout;
use crate::refusal::RefusedRequest;
use crate::runtime::stop::stopped_and_settled;
use crate::shared::Shared;

/// Time after a stop in which the rest of a request has to arrive, and then the time for its
/// response.
const REST_AFTER_STOP: Duration = Duration::from_secs(1);

/// Time in which a client has to end its side of a connection that is served.
const HTTP_LINGER_TIMEOUT: Duration = Duration::from_secs(1);

/// Connection that hyper serves.
type Serving<S> = UpgradeableConnection<TokioIo<WriteTimeout<Stream>>, S>;

/// Runs a connection until its end, and closes it so that the client reads the last response
/// and, over TLS, a close_notify.
pub(super) async fn run<S>(mut serving: Serving<S>, shared: &Shared, peer: PeerAddr)
where
    S: HttpService<Incoming, ResBody = Body, Error = Infallible>,
    Serving<S>: Future<Output = hyper::Result<()>> + Unpin,
{
    let ended = tokio::select! {
        served = &mut serving => Some(served),
        () = stopped_and_settled(&shared.stop) => None,
    };
    let served = match ended {
        Some(served) => Some(served),
        None => {
            Pin::new(&mut serving).graceful_shutdown();
            let rest = timeout(2 * REST_AFTER_STOP, &mut serving).await;
            rest.ok()
        }
    };
    // `None` after an upgrade.
    let Some(parts) = serving.into_parts() else {
        return;
    };
    let mut stream = parts.io.into_inner();
    // Boxed, here and below: the size would otherwise be part of every connection's task.
    if let Some(refusal) = refusal(served, !parts.read_buf.is_empty(), peer) {
        refusal.report(&shared.refusals, &RefusedRequest::of_connection(peer));
        Box::pin(answer(&mut stream, refusal)).await;
    }
    Box::pin(lingering_close(&mut stream, HTTP_LINGER_TIMEOUT)).await;
}

/// Returns the refusal of a connection that ended before a request was read. `served` is how it
/// ended, or `None` if it went on for too long after a stop.
fn refusal(
    served: Option<hyper::Result<()>>,
    has_partial_head: bool,
    peer: PeerAddr,
) -> Option<Refusal> {
    let error = match served {
        Some(Ok(())) => return None,
        Some(Err(error)) => error,
        None => return has_partial_head.then_some(Refusal::Stopping),
    };
    match &error {
        _ if error.is_parse_too_large() => Some(Refusal::LongHead),
        _ if error.is_parse_version_h2() => Some(Refusal::Http2),
        _ if error.is_parse() => Some(Refusal::NotHttp),
        _ if error.is_timeout() && has_partial_head => Some(Refusal::SlowHead),
        _ => {
            debug!(%peer, %error, "HTTP connection failed");
            None
        }
    }
}

/// Answers a connection that hyper closes without an answer. After a stop, a response may have
/// begun.
async fn answer(stream: &mut (impl AsyncWrite + Unpin), refusal: Refusal) {
    if let Refusal::Http2 | Refusal::SlowHead = refusal {
        // An error means that the client has left.
        let _ = stream.write_all(refusal.to_http().as_bytes()).await;
    }
}

/// Waits for `stop`, and then until the rest of a request is overdue.
pub(super) async fn rest_overdue(stop: &CancellationToken) {
    stopped_and_settled(stop).await;
    sleep(REST_AFTER_STOP).await;
}
