//! Openings: the first message of a connection, if it is framed otherwise than the load.

use bytes::{Bytes, BytesMut};
use futures_util::{SinkExt, StreamExt};
use net::stream::Stream;
use protocol::resumable::GATEWAY_HEAD;
use protocol::{Decoder, Framing, Framings};
use thiserror::Error;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::Data;
use tokio_tungstenite::tungstenite::{Error as WsError, Message};

use crate::bench::args::BenchArgs;
use crate::bench::error::BenchError;
use crate::bench::messages::{Transport, with_head};
use crate::bench::sized;

/// An exchange of one message and its reply, before the load of a connection.
#[derive(Debug)]
pub(super) struct Opening {
    framings: Framings,
    transport: Transport,
    /// Set in a resumable session, in which messages have heads.
    resumable: bool,
    /// The message, as written.
    message: Bytes,
    /// Longest reply, in bytes.
    max_reply: usize,
}

/// An opening that failed.
#[derive(Debug, Error)]
pub(super) enum OpeningError {
    #[error("connection lost: {}", net::error_text::io_error_text(.0))]
    Io(#[from] std::io::Error),
    #[error(transparent)]
    WebSocket(Box<WsError>),
    #[error(transparent)]
    Frame(#[from] protocol::FrameError),
    #[error("closed by the server")]
    Closed,
    #[error("more replies than messages")]
    UnexpectedReply,
}

impl From<WsError> for OpeningError {
    fn from(error: WsError) -> Self {
        Self::WebSocket(Box::new(error))
    }
}

impl Opening {
    /// Prepares the first message of `args`; returns `None` if their framings have no opening.
    pub(super) fn prepare(args: &BenchArgs) -> Result<Option<Self>, BenchError> {
        let framings = args.connect.framings(Framings::default());
        if framings.first_sent.is_none() && framings.first_received.is_none() {
            return Ok(None);
        }
        let framing = framings.sent(0);
        let message = first_message(framing, args.size.0)?;
        let message = match args.transport() {
            Transport::WebSocketMessage(_) => message,
            Transport::Stream | Transport::WebSocketStream => {
                sized::encode(framing, message)?.into()
            }
        };
        let message = match args.connect.resume {
            true => with_head(&message, Data::Binary),
            false => message,
        };
        Ok(Some(Self {
            transport: args.transport(),
            resumable: args.connect.resume,
            message,
            max_reply: args.max_reply(),
            framings,
        }))
    }

    /// Exchanges the first message on a byte stream.
    pub(super) async fn exchange(&self, stream: &mut Stream) -> Result<(), OpeningError> {
        stream.write_all(&self.message).await?;
        stream.flush().await?;
        let (mut decoder, mut buffer) = (self.decoder(), BytesMut::new());
        while !is_answered(&mut decoder, &mut buffer)? {
            if stream.read_buf(&mut buffer).await? == 0 {
                return Err(OpeningError::Closed);
            }
        }
        Ok(())
    }

    /// Exchanges the first message on a WebSocket.
    pub(super) async fn exchange_on(
        &self,
        socket: &mut WebSocketStream<Stream>,
    ) -> Result<(), OpeningError> {
        socket.send(Message::Binary(self.message.clone())).await?;
        let (mut decoder, mut buffer) = (self.decoder(), BytesMut::new());
        loop {
            let message = socket.next().await.ok_or(OpeningError::Closed)??;
            match message {
                Message::Close(_) => return Err(OpeningError::Closed),
                Message::Text(_) if self.resumable => continue,
                Message::Text(_) | Message::Binary(_) => {
                    let head = if self.resumable { GATEWAY_HEAD } else { 0 };
                    buffer.extend_from_slice(message.into_data().get(head..).unwrap_or_default());
                }
                _ => continue,
            }
            let is_message = matches!(self.transport, Transport::WebSocketMessage(_));
            if is_message || is_answered(&mut decoder, &mut buffer)? {
                return Ok(());
            }
        }
    }

    fn decoder(&self) -> Decoder {
        self.framings.decoder(self.max_reply)
    }
}

/// Returns the first message of a connection: of `len` bytes, or of as many as a framing of a
/// fixed length has.
pub(super) fn first_message(framing: Framing, len: usize) -> Result<Bytes, BenchError> {
    let len = match framing {
        Framing::Fixed(fixed) => fixed as usize,
        _ => len,
    };
    sized::message(framing, 0, len)
}

/// Returns true once the whole reply is in `buffer`, alone.
fn is_answered(decoder: &mut Decoder, buffer: &mut BytesMut) -> Result<bool, OpeningError> {
    match decoder.split_payload(buffer)? {
        None => Ok(false),
        Some(_) if buffer.is_empty() => Ok(true),
        Some(_) => Err(OpeningError::UnexpectedReply),
    }
}
