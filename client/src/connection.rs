//! A connection to a service, over which messages go both ways.

use std::io::ErrorKind::UnexpectedEof;
use std::pin::pin;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use futures_util::FutureExt;
use net::stream::Stream;
use net::timer::timeout_opt;
use protocol::MessageKind;
use protocol::{Decoder, Encoder, FrameError};
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf, copy, sink, split};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use crate::connect::{ConnectError, Connector};
use crate::connection_error::ConnectionError;
use crate::message_socket::{self, MessageSink, MessageSource, Reply};
use crate::resumable::Notices;
use crate::wire_format::WireFormat;

/// The longest WebSocket message that is a chunk of a byte stream, unless a frame may be longer.
const MAX_CHUNK: usize = 64 << 20;

/// The longest wait for a server to end its side of a connection.
pub(crate) const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// An open connection. Its halves send and receive at the same time.
pub(crate) struct Connection {
    pub(crate) sender: Sender,
    pub(crate) receiver: Receiver,
}

/// The sending half.
pub(crate) enum Sender {
    /// Frames on a TCP, TLS or Unix stream.
    Frames(WriteHalf<Stream>, Encoder),
    /// WebSocket messages.
    Messages(MessageSink),
    /// Frames on a byte stream, of which WebSocket messages are chunks.
    Stream(MessageSink, Encoder),
}

/// The receiving half. Its variants are those of [`Sender`].
pub(crate) enum Receiver {
    Frames(ReadHalf<Stream>, FrameBuffer),
    Messages(MessageSource),
    Stream(MessageSource, FrameBuffer),
}

/// The bytes of frames that are not yet complete, and their decoder.
pub(crate) struct FrameBuffer {
    decoder: Decoder,
    bytes: BytesMut,
}

impl Connection {
    /// Connects, and does the WebSocket handshake if the target is a WebSocket.
    pub(crate) async fn open(
        connector: &Connector,
        format: WireFormat,
    ) -> Result<Self, ConnectError> {
        let encoder = format.framings.encoder();
        let buffer = FrameBuffer::new(&format);
        if !connector.target().is_websocket() && !format.resumable {
            let (read, write) = split(connector.connect_stream().await?);
            return Ok(Self {
                sender: Sender::Frames(write, encoder),
                receiver: Receiver::Frames(read, buffer),
            });
        }
        let max_len = format.max_len.map(|max| match format.stream {
            // The length of a chunk is not that of a frame.
            true => max.max(MAX_CHUNK),
            false => max,
        });
        let (sink, source) = match format.resumable {
            true => message_socket::open_session(connector, max_len).await?,
            false => message_socket::open(connector, max_len).await?,
        };
        Ok(match format.stream {
            true => Self {
                sender: Sender::Stream(sink, encoder),
                receiver: Receiver::Stream(source, buffer),
            },
            false => Self {
                sender: Sender::Messages(sink),
                receiver: Receiver::Messages(source),
            },
        })
    }

    /// Returns true on a WebSocket, whose messages have a kind and whose end has a close code.
    pub(crate) fn is_websocket(&self) -> bool {
        !matches!(self.receiver, Receiver::Frames(..))
    }

    /// Takes the notices of a resumable session.
    pub(crate) fn take_notices(&mut self) -> Option<Notices> {
        match &mut self.receiver {
            Receiver::Frames(..) => None,
            Receiver::Messages(socket) | Receiver::Stream(socket, _) => socket.take_notices(),
        }
    }

    /// Sends `payload` as [`Sender::send`] does, and passes replies that arrive meanwhile to
    /// `on_reply`: a service may stop reading until its replies are read. Replies come first, as
    /// the last of them may be the cause of a failure; each leaves the message its turn, as a
    /// service may send without end.
    ///
    /// Returns `None` if that took longer than `limit`.
    ///
    /// # Errors
    /// Those of `on_reply`.
    pub(crate) async fn send<E>(
        &mut self,
        payload: Bytes,
        kind: MessageKind,
        limit: Option<Duration>,
        mut on_reply: impl FnMut(Result<Reply, ConnectionError>) -> Result<(), E>,
    ) -> Result<Option<Result<(), ConnectionError>>, E> {
        let mut sending = pin!(timeout_opt(limit, self.sender.send(payload, kind)));
        let sent = loop {
            tokio::select! {
                biased;
                reply = self.receiver.receive() => on_reply(reply)?,
                sent = &mut sending => break sent,
            }
            if let Some(sent) = sending.as_mut().now_or_never() {
                break sent;
            }
        };
        if let Some(Err(_)) = sent {
            while let Some(reply) = self.receiver.receive().now_or_never() {
                on_reply(reply)?;
            }
        }
        Ok(sent)
    }

