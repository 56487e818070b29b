//! One connection, message by message.

use std::io;
use std::pin::pin;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use net::error_text::io_error_text;
use net::stream::Stream;
use net::timer::timeout_opt;
use protocol::MessageKind;
use protocol::{Decoder, Encoder, FrameError, Framing};
use thiserror::Error;
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf, split};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::CapacityError;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{self, Error as WsError, Message};

use crate::connect::{ConnectError, Connector};

/// How long a server may take to see that a connection ends.
const GOODBYE: Duration = Duration::from_secs(1);

/// What carries messages, and which.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wire {
    /// How messages are told apart where nothing else does.
    pub(super) framing: Framing,
    /// Whether a WebSocket's binary messages are pieces of a byte stream that holds frames.
    pub(super) stream: bool,
    /// The longest message that is taken, in bytes.
    pub(super) max_len: Option<usize>,
}

/// Why a connection gave no message, or took none.
#[derive(Debug, Error)]
pub enum LinkError {
    /// It broke.
    #[error("connection lost: {}", io_error_text(.0))]
    Io(#[from] io::Error),
    /// A message is too long, or its framing cannot carry it.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// The server broke the WebSocket protocol.
    #[error("{0}")]
    WebSocket(Box<tungstenite::Error>),
    /// The server has closed it, with a code and a reason if it is a WebSocket.
    #[error("closed by the server{}", with_code(.0.as_ref()))]
    Closed(Option<CloseFrame>),
}

/// A connection to a service, over which messages go both ways at once.
pub(super) struct Link {
    pub(super) sender: Sender,
    pub(super) receiver: Receiver,
}

/// A message from a service.
pub(super) struct Reply {
    pub(super) payload: Bytes,
    /// What a WebSocket message is; frames are of no kind.
    pub(super) kind: Option<MessageKind>,
}

/// Takes messages to a service.
pub(super) enum Sender {
    Frames(WriteHalf<Stream>, Framing),
    Messages(SplitSink<WebSocketStream<Stream>, Message>),
    Stream(SplitSink<WebSocketStream<Stream>, Message>, Framing),
}

/// Takes messages from a service.
pub(super) enum Receiver {
    Frames(ReadHalf<Stream>, Input),
    Messages(SplitStream<WebSocketStream<Stream>>),
    Stream(SplitStream<WebSocketStream<Stream>>, Input),
}

/// What has been read of the frame to come.
pub(super) struct Input {
    decoder: Decoder,
    bytes: BytesMut,
}

impl Link {
    pub(super) async fn open(connector: &Connector, wire: Wire) -> Result<Self, ConnectError> {
        let framing = wire.framing;
        let input = Input::new(wire);
        if !connector.target().is_websocket() {
            let (read, write) = split(connector.stream().await?);
            return Ok(Self {
                sender: Sender::Frames(write, framing),
                receiver: Receiver::Frames(read, input),
            });
        }
        // A frame may be in many messages, and many frames in one.
        let max_len = wire.max_len.filter(|_| !wire.stream);
        let (sink, stream) = connector.websocket(max_len).await?.split();
        Ok(match wire.stream {
            true => Self {
                sender: Sender::Stream(sink, framing),
                receiver: Receiver::Stream(stream, input),
            },
            false => Self {
                sender: Sender::Messages(sink),
                receiver: Receiver::Messages(stream),
            },
        })
    }

    /// Whether messages have a kind, and an end a code.
    pub(super) fn is_websocket(&self) -> bool {
        !matches!(self.receiver, Receiver::Frames(..))
    }

    /// Sends `payload` as [`Sender::send`] does, and gives to `take` what comes meanwhile:
    /// a service may not take the rest before it is rid of its replies. `None` if it takes
    /// longer than `limit`.
    ///
    /// # Errors
    /// Those of `take`.
    pub(super) async fn send<E>(
        &mut self,
        payload: Bytes,
        kind: MessageKind,
        limit: Option<Duration>,
        mut take: impl FnMut(Result<Reply, LinkError>) -> Result<(), E>,
    ) -> Result<Option<Result<(), LinkError>>, E> {
        let mut sending = pin!(timeout_opt(limit, self.sender.send(payload, kind)));
        loop {
            tokio::select! {
                biased;
                reply = self.receiver.receive() => take(reply)?,
                sent = &mut sending => return Ok(sent),
            }
        }
    }

