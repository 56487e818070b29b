//! A client's connection: a WebSocket, or frames over TCP.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::{SinkExt, StreamExt};
use protocol::{Decoder, Encoder, Framing};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use crate::Failure;

/// Browsers' close code for a connection that ended without a Close (RFC 6455, section 7.4.1).
pub(crate) const LOST: u16 = 1006;

/// The longest reply, in bytes: more than any client expects.
const MAX_LEN: usize = 1 << 20;

/// The time limit for the peer to close its side.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// An address where clients connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entrypoint {
    /// The bridge, for WebSocket clients.
    Bridge(SocketAddr),
    /// The echo service, for TCP clients.
    Echo(SocketAddr),
}

/// An event on a connection.
pub(crate) enum Event {
    Message(Bytes),
    /// The end of the connection, with its close code.
    Closed(u16),
}

/// An open connection.
pub(crate) enum Connection {
    WebSocket(Box<WebSocketStream<TcpStream>>),
    Frames {
        stream: TcpStream,
        decoder: Box<Decoder>,
        bytes: BytesMut,
    },
}

impl Connection {
    pub(crate) async fn open(entrypoint: Entrypoint) -> Result<Self, Failure> {
        match entrypoint {
            Entrypoint::Bridge(addr) => {
                let stream = connect(addr).await?;
                let url = format!("ws://{addr}/ws");
                let (socket, _) = tokio_tungstenite::client_async(url, stream).await?;
                Ok(Self::WebSocket(Box::new(socket)))
            }
            Entrypoint::Echo(addr) => Ok(Self::Frames {
                stream: connect(addr).await?,
                decoder: Decoder::new(Framing::default(), MAX_LEN).into(),
                bytes: BytesMut::new(),
            }),
        }
    }

    /// Sends a text message. An error is reported by [`receive`](Self::receive), after the
    /// messages that have arrived.
    pub(crate) async fn send(&mut self, payload: Bytes) {
        match self {
            Self::WebSocket(socket) => {
                let text = String::from_utf8_lossy(&payload).into_owned();
                let _ = socket.send(Message::text(text)).await;
            }
            Self::Frames { stream, .. } => {
                let mut frame = Encoder::new(Framing::default());
                if frame.push([payload]).is_ok() {
                    let _ = stream.write_all_buf(&mut frame).await;
                }
            }
        }
    }

    /// Receives the next message, or the end of the connection.
    ///
    /// # Errors
    /// If a frame is invalid, or incomplete at the end.
    pub(crate) async fn receive(&mut self) -> Result<Event, Failure> {
        match self {
            Self::WebSocket(socket) => loop {
                match socket.next().await {
                    Some(Ok(message @ (Message::Text(_) | Message::Binary(_)))) => {
                        return Ok(Event::Message(message.into_data()));
                    }
                    Some(Ok(Message::Close(close))) => {
                        // Answers the Close and waits for the end, as a browser does.
                        self.close().await;
                        let code = close.map_or(1005, |close| close.code.into());
                        return Ok(Event::Closed(code));
                    }
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return Ok(Event::Closed(LOST)),
                }
            },
            Self::Frames {
                stream,
                decoder,
                bytes,
            } => loop {
                if let Some(payload) = decoder.split_payload(bytes)? {
                    return Ok(Event::Message(payload));
                }
                match stream.read_buf(bytes).await {
                    Ok(0) => {
                        decoder.finish(bytes)?;
                        return Ok(Event::Closed(LOST));
                    }
                    Ok(_) => {}
                    Err(_) => return Ok(Event::Closed(LOST)),
                }
            },
        }
    }

    /// Closes the connection, and waits until the peer has closed it too.
    pub(crate) async fn close(&mut self) {
        let closing = async {
            match self {
                Self::WebSocket(socket) => {
                    let _ = WebSocketStream::close(socket, None).await;
                    while let Some(Ok(_)) = socket.next().await {}
                }
                Self::Frames { stream, bytes, .. } => {
                    let _ = stream.shutdown().await;
                    while let Ok(1..) = stream.read_buf(bytes).await {}
                }
            }
        };
        let _ = timeout(CLOSE_TIMEOUT, closing).await;
    }
}

async fn connect(addr: SocketAddr) -> Result<TcpStream, Failure> {
    let stream = TcpStream::connect(addr).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}
