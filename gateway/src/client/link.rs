//! One connection, message by message.

use std::io;

use bytes::{Buf, Bytes, BytesMut};
use futures_util::{SinkExt, StreamExt};
use protocol::{Decoder, Encoder, FrameError, Framing};
use thiserror::Error;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{self, Message};

use super::Target;
use super::connect::{ConnectError, Connector};
use crate::reason::reason;

/// How messages are carried by a WebSocket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Carriage {
    /// Each message is a text message.
    Text,
    /// Each message is a binary message.
    Binary,
    /// Binary messages are pieces of a byte stream, cut anywhere, that holds frames.
    Stream,
}

/// Why a connection gave no message.
#[derive(Debug, Error)]
pub(super) enum LinkError {
    #[error("connection lost: {}", reason(.0))]
    Io(#[from] io::Error),
    #[error(transparent)]
    Frame(#[from] FrameError),
    #[error("{0}")]
    WebSocket(#[from] Box<tungstenite::Error>),
    #[error("closed by the server{}", with_code(.0.as_ref()))]
    Closed(Option<CloseFrame>),
}

/// A connection to a service, over which messages go one at a time.
pub(super) enum Link {
    Tcp(Framed<TcpStream>),
    Messages(WebSocketStream<TcpStream>, Carriage),
    Stream(Framed<WebSocketStream<TcpStream>>),
}

/// A byte stream, and what has been read of the frame to come.
pub(super) struct Framed<S> {
    stream: S,
    framing: Framing,
    decoder: Decoder,
    input: BytesMut,
}

impl Link {
    pub(super) async fn open(
        connector: &Connector,
        framing: Framing,
        carriage: Carriage,
    ) -> Result<Self, ConnectError> {
        Ok(match (connector.target(), carriage) {
            (Target::Tcp(_), _) => Self::Tcp(Framed::new(connector.tcp().await?, framing)),
            (Target::WebSocket { .. }, Carriage::Stream) => {
                Self::Stream(Framed::new(connector.websocket().await?, framing))
            }
            (Target::WebSocket { .. }, _) => Self::Messages(connector.websocket().await?, carriage),
        })
    }

    pub(super) async fn send(&mut self, payload: Bytes) -> Result<(), LinkError> {
        match self {
            Self::Tcp(framed) => {
                let mut frame = framed.encode(payload)?;
                while frame.has_remaining() {
                    framed.stream.write_buf(&mut frame).await?;
                }
            }
            Self::Messages(socket, carriage) => {
                let message = match (carriage, std::str::from_utf8(&payload)) {
                    (Carriage::Text, Ok(text)) => Message::text(text),
                    _ => Message::binary(payload),
                };
                socket.send(message).await.map_err(Box::new)?;
            }
            Self::Stream(framed) => {
                let mut frame = framed.encode(payload)?;
                let message = Message::binary(frame.copy_to_bytes(frame.remaining()));
                framed.stream.send(message).await.map_err(Box::new)?;
            }
        }
        Ok(())
    }

    /// The next message's payload.
    ///
    /// # Errors
    /// [`LinkError::Closed`] if there is none, because the server has closed.
    pub(super) async fn receive(&mut self) -> Result<Bytes, LinkError> {
        match self {
            Self::Tcp(framed) => loop {
                if let Some(payload) = framed.decode()? {
                    return Ok(payload);
                }
                if framed.stream.read_buf(&mut framed.input).await? == 0 {
                    return Err(LinkError::Closed(None));
                }
            },
            Self::Messages(socket, _) => receive(socket).await,
            Self::Stream(framed) => loop {
                if let Some(payload) = framed.decode()? {
                    return Ok(payload);
                }
                let piece = receive(&mut framed.stream).await?;
                framed.input.extend_from_slice(&piece);
            },
        }
    }

    /// Ends the connection, and waits for the server to do so, too.
    pub(super) async fn close(self) {
        // All was received: whatever fails now is no loss.
        match self {
            Self::Tcp(Framed { mut stream, .. }) => {
                let _ = stream.shutdown().await;
            }
            Self::Messages(mut socket, _)
            | Self::Stream(Framed {
                stream: mut socket, ..
            }) => {
                let _ = socket.close(None).await;
                while let Some(Ok(_)) = socket.next().await {}
            }
        }
    }
}

impl<S> Framed<S> {
    fn new(stream: S, framing: Framing) -> Self {
        Self {
            stream,
            framing,
            decoder: Decoder::new(framing, framing.max_payload_len()),
            input: BytesMut::new(),
        }
    }

    fn encode(&self, payload: Bytes) -> Result<Encoder, FrameError> {
        let mut encoder = Encoder::new(self.framing);
        encoder.push([payload])?;
        Ok(encoder)
    }

    fn decode(&mut self) -> Result<Option<Bytes>, FrameError> {
        self.decoder.split_payload(&mut self.input)
    }
}

/// The next data message; tungstenite answers pings.
async fn receive(socket: &mut WebSocketStream<TcpStream>) -> Result<Bytes, LinkError> {
    loop {
        match socket.next().await.transpose().map_err(Box::new)? {
            Some(message @ (Message::Text(_) | Message::Binary(_))) => {
                return Ok(message.into_data());
            }
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
