//! The server's side of a WebSocket (RFC 6455): frames as bytes, and nothing about what
//! they are for.
//!
//! [`MessageDecoder`] makes events of bytes and [`FrameEncoder`] makes bytes of frames; neither does
//! I/O. [`WebSocket`] joins both to a stream. A short message costs no memory of its own:
//! it is unmasked, checked and handed on in the buffer that all of a thread's connections
//! are read into.

mod close;
mod decoder;
mod encoder;
mod fast_path;
mod header;
mod mask;
#[cfg(any(test, fuzzing))]
pub(crate) mod oracle;

use std::mem::take;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes, BytesMut};
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::io::poll_read_buf;

use crate::buffer::read::{poll_read_shared, take_back};
use crate::io::write::poll_write_all;
pub(crate) use crate::websocket::close::{CloseFrame, MAX_REASON, code};
pub(crate) use crate::websocket::decoder::{Event, MessageDecoder};
pub(crate) use crate::websocket::encoder::FrameEncoder;

/// Why nothing more can be received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ReceiveError {
    /// The connection is gone, without a Close.
    Lost,
    /// The client broke RFC 6455.
    Violated(ProtocolError),
    /// What should be text is none.
    NotUtf8(Text),
    /// A message of `len` bytes, as far as it is announced, is over the limit.
    TooLong { len: u64, max: usize },
}

/// A rule of RFC 6455 that was broken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum ProtocolError {
    /// Section 5.2: RSV1 to RSV3 are for extensions, and none is agreed on.
    #[error("reserved bits are set")]
    ReservedBits,
    /// Section 5.2.
    #[error("opcode {0:#x} is reserved")]
    ReservedOpcode(u8),
    /// Section 5.1.
    #[error("client's frame is not masked")]
    Unmasked,
    /// Section 5.5.
    #[error("control frame is fragmented")]
    FragmentedControl,
    /// Section 5.5.
    #[error("control frame is longer than 125 bytes")]
    LongControl,
    /// Section 5.4.
    #[error("continuation without a message to continue")]
    NothingToContinue,
    /// Section 5.4.
    #[error("new message inside a fragmented one")]
    InsideMessage,
    /// Section 5.5.1: the code is two bytes long, where there is one.
    #[error("close code is cut short")]
    ShortCloseCode,
    /// Section 7.4.
    #[error("close code {0} may not be sent")]
    CloseCode(u16),
}

/// What has to be UTF-8 (RFC 6455, sections 5.6 and 5.5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum Text {
    #[error("text message")]
    Message,
    #[error("close reason")]
    CloseReason,
}

/// A stream after its handshake.
#[derive(Debug)]
pub(crate) struct WebSocket<S> {
    stream: S,
    /// Came along with the handshake.
    early: Bytes,
    receiver: MessageDecoder,
    outbox: FrameEncoder,
    /// Whether something was written that the stream may still hold.
    unflushed: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> WebSocket<S> {
    /// A WebSocket on `stream`, of which `early` was already read, for messages of at most
    /// `max` bytes.
    pub(crate) fn new(stream: S, early: Bytes, max: usize) -> Self {
        Self {
            stream,
            // Empty bytes may still hold the whole buffer that they were read to.
            early: if early.is_empty() {
                Bytes::new()
            } else {
                early
            },
            receiver: MessageDecoder::new(max),
            outbox: FrameEncoder::default(),
            unflushed: false,
        }
    }

    pub(crate) fn stream_mut(&mut self) -> &mut S {
        &mut self.stream
    }

    /// What is to be sent. It leaves when it is flushed.
    pub(crate) fn outbox(&mut self) -> &mut FrameEncoder {
        &mut self.outbox
    }

    /// Whether there is something to flush.
    pub(crate) fn owes(&self) -> bool {
        self.unflushed || self.outbox.has_remaining()
    }

    /// Hands all events to `take` that one read brings, in order, until it fails.
    pub(crate) fn poll_receive<E: From<ReceiveError>>(
        &mut self,
        cx: &mut Context<'_>,
        mut take_event: impl FnMut(Event<'_>, &mut FrameEncoder) -> Result<(), E>,
    ) -> Poll<Result<(), E>> {
        let (receiver, outbox) = (&mut self.receiver, &mut self.outbox);
        let take_event = |event: Event<'_>| take_event(event, outbox);
        if receiver.is_over() {
            return Poll::Ready(Err(ReceiveError::Lost.into()));
        }
        if !self.early.is_empty() {
            let mut early = BytesMut::from(take(&mut self.early));
            return Poll::Ready(receiver.receive(&mut early, take_event));
        }
        if let Some(mut room) = receiver.room() {
            let stream = Pin::new(&mut self.stream);
            return Poll::Ready(match ready!(poll_read_buf(stream, cx, &mut room)) {
                Ok(count @ 1..) => receiver.received(count, take_event),
                Ok(0) | Err(_) => Err(ReceiveError::Lost.into()),
            });
        }
        let landed = ready!(poll_read_shared(
            &mut self.stream,
            cx,
            &[],
            receiver.expects()
        ));
        let Ok(Some(mut landed)) = landed else {
            return Poll::Ready(Err(ReceiveError::Lost.into()));
        };
        let received = receiver.receive(&mut landed, take_event);
        take_back(landed);
        Poll::Ready(received)
    }

    /// Writes all that is to be sent.
    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), ReceiveError>> {
        let wrote = || self.unflushed = true;
        ready!(poll_write_all(
            &mut self.stream,
            cx,
            &mut self.outbox,
            wrote
        ))
        .map_err(|_| ReceiveError::Lost)?;
        if self.unflushed {
            ready!(Pin::new(&mut self.stream).poll_flush(cx)).map_err(|_| ReceiveError::Lost)?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests;
