//! Whether what came of a session is what was owed.

use std::io::{self, Cursor, Read, Write};

use gateway::fuzz::Ended;
use tungstenite::error::{Error, ProtocolError};
use tungstenite::protocol::{Role, WebSocket, WebSocketConfig};
use tungstenite::{Bytes, Message};

use crate::ends::Record;
use crate::naive;

/// What a session did between two ends.
#[derive(Debug)]
pub struct Seen {
    pub client: Record,
    pub upstream: Record,
    /// Whether it was asked to stop, or time passed that may have ended it.
    pub interrupted: bool,
    pub end: Ended,
}

const PONG: u8 = 0x8a;
const CLOSE: u8 = 0x88;

/// # Panics
/// If anything was lost without a word, or came twice, or out of order, or in bad form.
pub fn judge(seen: &Seen) {
    let Asked {
        messages,
        pings,
        end,
    } = asked(&seen.client.sent);
    let requests: Vec<u8> = messages.iter().flat_map(|m| naive::frame(m)).collect();
    let given = &seen.upstream.taken;
    assert!(
        requests.starts_with(given),
        "upstream was sent something else: {seen:02x?}"
    );

    let (frames, torn) = naive::server_frames(&seen.client.taken);
    let (replies, _) = naive::decode(&seen.upstream.sent, gateway::fuzz::MAX_REPLY);
    let delivered = frames
        .iter()
        .filter(|(first, _)| *first == 0x81 || *first == 0x82);
    let delivered: Vec<_> = delivered.map(|(_, payload)| payload).collect();
    assert!(
        replies.iter().collect::<Vec<_>>().starts_with(&delivered),
        "client was sent something else: {seen:02x?}"
    );
    for (first, payload) in &frames {
        match *first {
            0x81 => assert!(
                str::from_utf8(payload).is_ok(),
                "text that is none: {seen:02x?}"
            ),
            0x82 | 0x89 | CLOSE => {}
            PONG => assert!(pings.contains(payload), "a pong for nothing: {seen:02x?}"),
            first => panic!("a frame beginning with {first:#x}: {seen:02x?}"),
        }
    }
    let pongs = frames.iter().filter(|(first, _)| *first == PONG).count();
    assert!(pongs <= pings.len(), "more pongs than pings: {seen:02x?}");
    let closes = frames.iter().filter(|(first, _)| *first == CLOSE).count();
    let closed = matches!(frames.last(), Some((CLOSE, _)));
    assert!(
        closes == usize::from(closed),
        "frames after a Close: {seen:02x?}"
    );

    let (client, upstream) = (&seen.client, &seen.upstream);
    let upstream_took = !upstream.blocked && !upstream.reset;
    let client_took = !client.blocked && !client.reset;
    let name = seen.end.name;
    if client_took && !client.ended {
        assert!(closed && !torn, "the client was not told: {seen:02x?}");
    }
    if let Some((CLOSE, payload)) = frames.last()
        && let Some(code) = seen.end.code
    {
        assert!(
            payload.starts_with(&code.to_be_bytes()),
            "told something else: {seen:02x?}"
        );
    }
    if client_took && !client.ended && matches!(name, "upstream_closed" | "upstream_frame") {
        assert_eq!(
            delivered.len(),
            replies.len(),
            "replies are missing: {seen:02x?}"
        );
    }
    if upstream_took && !client.reset && !seen.interrupted && name.starts_with("client_") {
        let silent = name == "client_silent" || name == "client_stalled";
        assert!(silent || name == end, "it ended by {end}: {seen:02x?}");
        assert!(
            name == "client_stalled" || *given == requests,
            "requests are missing: {seen:02x?}"
        );
    }
}

/// What a client sent, by tungstenite's judgement.
struct Asked {
    messages: Vec<Vec<u8>>,
    pings: Vec<Vec<u8>>,
    /// The name of how it ends.
    end: &'static str,
}

fn asked(sent: &[u8]) -> Asked {
    let max = Some(gateway::fuzz::MAX_FRAME);
    let config = WebSocketConfig::default()
        .max_frame_size(max)
        .max_message_size(max);
    let mut socket =
        WebSocket::from_raw_socket(Sent(Cursor::new(sent)), Role::Server, Some(config));
    let (mut messages, mut pings) = (Vec::new(), Vec::new());
    let end = loop {
        match socket.read() {
            Ok(Message::Text(text)) => messages.push(Bytes::from(text).to_vec()),
            Ok(Message::Binary(bytes)) => messages.push(bytes.to_vec()),
            Ok(Message::Ping(payload)) => pings.push(payload.to_vec()),
            Ok(Message::Pong(_) | Message::Frame(_)) => {}
            Ok(Message::Close(_)) => break "client_closed",
            Err(Error::Capacity(_)) => break "client_too_long",
            Err(Error::Utf8(_)) => break "client_not_utf8",
            Err(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)) => {
                break "client_lost";
            }
            Err(Error::Protocol(_)) => break "client_violation",
            Err(error) => panic!("{error}"),
        }
    };
    Asked {
        messages,
        pings,
        end,
    }
}

/// A connection that brings bytes and takes any.
struct Sent<'a>(Cursor<&'a [u8]>);

impl Read for Sent<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.read(buf)
    }
}

impl Write for Sent<'_> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
