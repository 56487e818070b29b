//! A client's connection, over which messages go both ways: a WebSocket, or frames over TCP.

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

/// What browsers say where a connection ended without a Close (RFC 6455, section 7.4.1).
pub(crate) const LOST: u16 = 1006;

/// The longest reply that is taken, in bytes: more than any that is asked for.
const MAX_LEN: usize = 1 << 20;

/// How long the other side may take to see that a connection ends.
const GOODBYE: Duration = Duration::from_secs(5);

/// Where a client goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    /// To the bridge, by a WebSocket.
    Bridge(SocketAddr),
    /// To the echo service, by TCP.
    Echo(SocketAddr),
}

/// What comes over a connection.
pub(crate) enum Event {
    Message(Bytes),
    /// It has ended, with this close code.
    Closed(u16),
}

/// An open connection.
pub(crate) enum Link {
    WebSocket(Box<WebSocketStream<TcpStream>>),
    Frames {
        stream: TcpStream,
        decoder: Decoder,
        bytes: BytesMut,
    },
}

impl Link {
    pub(crate) async fn open(door: Door) -> Result<Self, Failure> {
        match door {
            Door::Bridge(addr) => {
                let stream = connect(addr).await?;
                let url = format!("ws://{addr}/ws");
                let (socket, _) = tokio_tungstenite::client_async(url, stream).await?;
                Ok(Self::WebSocket(Box::new(socket)))
            }
            Door::Echo(addr) => Ok(Self::Frames {
                stream: connect(addr).await?,
                decoder: Decoder::new(Framing::default(), MAX_LEN),
                bytes: BytesMut::new(),
            }),
        }
    }

    /// Sends a message of text. Whether that fails, [`receive`](Self::receive) tells, after
    /// what had come before.
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

    /// The next message, or how the connection ended.
    ///
    /// # Errors
    /// Bytes that are no message, or not a whole one before the end.
    pub(crate) async fn receive(&mut self) -> Result<Event, Failure> {
        match self {
            Self::WebSocket(socket) => loop {
                match socket.next().await {
                    Some(Ok(message @ (Message::Text(_) | Message::Binary(_)))) => {
                        return Ok(Event::Message(message.into_data()));
                    }
                    Some(Ok(Message::Close(close))) => {
                        // As a browser does: it answers the Close, and waits for the end.
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

    /// Ends the connection, and waits until the other side has, too.
    pub(crate) async fn close(&mut self) {
        let goodbye = async {
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
        let _ = timeout(GOODBYE, goodbye).await;
    }
}

async fn connect(addr: SocketAddr) -> Result<TcpStream, Failure> {
    let stream = TcpStream::connect(addr).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}
