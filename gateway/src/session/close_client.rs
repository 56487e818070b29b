//! Closing handshake with a client (RFC 6455, section 7.1.2).

use std::future::poll_fn;

use net::timer::timeout;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::io::lingering_close::lingering_close;
use crate::session::deadlines::Deadlines;
use crate::websocket::{Event, ReceiveError, WebSocket};

/// Sends what is left, the last of which is a Close, waits for the client's Close, and ends the
/// connection. Returns true if the client's Close has come.
pub(crate) async fn close_client<C>(client: &mut WebSocket<C>, deadlines: Deadlines) -> bool
where
    C: AsyncRead + AsyncWrite + Unpin,
{
    let mut has_answered = false;
    let closing = async {
        poll_fn(|cx| client.poll_flush(cx)).await?;
        loop {
            // Messages before the client's own Close are too late.
            let mut note_close = |event: Event<'_>| {
                has_answered |= matches!(event, Event::Close(_));
                Ok::<_, ReceiveError>(())
            };
            poll_fn(|cx| client.poll_receive(cx, |event, _| note_close(event))).await?;
        }
    };
    // A lost client, or one that does not answer, gets no second Close.
    let _: Result<Result<(), ReceiveError>, _> = timeout(deadlines.close, closing).await;
    lingering_close(client.stream_mut(), deadlines.linger).await;
    has_answered
}