    /// Ends the connection. Where a Close has to be answered, or `owed` says that messages
    /// may still come, the server is given a moment to end it, too: a socket that is closed
    /// with bytes unread takes back what was sent (RFC 1122, section 4.2.2.13).
    pub(super) async fn close(mut self, owed: bool) {
        let goodbye = async {
            self.sender.end().await;
            if owed || self.is_websocket() {
                while self.receiver.receive().await.is_ok() {}
            }
        };
        let _ = timeout(GOODBYE, goodbye).await;
    }
}

impl Sender {
    /// Sends `payload`; text that is none is sent as binary.
    ///
    /// # Errors
    /// [`LinkError::Frame`] if the framing cannot carry it, and the connection goes on.
    pub(super) async fn send(
        &mut self,
        payload: Bytes,
        kind: MessageKind,
    ) -> Result<(), LinkError> {
        match self {
            Self::Frames(stream, framing) => {
                let mut frame = encode(*framing, payload)?;
                while frame.has_remaining() {
                    stream.write_buf(&mut frame).await?;
                }
                Ok(stream.flush().await?)
            }
            Self::Messages(socket) => {
                let message = match (kind, std::str::from_utf8(&payload)) {
                    (MessageKind::Text, Ok(text)) => Message::text(text),
                    _ => Message::binary(payload),
                };
                Ok(socket.send(message).await?)
            }
            Self::Stream(socket, framing) => {
                let mut frame = encode(*framing, payload)?;
                let message = Message::binary(frame.copy_to_bytes(frame.remaining()));
                Ok(socket.send(message).await?)
            }
        }
    }

    /// Says that no more comes.
    pub(super) async fn end(&mut self) {
        // Whatever fails now, there is nothing more to say.
        match self {
            Self::Frames(stream, _) => {
                let _ = stream.shutdown().await;
            }
            Self::Messages(socket) | Self::Stream(socket, _) => {
                let _ = socket.close().await;
            }
        }
    }
}

impl Receiver {
    /// The next message.
    ///
    /// # Errors
    /// [`LinkError::Closed`] if there is none, because the server has closed.
    ///
    /// # Cancel safety
    /// What has arrived is kept for the next call.
    pub(super) async fn receive(&mut self) -> Result<Reply, LinkError> {
        match self {
            Self::Frames(stream, input) => loop {
                if let Some(payload) = input.next()? {
                    return Ok(Reply::frame(payload));
                }
                if stream.read_buf(&mut input.bytes).await? == 0 {
                    return Err(input.end(None));
                }
            },
            Self::Messages(socket) => receive(socket).await,
            Self::Stream(socket, input) => loop {
                if let Some(payload) = input.next()? {
                    return Ok(Reply::frame(payload));
                }
                match receive(socket).await {
                    Ok(piece) => input.bytes.extend_from_slice(&piece.payload),
                    Err(LinkError::Closed(frame)) => return Err(input.end(frame)),
                    Err(error) => return Err(error),
                }
            },
        }
    }
}

impl Reply {
    /// One that is of no kind.
    pub(super) fn frame(payload: Bytes) -> Self {
        Self {
            payload,
            kind: None,
        }
    }
}

impl Input {
    fn new(wire: Wire) -> Self {
        let max = wire.framing.max_payload_len();
        Self {
            decoder: Decoder::new(wire.framing, wire.max_len.map_or(max, |len| len.min(max))),
            bytes: BytesMut::new(),
        }
    }

    fn next(&mut self) -> Result<Option<Bytes>, FrameError> {
        self.decoder.split_payload(&mut self.bytes)
    }

    /// How the stream ended: inside a frame, or after the last.
    fn end(&self, frame: Option<CloseFrame>) -> LinkError {
        match self.decoder.finish(&self.bytes) {
            Err(error) if frame.is_none() => error.into(),
            _ => LinkError::Closed(frame),
        }
    }
}

impl From<WsError> for LinkError {
    fn from(error: WsError) -> Self {
        match error {
            WsError::Io(error) => Self::Io(error),
            WsError::ConnectionClosed | WsError::AlreadyClosed => Self::Closed(None),
            WsError::Capacity(CapacityError::MessageTooLong { size, max_size }) => {
                let (len, max) = (size as u64, max_size);
                Self::Frame(FrameError::TooLong { len, max })
            }
            error => Self::WebSocket(Box::new(error)),
        }
    }
}

fn encode(framing: Framing, payload: Bytes) -> Result<Encoder, FrameError> {
    let mut encoder = Encoder::new(framing);
    encoder.push([payload])?;
    Ok(encoder)
}

/// The next data message; tungstenite answers pings.
async fn receive(socket: &mut SplitStream<WebSocketStream<Stream>>) -> Result<Reply, LinkError> {
    let reply = |payload, kind| Reply {
        payload,
        kind: Some(kind),
    };
    loop {
        match socket.next().await.transpose()? {
            Some(Message::Text(text)) => return Ok(reply(text.into(), MessageKind::Text)),
            Some(Message::Binary(bytes)) => return Ok(reply(bytes, MessageKind::Binary)),
            Some(Message::Close(frame)) => return Err(LinkError::Closed(frame)),
            Some(_) => {}
            None => return Err(LinkError::Closed(None)),
        }
    }
}

/// How a Close's code and reason are told.
pub(super) fn with_code(frame: Option<&CloseFrame>) -> String {
    match frame {
        Some(CloseFrame { code, reason }) if reason.is_empty() => format!(" with {code}"),
        Some(CloseFrame { code, reason }) => format!(" with {code}: {reason}"),
        None => String::new(),
    }
}
