//! All that the page says, in one place.

use protocol::{Frame, Framing};

use crate::format::{count, hex, round_trip, size};
use crate::gateway::{Address, InfoError};
use crate::log::{Direction, Kind, MAX_BYTES, MAX_ROWS, Row, Tie};
use crate::state::{Close, Connection};
use crate::wire::MAX_SHOWN;

/// The product's name.
pub const NAME: &str = "framegate";
/// Names the state of the connection.
pub const CONNECTION: &str = "Connection";
/// Names the button that connects.
pub const CONNECT: &str = "Connect";
/// Names the button that disconnects.
pub const DISCONNECT: &str = "Disconnect";
/// Introduces the name of the upstream.
pub const UPSTREAM: &str = "Upstream";
/// Names the log.
pub const MESSAGES: &str = "Messages";
/// Names the button that empties the log.
pub const CLEAR: &str = "Clear";
/// Names the button that goes to the end of the log.
pub const LATEST: &str = "↓ Latest";
/// Names the figures.
pub const STATISTICS: &str = "Statistics";
/// Stands for a figure that there is none of.
pub const NO_FIGURE: &str = "–";
/// Names the median round trip.
pub const MEDIAN: &str = "p50";
/// Says what the median is of.
pub const MEDIAN_HINT: &str = "Half of the round trips in the log were shorter";
/// Names the count of messages without an answer.
pub const UNANSWERED: &str = "unanswered";
/// Names the detailed view of a message.
pub const WIRE_VIEW: &str = "Wire view";
/// Names the button that closes the detailed view where it covers the log.
pub const CLOSE: &str = "Close";
/// Introduces the header.
pub const HEADER: &str = "header";
/// Introduces the payload.
pub const PAYLOAD: &str = "payload";
/// Introduces the length of the whole frame.
pub const ON_TCP: &str = "on TCP";
/// Names where messages are written.
pub const COMPOSER: &str = "Composer";
/// Names the composer's input.
pub const MESSAGE: &str = "Message";
/// Invites to write.
pub const MESSAGE_PLACEHOLDER: &str = "Type a message";
/// Names the button that sends.
pub const SEND: &str = "Send";
/// Introduces the bytes that would be sent.
pub const ON_THE_WIRE: &str = "on the wire:";
/// Says which keys send.
pub const KEYS: &str = "Enter sends, Shift+Enter breaks the line";
/// Says why nothing can be sent.
pub const NOT_OPEN: &str = "Not connected: Connect to send.";
/// Names the button that copies.
pub const COPY: &str = "Copy";
/// Says that it was copied.
pub const COPIED: &str = "Copied";
/// Says what to do where the browser does not let the page copy.
pub const COPY_SELECTED: &str = "Selected: press Ctrl+C";
/// Stands for a payload without bytes.
pub const EMPTY_PAYLOAD: &str = "(empty)";
/// What the wire view says while there is no message.
pub const NO_FRAME: &str =
    "The bytes of a message as they cross TCP stand here: header and payload apart.";

/// Heads the empty log.
pub const BEGIN: &str = "No messages yet";
/// Introduces the first way to begin.
pub const BEGIN_HELLO: &str = "Send one from here";
/// Names the button of the first way to begin.
pub const SEND_HELLO: &str = "Send “hello”";
/// What that button sends.
pub const HELLO: &str = "hello";
/// Introduces the second way to begin.
pub const BEGIN_CLIENT: &str = "Talk to the echo service over TCP, in Python";
/// Names the second way's snippet.
pub const CLIENT: &str = "Python client";
/// Introduces the third way to begin.
pub const BEGIN_COMPOSER: &str = "Write your own";

/// Says how the third way to begin works.
pub fn begin_composer(framing: Framing) -> String {
    let layout = match framing {
        Framing::U32Le => "4 bytes of length, little-endian, then the text",
    };
    format!("Type below and press Enter. Each message crosses TCP as one frame: {layout}.")
}

/// A client of the echo service, in Python.
pub fn python_client(address: &Address) -> String {
    let Address { host, port } = address;
    format!(
        r#"import socket

with socket.create_connection(("{host}", {port})) as client:
    data = "hello".encode()
    client.sendall(len(data).to_bytes(4, "little"))
    client.sendall(data)

    header = client.recv(4, socket.MSG_WAITALL)
    length = int.from_bytes(header, "little")
    data = client.recv(length, socket.MSG_WAITALL)
    print(data.decode())
"#
    )
}

