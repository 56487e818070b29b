//! The oracle for sessions: checks what both peers received against the reference codec and
//! tungstenite.

use gateway::fuzz::{Ended, MAX_FRAME, MAX_REPLY, Outcome, Received, ours, theirs};

use crate::fake_stream::Transcript;
use crate::kind::Kind;
use crate::reference::{Codec, Codecs, ServerFrame, server_frames};

/// A session as both peers have observed it.
#[derive(Debug)]
pub struct Observed {
    pub codecs: Codecs,
    pub client: Transcript,
    pub upstream: Transcript,
    /// True if the gateway was stopped, or time passed that may have ended the session.
    pub interrupted: bool,
    pub end: Ended,
}

const TEXT: u8 = 0x81;
const BINARY: u8 = 0x82;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;
const PONG: u8 = 0x8a;

/// Checks a session.
///
/// # Panics
/// If a message was lost without an error, duplicated or reordered, or a frame is invalid.
pub fn check(seen: &Observed) {
    let expected = theirs(&seen.client.sent, MAX_FRAME);
    let sent = ours(&seen.client.sent, [], MAX_FRAME);
    assert!(expected.agrees_with(&sent), "{expected:02x?} {sent:02x?}");
    check_upstream(seen, &sent);

    let (frames, is_cut) = server_frames(&seen.client.received);
    let checked = check_frames(&seen.codecs, &frames, &expected.pings);
    checked.unwrap_or_else(|fault| panic!("{fault}: {seen:02x?}"));
    check_client(seen, &frames, is_cut);
}

/// Checks that the upstream has received each of the client's messages once and in order, and
/// all of them if the client ended the session.
fn check_upstream(seen: &Observed, sent: &Received) {
    let messages = sent.messages.iter().enumerate();
    let mut frames = messages.map(|(index, (_, message))| seen.codecs.of(index).write(message));
    let mut refused = None;
    let requests = frames.by_ref().map_while(|frame| match frame {
        Ok(frame) => Some(frame),
        Err(kind) => {
            refused = Some(kind);
            None
        }
    });
    let requests = requests.collect::<Vec<_>>().concat();
    let upstream = &seen.upstream;
    assert!(
        requests.starts_with(&upstream.received),
        "other requests: {seen:02x?}"
    );

    let is_expected_end = match (&sent.outcome, seen.end.name) {
        (_, end) if refused == Some(Kind::TooLong) => end == "client_too_long",
        (_, end) if refused.is_some() => end == "client_uncarriable",
        (Outcome::Open, end) => end == "client_lost",
        (Outcome::Closed(_), end) => end == "client_closed",
        (Outcome::NotUtf8, end) => end == "client_not_utf8",
        (Outcome::Refused, end) => end == "client_violation" || end == "client_too_long",
    };
    let by_client = seen.end.name.starts_with("client_");
    let silent = matches!(seen.end.name, "client_silent" | "client_stalled");
    if by_client && !silent && !seen.client.reset && !seen.interrupted {
        assert!(
            is_expected_end,
            "another end than the client's: {seen:02x?}"
        );
        let may_be_cut = upstream.blocked || upstream.reset;
        assert!(
            may_be_cut || upstream.received == requests,
            "missing requests: {seen:02x?}"
        );
    }
}

/// Checks that the frames to the client are valid, and that a Close is the last one.
fn check_frames(
    codecs: &Codecs,
    frames: &[ServerFrame],
    pings: &[Vec<u8>],
) -> Result<(), &'static str> {
    let mut pongs = 0;
    for (n, (first, payload)) in frames.iter().enumerate() {
        let is_valid = match *first {
            TEXT if codecs.codec == Codec::Raw => false,
            TEXT => str::from_utf8(payload).is_ok(),
            BINARY => true,
            PING => payload.is_empty(),
            PONG => {
                pongs += 1;
                pings.get(pongs - 1) == Some(payload)
            }
            CLOSE => n + 1 == frames.len(),
            _ => return Err("a frame with an opcode that servers do not send"),
        };
        if !is_valid {
            return Err("an invalid or misplaced frame");
        }
    }
    Ok(())
}

/// Checks that the client has received each of the upstream's frames once and in order, and,
/// if it read to the end, the Close with the session's close code.
fn check_client(seen: &Observed, frames: &[ServerFrame], is_cut: bool) {
    let sent = &seen.upstream.sent;
    let decoded = seen.codecs.decode(sent, MAX_REPLY, seen.upstream.ended);
    let replies: Vec<Vec<u8>> = decoded.messages().cloned().collect();
    let delivered = frames
        .iter()
        .filter(|(first, _)| matches!(*first, TEXT | BINARY))
        .map(|(_, payload)| payload);
    let delivered: Vec<_> = delivered.cloned().collect();
    let (in_order, is_all) = match seen.codecs.codec {
        Codec::Raw => (
            sent.starts_with(&delivered.concat()),
            *sent == delivered.concat(),
        ),
        _ => (replies.starts_with(&delivered), replies == delivered),
    };
    assert!(in_order, "other replies: {seen:02x?}");

    let close = frames.last().filter(|(first, _)| *first == CLOSE);
    if let (Some((_, payload)), Some(code)) = (close, seen.end.code) {
        let has_code = payload.starts_with(&code.to_be_bytes());
        assert!(has_code, "another close code: {seen:02x?}");
    }
    if seen.client.blocked || seen.client.reset || seen.client.ended {
        return;
    }
    assert!(close.is_some() && !is_cut, "no Close: {seen:02x?}");
    if matches!(seen.end.name, "upstream_closed" | "upstream_frame") {
        assert!(is_all, "missing replies: {seen:02x?}");
    }
}
