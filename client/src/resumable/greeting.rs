//! The beginning of each connection of a session: the handshake, and the gateway's greeting.

use futures_util::StreamExt;
use net::stream::Stream;
use protocol::resumable::{Control, Hello};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use crate::connect::{ConnectError, Connector};
use crate::connection_error::ConnectionError;

/// Opens a connection that receives messages of up to `max_len` bytes with their heads, and waits
/// for its greeting. `query` resumes a session.
///
/// # Errors
/// [`ConnectError::Greeting`] if the gateway closes it, or speaks otherwise.
pub(crate) async fn open(
    connector: &Connector,
    query: Option<&str>,
    max_len: Option<usize>,
) -> Result<(WebSocketStream<Stream>, Hello), ConnectError> {
    let mut socket = connector.connect_resumable(query, max_len).await?;
    match connector.with_timeout(hello(&mut socket)).await? {
        Ok(hello) => Ok((socket, hello)),
        Err(cause) => Err(ConnectError::Greeting {
            target: connector.target().clone(),
            cause,
        }),
    }
}

/// Receives the greeting, which is the first message.
async fn hello(socket: &mut WebSocketStream<Stream>) -> Result<Hello, ConnectionError> {
    let no_greeting = protocol::resumable::SessionError::Control("the greeting");
    loop {
        match socket.next().await.transpose()? {
            Some(Message::Text(text)) => match Control::parse(&text)? {
                Control::Hello(hello) => return Ok(hello),
                _ => return Err(no_greeting.into()),
            },
            Some(Message::Binary(_)) => return Err(no_greeting.into()),
            Some(Message::Close(frame)) => return Err(ConnectionError::Closed(frame)),
            Some(_) => {}
            None => return Err(ConnectionError::Closed(None)),
        }
    }
}