/// The state of the connection in a word or two.
pub fn connection(connection: &Connection) -> String {
    match connection {
        Connection::Idle => "Disconnected".into(),
        Connection::Asking | Connection::Connecting => "Connecting…".into(),
        Connection::Open { .. } => "Open".into(),
        Connection::Unavailable(_) => "Not available".into(),
        Connection::Closed(close) if close.opened => "Closed".into(),
        Connection::Closed(_) => "Not connected".into(),
    }
}

/// A close code with its name.
pub fn close_code(code: u16) -> String {
    let name = match code {
        1000 => "normal closure",
        1001 => "going away",
        1002 => "protocol error",
        1003 => "unsupported data",
        1005 => "no code given",
        1006 => "abnormal closure",
        1007 => "invalid data",
        1008 => "policy violation",
        1009 => "message too big",
        1010 => "extension missing",
        1011 => "internal error",
        1012 => "service restart",
        1013 => "try again later",
        1014 => "bad gateway",
        1015 => "TLS failure",
        _ => return code.to_string(),
    };
    format!("{code} {name}")
}

/// What a close means, and what to do.
pub fn close_advice(close: &Close) -> &'static str {
    if !close.opened {
        return "The connection could not be opened. Check that the gateway runs, then Connect.";
    }
    match close.code {
        1000 | 1005 => "The other end is done. Connect to start again.",
        1001 => "The gateway stopped. Start it again, then Connect.",
        1002 | 1003 | 1007 => "The two ends did not understand each other. Connect to start again.",
        1006 => {
            "The connection broke off: the gateway or the network is gone. \
             Check that the gateway runs, then Connect."
        }
        1008 => "The gateway does not allow this. Its log says why.",
        1009 => "A message was too long. Connect, then send a shorter one.",
        1011 | 1014 => {
            "The service behind the gateway failed or hung up. Check that it runs, then Connect."
        }
        1012 => "The gateway is restarting. Connect again in a moment.",
        1013 => "The gateway is at its limit. Connect again in a moment.",
        _ => "Connect to start again.",
    }
}

/// Why there is nothing to connect to, and what to do.
pub fn info_error(error: &InfoError) -> String {
    match error {
        InfoError::Unreachable => {
            "The gateway does not answer. Check that it runs, then Connect.".into()
        }
        InfoError::Status(status) => {
            format!("The gateway's description is missing (HTTP {status}). Its log may say why.")
        }
        InfoError::Malformed => {
            "What answers here is not a gateway that this page knows. Reload the page.".into()
        }
        InfoError::UnknownFraming(name) => {
            format!(
                "The gateway uses a framing that this page does not know: {name}. Reload the page."
            )
        }
    }
}

/// A direction, for those who do not see the arrow.
pub fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Sent => "sent",
        Direction::Received => "received",
    }
}

/// A direction's sign.
pub fn arrow(direction: Direction) -> &'static str {
    match direction {
        Direction::Sent => "↑",
        Direction::Received => "↓",
    }
}

/// Says what a tally is of.
pub fn tally_hint(direction: Direction) -> &'static str {
    match direction {
        Direction::Sent => "Messages and payload bytes sent",
        Direction::Received => "Messages and payload bytes received",
    }
}

/// What a row says about its answer. An answer says how long it took; the message that
/// it answers needs to say nothing more.
pub fn answer(row: &Row) -> String {
    match (row.direction, row.tie) {
        (Direction::Sent, Tie::Pending) => "…".into(),
        (Direction::Sent, Tie::Alone) => "unanswered".into(),
        (Direction::Sent, Tie::Paired { .. }) => String::new(),
        (Direction::Received, _) => row.round_trip().map(round_trip).unwrap_or_default(),
    }
}

/// The same in a sentence, for the detailed view.
pub fn answer_note(row: &Row) -> String {
    match (row.direction, row.tie) {
        (Direction::Sent, Tie::Pending) => "not answered yet".into(),
        (Direction::Sent, Tie::Alone) => "never answered: the connection ended".into(),
        (Direction::Received, Tie::Pending | Tie::Alone) => "received unasked".into(),
        (Direction::Sent, Tie::Paired { round_trip: t, .. }) => {
            format!("answered after {}", round_trip(t))
        }
        (Direction::Received, Tie::Paired { round_trip: t, .. }) => {
            format!("answer after {}", round_trip(t))
        }
    }
}

