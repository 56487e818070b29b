//! Plain client: the session ends with its connection.

use std::task::{Context, Poll, ready};

use protocol::{MessageKind, Payload};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;

use crate::buffer::sizes::READ_SIZE;
use crate::io::activity::ActivityStream;
use crate::observe::ConnectionChange;
use crate::session::client_side::{Batch, ClientMovement, ClientSide};
use crate::session::close_client::close_client;
use crate::session::deadlines::Deadlines;
use crate::session::session_end::SessionEnd;
use crate::websocket::{Event, FrameEncoder, WebSocket};

/// WebSocket of a client whose session ends with it.
#[derive(Debug)]
pub(crate) struct PlainClient<C>(pub(crate) WebSocket<ActivityStream<C>>);

impl<C: AsyncRead + AsyncWrite + Unpin> ClientSide for PlainClient<C> {
    #[inline]
    fn poll_receive(
        &mut self,
        cx: &mut Context<'_>,
        mut on_message: impl FnMut(MessageKind, Payload<'_>) -> Result<(), SessionEnd>,
    ) -> Poll<Result<(), SessionEnd>> {
        // Backpressure: a client that does not read its pongs cannot go on pinging.
        if self.0.output().has_pong() {
            ready!(self.0.poll_flush(cx))?;
        }
        self.0.poll_receive(cx, |event, output| match event {
            Event::Message(kind, payload) => on_message(kind, payload),
            Event::Ping(payload) => {
                output.begin().push_pong(payload);
                Ok(())
            }
            Event::Pong => Ok(()),
            Event::Close(close) => Err(SessionEnd::ClientClosed(close)),
        })
    }

    fn note_written(&mut self, _: &mut Context<'_>) {}

    fn reads_ahead(&self) -> bool {
        false
    }

    #[inline]
    fn needs_flush(&self) -> bool {
        self.0.needs_flush()
    }

    #[inline]
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), SessionEnd>> {
        self.0.poll_flush(cx).map_err(SessionEnd::from)
    }

    fn room(&self) -> Option<usize> {
        Some(READ_SIZE)
    }

    fn take_unblocked(&mut self) -> bool {
        false
    }

    #[inline]
    fn begin_batch(&mut self) -> impl Batch + '_ {
        self.0.output().begin()
    }

    fn poll_event(&mut self, _: &mut Context<'_>) -> Poll<Result<(), SessionEnd>> {
        Poll::Pending
    }

    fn take_changes(&mut self) -> Vec<ConnectionChange> {
        Vec::new()
    }

    fn movement(&mut self) -> ClientMovement {
        let is_blocked = self.0.needs_flush();
        let pongs_blocked = self.0.output().has_pong();
        let stream = self.0.stream_mut();
        ClientMovement {
            has_sent: stream.take_read(),
            written: stream.take_written(),
            is_blocked,
            pongs_blocked,
            holds_back: false,
        }
    }

    fn ping(&mut self) {
        self.0.output().begin().push_ping();
    }

    fn give_up(&mut self, end: SessionEnd) -> Result<(), SessionEnd> {
        Err(end)
    }

    fn begin_end(&mut self, _: &SessionEnd) {}

    fn can_deliver(&self) -> bool {
        true
    }

    fn poll_acknowledgements(&mut self, _: &mut Context<'_>) {}

    async fn close(&mut self, end: &SessionEnd, deadlines: Deadlines, _: &CancellationToken) {
        end.push_close(self.0.output().begin());
        close_client(&mut self.0, deadlines).await;
    }
}

impl Batch for &mut FrameEncoder {
    #[inline]
    fn push_copy(&mut self, kind: MessageKind, payload: &[u8]) {
        FrameEncoder::push_copy(self, kind, payload);
    }

    #[inline]
    fn push(&mut self, kind: MessageKind, payload: Payload<'_>) {
        FrameEncoder::push(self, kind, payload);
    }
}
