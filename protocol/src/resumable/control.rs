//! Control messages: JSON objects in text WebSocket messages.

use std::fmt;

use super::error::SessionError;

/// Maximum length of a control message, in bytes.
pub const MAX_CONTROL: usize = 1024;

/// Control message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Control {
    /// First message of the gateway on each connection:
    /// `{"session":"TOKEN","received":0,"window":262144,"keep":60}`.
    Hello(Hello),
    /// Count of messages of the other side that were taken: `{"ack":17}`. The gateway has written
    /// them to the upstream; the application of a client has handled them.
    Ack(u64),
    /// Announcement that the session ends with this connection: `{"resume":false}`.
    Ending,
    /// Message without a known member. It is passed over, so that later versions can add some.
    Unknown,
}

/// Greeting of the gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hello {
    /// Token that resumes the session on another connection. It replaces the one before, which
    /// is good until the client has sent something on this connection.
    pub session: String,
    /// Count of the client's messages that the gateway has received.
    pub received: u64,
    /// Bytes of messages, with their heads, that the gateway has in flight at most.
    pub window: u64,
    /// Time that the gateway keeps the session without a connection, in seconds.
    pub keep: u64,
}

impl Control {
    /// Parses a text message.
    ///
    /// # Errors
    /// [`SessionError::Control`] if it is no JSON object, or a known member has another type;
    /// [`SessionError::ControlTooLong`].
    pub fn parse(text: &str) -> Result<Self, SessionError> {
        if text.len() > MAX_CONTROL {
            let (len, max) = (text.len(), MAX_CONTROL);
            return Err(SessionError::ControlTooLong { len, max });
        }
        let (mut hello, mut ack, mut resume) = (Hello::empty(), None, true);
        let mut has_session = false;
        for_each_member(text, |name, value| {
            match name {
                "session" => {
                    hello.session = string(value)?.into();
                    has_session = true;
                }
                "received" => hello.received = number(value)?,
                "window" => hello.window = number(value)?,
                "keep" => hello.keep = number(value)?,
                "ack" => ack = Some(number(value)?),
                "resume" => resume = value != "false",
                _ => {}
            }
            Ok(())
        })?;
        Ok(match (has_session, ack) {
            (true, _) => Self::Hello(hello),
            (false, Some(count)) => Self::Ack(count),
            (false, None) if !resume => Self::Ending,
            (false, None) => Self::Unknown,
        })
    }
}

/// The text of the message.
impl fmt::Display for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hello(hello) => {
                let Hello {
                    session,
                    received,
                    window,
                    keep,
                } = hello;
                write!(
                    f,
                    r#"{{"session":"{session}","received":{received},"window":{window},"keep":{keep}}}"#
                )
            }
            Self::Ack(count) => write!(f, r#"{{"ack":{count}}}"#),
            Self::Ending => f.write_str(r#"{"resume":false}"#),
            Self::Unknown => f.write_str("{}"),
        }
    }
}

impl Hello {
    fn empty() -> Self {
        Self {
            session: String::new(),
            received: 0,
            window: 0,
            keep: 0,
        }
    }
}

const NO_OBJECT: SessionError = SessionError::Control("a JSON object");

/// Calls `on_member` with the name and the text of the value of each member of an object. Nested
/// values are checked for balanced brackets alone: nothing in them has a meaning.
fn for_each_member<'a>(
    text: &'a str,
    mut on_member: impl FnMut(&'a str, &'a str) -> Result<(), SessionError>,
) -> Result<(), SessionError> {
    let inside = text
        .trim_ascii()
        .strip_prefix('{')
        .and_then(|it| it.strip_suffix('}'));
    let mut rest = inside.ok_or(NO_OBJECT)?.trim_ascii();
    while !rest.is_empty() {
        let (name, after) = rest.split_at(value_len(rest));
        let after = after
            .trim_ascii_start()
            .strip_prefix(':')
            .ok_or(NO_OBJECT)?;
        let after = after.trim_ascii_start();
        let (value, after) = after.split_at(value_len(after));
        let value = value.trim_ascii_end();
        if value.is_empty() {
            return Err(NO_OBJECT);
        }
        on_member(string(name)?, value)?;
        rest = match after.strip_prefix(',').map(str::trim_ascii_start) {
            Some("") => return Err(NO_OBJECT),
            Some(next) => next,
            None if after.is_empty() => after,
            None => return Err(NO_OBJECT),
        };
    }
    Ok(())
}

/// Returns the length of the value at the front of `text`, up to a comma or colon outside of it.
fn value_len(text: &str) -> usize {
    let (mut open, mut in_string, mut escaped) = (0, false, false);
    for (at, byte) in text.bytes().enumerate() {
        if in_string {
            in_string = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => open += 1,
            b'}' | b']' => open -= 1,
            b',' | b':' if open == 0 => return at,
            _ => {}
        }
    }
    text.len()
}

/// Returns the content of a string. Known names and tokens need no escapes.
fn string(value: &str) -> Result<&str, SessionError> {
    let inside = value
        .trim_ascii_end()
        .strip_prefix('"')
        .and_then(|it| it.strip_suffix('"'));
    inside.ok_or(SessionError::Control("valid: a string was expected"))
}

fn number(value: &str) -> Result<u64, SessionError> {
    let is_number = value.bytes().all(|byte| byte.is_ascii_digit());
    let number = value.parse().ok().filter(|_| is_number);
    number.ok_or(SessionError::Control("valid: a count was expected"))
}
