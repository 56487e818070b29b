//! Resumable sessions: the subprotocol `framegate.1`, without I/O and without a clock.
//!
//! A session outlives its WebSocket connection: each side keeps the messages that it has sent
//! until the other has acknowledged them, and sends the rest again on the next connection. Each
//! message arrives once and in order.
//!
//! - A binary WebSocket message is a [head](client_head) and a payload.
//! - A text WebSocket message is a [`Control`] message.
//! - Messages carry no number: both sides count them from the session's beginning.
//! - [`Outbox`] keeps what was sent, and [`Inbox`] counts what came. Both roles use both.
//!
//! ```
//! use protocol::{MessageKind, Payload};
//! use protocol::resumable::{Outbox, client_head};
//!
//! let mut outbox = Outbox::new(usize::MAX);
//! let head = client_head(MessageKind::Text);
//! for payload in [&b"one"[..], b"two"] {
//!     assert!(outbox.push(&head, &Payload::Borrowed(payload)), "sent at once");
//! }
//! // The connection is lost. On the next one, the gateway says that it has received one message.
//! outbox.resume(1)?;
//! let again = outbox.next().map(|message| message.copied.to_vec());
//! assert_eq!(again.as_deref(), Some(&b"\x01two"[..]));
//! assert!(outbox.next().is_none());
//! # Ok::<(), protocol::resumable::SessionError>(())
//! ```

mod chunk_queue;
mod control;
mod error;
mod head;
mod inbox;
mod outbox;

pub use control::{Control, Hello, MAX_CONTROL};
pub use error::SessionError;
pub use head::{
    CLIENT_HEAD, GATEWAY_HEAD, client_head, gateway_head, split_client_head, split_gateway_head,
};
pub use inbox::{ACK_DELAY, AckDue, Inbox};
pub use outbox::{Outbox, Outgoing};

/// The subprotocol of resumable sessions, as offered in `Sec-WebSocket-Protocol`.
pub const SUBPROTOCOL: &str = "framegate.1";

/// Close codes of the gateway, from the range for private use (RFC 6455, section 7.4.2).
pub mod close_code {
    /// The token is unknown, too old, or for another upstream: the session is lost.
    pub const UNKNOWN_SESSION: u16 = 4404;
    /// Another connection has resumed the session.
    pub const TAKEN_OVER: u16 = 4409;
}