    /// Closes the connection, by the closing handshake on a WebSocket, which may take up to
    /// `limit`.
    ///
    /// On a WebSocket, or if `replies_pending`, this is a lingering close: it reads until the
    /// server ends the connection. A socket that is closed with bytes unread resets the
    /// connection, and what was sent is lost (RFC 1122, section 4.2.2.13). A stream lingers for
    /// at most [`CLOSE_TIMEOUT`], as a server may keep its side open.
    ///
    /// # Errors
    /// [`ConnectionError`] if the end is abnormal: the server may have dropped the last messages.
    pub(crate) async fn close(
        &mut self,
        replies_pending: bool,
        limit: Option<Duration>,
    ) -> Result<(), ConnectionError> {
        let is_websocket = self.is_websocket();
        let closing = async {
            self.sender.shutdown().await;
            match replies_pending || is_websocket {
                true => self.receiver.discard_all().await,
                false => Ok(()),
            }
        };
        let lingering = if is_websocket {
            limit
        } else {
            Some(CLOSE_TIMEOUT)
        };
        match timeout_opt(lingering, closing).await {
            // Many servers hang up in answer to a Close: no reply is missing.
            Some(Err(end)) if !replies_pending && end.is_hang_up() => Ok(()),
            Some(closed) => closed,
            None if is_websocket => Err(ConnectionError::StillOpen(limit.unwrap_or_default())),
            None => Ok(()),
        }
    }
}

impl Sender {
    /// Sends `payload` as one message; text that is not UTF-8 is sent as binary.
    ///
    /// # Errors
    /// [`ConnectionError::Frame`] if it is not valid in the framing; the connection is still
    /// usable.
    pub(crate) async fn send(
        &mut self,
        payload: Bytes,
        kind: MessageKind,
    ) -> Result<(), ConnectionError> {
        match self {
            Self::Frames(stream, encoder) => {
                encoder.push([payload])?;
                while encoder.has_remaining() {
                    stream.write_buf(encoder).await?;
                }
                Ok(stream.flush().await?)
            }
            Self::Messages(socket) => socket.send(payload, kind).await,
            Self::Stream(socket, encoder) => {
                encoder.push([payload])?;
                let chunk = encoder.copy_to_bytes(encoder.remaining());
                socket.send(chunk, MessageKind::Binary).await
            }
        }
    }

    /// Ends the sending direction, by a Close frame on a WebSocket.
    pub(crate) async fn shutdown(&mut self) {
        // An error means that the connection has ended already.
        match self {
            Self::Frames(stream, _) => {
                let _ = stream.shutdown().await;
            }
            Self::Messages(socket) | Self::Stream(socket, _) => socket.close().await,
        }
    }
}

impl Receiver {
    /// Receives the next message.
    ///
    /// # Errors
    /// [`ConnectionError::Closed`] once the server has closed the connection.
    ///
    /// # Cancel safety
    /// A partial message is kept for the next call.
    pub(crate) async fn receive(&mut self) -> Result<Reply, ConnectionError> {
        match self {
            Self::Frames(stream, buffer) => loop {
                if let Some(payload) = buffer.next()? {
                    return Ok(Reply::frame(payload));
                }
                if stream.read_buf(&mut buffer.bytes).await? == 0 {
                    return buffer.end(None);
                }
            },
            Self::Messages(socket) => socket.receive().await,
            Self::Stream(socket, buffer) => loop {
                if let Some(payload) = buffer.next()? {
                    return Ok(Reply::frame(payload));
                }
                match socket.receive().await {
                    Ok(chunk) => buffer.bytes.extend_from_slice(&chunk.payload),
                    Err(ConnectionError::Closed(frame)) => return buffer.end(frame),
                    Err(error) => return Err(error),
                }
            },
        }
    }
}

impl Receiver {
    /// Receives and drops everything until the server ends the connection.
    ///
    /// # Errors
    /// [`ConnectionError`] if the end is abnormal.
    async fn discard_all(&mut self) -> Result<(), ConnectionError> {
        match self {
            Self::Frames(stream, _) => match copy(stream, &mut sink()).await {
                // A TLS stream without a close_notify: nothing that is read here can be cut.
                Err(error) if error.kind() == UnexpectedEof => Ok(()),
                copied => Ok(copied.map(drop)?),
            },
            Self::Messages(socket) | Self::Stream(socket, _) => loop {
                match socket.receive().await {
                    Ok(_) => {}
                    Err(error) if error.is_normal_end() => return Ok(()),
                    Err(error) => return Err(error),
                }
            },
        }
    }
}

impl FrameBuffer {
    fn new(format: &WireFormat) -> Self {
        Self {
            decoder: format
                .framings
                .decoder(format.max_len.unwrap_or(usize::MAX)),
            bytes: BytesMut::new(),
        }
    }

    /// Removes the next complete frame, and returns its payload.
    fn next(&mut self) -> Result<Option<Bytes>, FrameError> {
        self.decoder.split_payload(&mut self.bytes)
    }

    /// Returns the last message if the end of the stream ends it.
    ///
    /// # Errors
    /// That of the end otherwise: inside a frame, or after the last.
    fn end(&mut self, frame: Option<CloseFrame>) -> Result<Reply, ConnectionError> {
        let bytes = self.bytes.split();
        match self.decoder.finish(&bytes) {
            Ok(Some(payload)) => Ok(Reply::frame(Bytes::copy_from_slice(payload))),
            Err(error) if frame.is_none() => Err(error.into()),
            _ => Err(ConnectionError::Closed(frame)),
        }
    }
}