/// Names the button that goes to the message on the other side of a pair.
pub fn show_partner(direction: Direction) -> &'static str {
    match direction {
        Direction::Sent => "Show answer",
        Direction::Received => "Show request",
    }
}

/// Says what a log no longer holds.
pub fn let_go(messages: u64) -> String {
    let rows = count(MAX_ROWS as u64);
    let bytes = size(MAX_BYTES as u64);
    let messages = count(messages);
    format!("{messages} older let go: the log keeps {rows} messages, {bytes}")
}

/// How a framing writes a payload's length.
pub fn framing(framing: Framing) -> &'static str {
    match framing {
        Framing::U32Le => "u32, little-endian",
    }
}

/// What a frame's header says.
pub fn header_note(framing: Framing, frame: &Frame) -> (String, String) {
    let length = frame.payload().len();
    let meaning = match framing {
        Framing::U32Le => format!("= {}, {}", count(length as u64), self::framing(framing)),
    };
    (hex(frame.header()), meaning)
}

/// What a frame's payload is.
pub fn payload_note(row: &Row) -> String {
    let length = bytes(row.payload.len());
    let encoding = match row.kind {
        Kind::Text => "of UTF-8",
        Kind::Binary if std::str::from_utf8(&row.payload).is_ok() => "of UTF-8, sent as binary",
        Kind::Binary => "that are not UTF-8",
    };
    format!("{length} {encoding}")
}

/// Says how much of a frame is laid out.
pub fn cut_note(frame: &Frame) -> Option<String> {
    let len = frame.wire_len();
    (len > MAX_SHOWN).then(|| {
        let shown = size(MAX_SHOWN as u64);
        let rest = count((len - MAX_SHOWN) as u64);
        format!("The first {shown} are shown; {rest} more bytes follow.")
    })
}

/// Says that a message is longer than the gateway carries.
pub fn too_long(len: usize, max: usize) -> String {
    let over = bytes(len - max);
    let max = size(max as u64);
    format!("Too long by {over}: the gateway carries at most {max} a message.")
}

/// A number of bytes in words.
pub fn bytes(len: usize) -> String {
    match len {
        1 => "1 byte".into(),
        len => format!("{} bytes", count(len as u64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Moment;

    #[test]
    fn the_header_is_explained() {
        let check = |payload: Vec<u8>, bytes: &str, meaning: &str| {
            let frame = Frame::new(Framing::U32Le, payload).unwrap();
            let note = header_note(Framing::U32Le, &frame);
            assert_eq!(note, (bytes.into(), meaning.into()));
        };
        check(b"hello".into(), "05 00 00 00", "= 5, u32, little-endian");
        check(vec![0; 258], "02 01 00 00", "= 258, u32, little-endian");
    }

    #[test]
    fn the_payload_is_explained() {
        let check = |kind, payload: &'static [u8], expected: &str| {
            let row = Row {
                id: 0,
                direction: Direction::Sent,
                kind,
                payload: payload.into(),
                at: Moment::default(),
                tie: Tie::Pending,
            };
            assert_eq!(payload_note(&row), expected);
        };
        check(Kind::Text, b"hello", "5 bytes of UTF-8");
        check(Kind::Text, b"a", "1 byte of UTF-8");
        check(Kind::Binary, b"hello", "5 bytes of UTF-8, sent as binary");
        check(Kind::Binary, b"\xff\xfe", "2 bytes that are not UTF-8");
    }

    #[test]
    fn a_frame_that_is_shown_in_part_says_so() {
        let note = |len| cut_note(&Frame::new(Framing::U32Le, vec![0; len]).unwrap());
        assert_eq!(note(MAX_SHOWN - 4), None);
        assert_eq!(
            note(MAX_SHOWN).as_deref(),
            Some("The first 4 KiB are shown; 4 more bytes follow.")
        );
    }

    #[test]
    fn a_refusal_says_by_how_much() {
        assert_eq!(
            too_long(17, 16),
            "Too long by 1 byte: the gateway carries at most 16 B a message."
        );
    }

    #[test]
    fn every_end_says_what_to_do() {
        for code in [1000, 1001, 1006, 1008, 1009, 1011, 1012, 1013, 4000] {
            let close = Close {
                code,
                reason: String::new(),
                opened: true,
            };
            assert!(close_advice(&close).ends_with('.'), "{code}");
        }
        assert_eq!(close_code(1001), "1001 going away");
        assert_eq!(close_code(4000), "4000");
    }
}
