//! `GET /api/monitor` as a WebSocket, for the page: each event is a text message of JSON.
//!
//! A browser opens at most six connections to a host for HTTP/1.1, and each window that watches
//! by server-sent events holds one. WebSockets are not among the six.

use std::future::poll_fn;
use std::time::Duration;

use axum::extract::Request;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use net::stream::Stream;
use net::timer::{sleep, timeout};
use protocol::MessageKind;
use tokio_util::sync::CancellationToken;

use crate::bridge::handshake::{self, Accepted, Refusal};
use crate::io::lingering_close::{LINGER_TIMEOUT, lingering_close};
use crate::io::write_timeout::WriteTimeout;
use crate::observe::live_feed::Subscription;
use crate::websocket::{CloseFrame, Event, ReceiveError, WebSocket, code};

/// Keep-alive interval: a watcher that left is noticed when a write to it fails.
pub(super) const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(2);

/// Answer to a watcher beyond the subscriber limits.
pub(super) const NO_SEAT: &str =
    "too many watchers, in all or from this address: close another one";

/// Longest message of a watcher, in bytes: the page sends none.
const MAX_MESSAGE: usize = 1024;

/// Time for a watcher to take the Close.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// WebSocket of a watcher. The stream is hyper's, with the socket options of a request: a watcher
/// that vanished gives its seat back soon.
type WatcherSocket = WebSocket<WriteTimeout<Stream>>;

/// End of a watcher's WebSocket, before the gateway sends its Close.
#[derive(Debug)]
enum WatchEnd {
    /// The watcher sent a Close.
    Closed,
    /// The watcher left, or violated the protocol.
    Lost,
    /// Events were missed: the watcher may subscribe again.
    FellBehind,
    /// All seats are taken.
    NoSeat,
    /// The gateway was asked to stop.
    Shutdown,
}

/// Accepts the handshake of a watcher. Returns the response, and the task that sends it the
/// events.
///
/// Without a `subscription`, the task sends the Close of a refusal, because browsers hide the
/// status of a refused handshake.
///
/// # Errors
/// The [`Refusal`] to answer with.
pub(super) fn accept(
    mut request: Request,
    subscription: Option<Subscription>,
    stop: CancellationToken,
) -> Result<(Accepted, impl Future<Output = ()> + Send + use<>), Refusal> {
    let accepted = handshake::accept(request.method(), request.headers())?;
    let upgraded = request
        .extensions_mut()
        .remove::<OnUpgrade>()
        .ok_or(Refusal::NotUpgradable)?;
    let serving = async move {
        let Some(mut socket) = upgraded.await.ok().and_then(websocket) else {
            return;
        };
        let end = match subscription {
            Some(subscription) => watch(&mut socket, subscription, &stop).await,
            None => WatchEnd::NoSeat,
        };
        close(&mut socket, &end).await;
    };
    Ok((accepted, serving))
}

fn websocket(upgraded: Upgraded) -> Option<WatcherSocket> {
    let parts = upgraded.downcast::<TokioIo<WriteTimeout<Stream>>>().ok()?;
    let stream = parts.io.into_inner();
    Some(WebSocket::new(stream, &parts.read_buf, MAX_MESSAGE))
}

/// Sends events until the watcher leaves or falls behind, or the gateway stops.
async fn watch(
    socket: &mut WatcherSocket,
    mut subscription: Subscription,
    stop: &CancellationToken,
) -> WatchEnd {
    let sent = async {
        loop {
            if let Err(end) = send_next(socket, &mut subscription).await {
                break end;
            }
        }
    };
    tokio::select! {
        () = stop.cancelled() => WatchEnd::Shutdown,
        end = sent => end,
    }
}

/// Sends the next event, or what the watcher's own message asks for, or a keep-alive ping.
async fn send_next(
    socket: &mut WatcherSocket,
    subscription: &mut Subscription,
) -> Result<(), WatchEnd> {
    tokio::select! {
        event = subscription.next() => {
            let event = event.ok_or(WatchEnd::FellBehind)?;
            // Serializing an event of the feed can't fail.
            let json = serde_json::to_vec(&*event).unwrap_or_default();
            socket.output().begin().push_copy(MessageKind::Text, &json);
        }
        received = receive(socket) => received?,
        () = sleep(KEEP_ALIVE_INTERVAL) => socket.output().begin().push_ping(),
    }
    poll_fn(|cx| socket.poll_flush(cx)).await?;
    Ok(())
}

/// Receives once. Messages are ignored.
async fn receive(socket: &mut WatcherSocket) -> Result<(), WatchEnd> {
    poll_fn(|cx| {
        socket.poll_receive(cx, |event, output| match event {
            Event::Ping(payload) => {
                output.begin().push_pong(payload);
                Ok(())
            }
            Event::Close(_) => Err(WatchEnd::Closed),
            Event::Message(..) | Event::Pong => Ok(()),
        })
    })
    .await
}

/// Sends the Close for `end`, and closes the connection so that the watcher reads it.
async fn close(socket: &mut WatcherSocket, end: &WatchEnd) {
    let reason = match end {
        WatchEnd::Lost => return,
        WatchEnd::Closed => None,
        WatchEnd::FellBehind => Some((code::TRY_AGAIN, "events were missed: connect again")),
        WatchEnd::NoSeat => Some((code::POLICY, NO_SEAT)),
        WatchEnd::Shutdown => Some((code::AWAY, "the gateway is shutting down")),
    };
    let close = reason.map(|(code, reason)| CloseFrame {
        code,
        reason: reason.into(),
    });
    socket.output().begin().push_close(close.as_ref());
    let flushed = poll_fn(|cx| socket.poll_flush(cx));
    // A watcher that takes nothing gets no Close.
    let _ = timeout(CLOSE_TIMEOUT, flushed).await;
    lingering_close(socket.stream_mut(), LINGER_TIMEOUT).await;
}

impl From<ReceiveError> for WatchEnd {
    fn from(_: ReceiveError) -> Self {
        Self::Lost
    }
}
