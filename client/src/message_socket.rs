//! The messages of a WebSocket, plain or with a resumable session.

use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use net::stream::Stream;
use protocol::MessageKind;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use crate::connect::{ConnectError, Connector};
use crate::connection_error::ConnectionError;
use crate::resumable::{Notices, Session, SessionReceiver, SessionSender};

/// A received message.
pub(crate) struct Reply {
    pub(crate) payload: Bytes,
    /// The kind of a WebSocket message; `None` for a frame.
    pub(crate) kind: Option<MessageKind>,
    /// Time that the service took for it, in a resumable session.
    pub(crate) service_time: Option<Duration>,
}

/// The sending half of a WebSocket.
pub(crate) enum MessageSink {
    Plain(SplitSink<WebSocketStream<Stream>, Message>),
    Resumable(SessionSender),
}

/// The receiving half of a WebSocket.
pub(crate) enum MessageSource {
    Plain(SplitStream<WebSocketStream<Stream>>),
    Resumable(SessionReceiver),
}

/// Opens a WebSocket that receives messages of up to `max_len` bytes; `None` is no limit.
pub(crate) async fn open(
    connector: &Connector,
    max_len: Option<usize>,
) -> Result<(MessageSink, MessageSource), ConnectError> {
    let (sink, stream) = connector.connect_websocket(max_len).await?.split();
    Ok((MessageSink::Plain(sink), MessageSource::Plain(stream)))
}

/// Opens a resumable session, as [`open`] does a WebSocket.
pub(crate) async fn open_session(
    connector: &Connector,
    max_len: Option<usize>,
) -> Result<(MessageSink, MessageSource), ConnectError> {
    let (sender, receiver) = Session::open(connector.clone(), max_len).await?.split();
    let sink = MessageSink::Resumable(sender);
    Ok((sink, MessageSource::Resumable(receiver)))
}

impl MessageSink {
    /// Sends a message; text that is not UTF-8 is sent as binary.
    pub(crate) async fn send(
        &mut self,
        payload: Bytes,
        kind: MessageKind,
    ) -> Result<(), ConnectionError> {
        match self {
            Self::Plain(socket) => {
                let message = match (kind, std::str::from_utf8(&payload)) {
                    (MessageKind::Text, Ok(text)) => Message::text(text),
                    _ => Message::binary(payload),
                };
                Ok(socket.send(message).await?)
            }
            Self::Resumable(session) => session.send(kind, payload).await,
        }
    }

    /// Sends a Close. An error means that the connection has ended already.
    pub(crate) async fn close(&mut self) {
        match self {
            Self::Plain(socket) => {
                let _ = socket.close().await;
            }
            Self::Resumable(session) => session.close().await,
        }
    }
}

impl MessageSource {
    /// Takes the notices of a resumable session.
    pub(crate) fn take_notices(&mut self) -> Option<Notices> {
        match self {
            Self::Plain(_) => None,
            Self::Resumable(session) => session.take_notices(),
        }
    }

    /// Receives the next message.
    ///
    /// # Errors
    /// [`ConnectionError::Closed`] once the server has closed the connection.
    pub(crate) async fn receive(&mut self) -> Result<Reply, ConnectionError> {
        match self {
            Self::Plain(socket) => receive_message(socket).await,
            Self::Resumable(session) => {
                let received = session.receive().await?;
                Ok(Reply {
                    payload: received.payload,
                    kind: Some(received.kind),
                    service_time: received.service_time,
                })
            }
        }
    }
}

impl Reply {
    /// A frame's payload.
    pub(crate) fn frame(payload: Bytes) -> Self {
        Self {
            payload,
            kind: None,
            service_time: None,
        }
    }
}

/// Receives the next data message; tungstenite answers pings.
async fn receive_message(
    socket: &mut SplitStream<WebSocketStream<Stream>>,
) -> Result<Reply, ConnectionError> {
    let reply = |payload, kind| Reply {
        payload,
        kind: Some(kind),
        service_time: None,
    };
    loop {
        match socket.next().await.transpose()? {
            Some(Message::Text(text)) => return Ok(reply(text.into(), MessageKind::Text)),
            Some(Message::Binary(bytes)) => return Ok(reply(bytes, MessageKind::Binary)),
            Some(Message::Close(frame)) => return Err(ConnectionError::Closed(frame)),
            Some(_) => {}
            None => return Err(ConnectionError::Closed(None)),
        }
    }
}
