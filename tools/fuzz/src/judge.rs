//! Whether what came of a session is what was owed.

use protocol::Framing;

use gateway::fuzz::{Ended, MAX_FRAME, MAX_REPLY, Outcome, Received, ours, theirs};

use crate::ends::Record;
use crate::naive::{self, ServerFrame};

/// What a session did between two ends.
#[derive(Debug)]
pub struct Seen {
    pub framing: Framing,
    pub client: Record,
    pub upstream: Record,
    /// Whether it was asked to stop, or time passed that may have ended it.
    pub interrupted: bool,
    pub end: Ended,
}

const TEXT: u8 = 0x81;
const BINARY: u8 = 0x82;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;
const PONG: u8 = 0x8a;

/// # Panics
/// If anything was lost without a word, or came twice, or out of order, or in bad form.
pub fn judge(seen: &Seen) {
    let asked = theirs(&seen.client.sent, MAX_FRAME);
    let outcome = ours(&seen.client.sent, [], MAX_FRAME);
    assert!(asked.agrees_with(&outcome), "{asked:02x?} {outcome:02x?}");
    judge_upstream(seen, &outcome);

    let (frames, torn) = naive::server_frames(&seen.client.taken);
    let form = judge_form(seen.framing, &frames, &asked.pings);
    form.unwrap_or_else(|wrong| panic!("{wrong}: {seen:02x?}"));
    judge_client(seen, &frames, torn);
}

/// The upstream has each of the client's messages once and in order, and all of them if
/// the client ended the session.
fn judge_upstream(seen: &Seen, asked: &Received) {
    let mut frames = asked
        .messages
        .iter()
        .map(|(_, m)| naive::frame(seen.framing, m));
    let requests = frames.by_ref().map_while(|frame| frame);
    let requests = requests.collect::<Vec<_>>().concat();
    let is_refused = asked
        .messages
        .iter()
        .any(|(_, m)| naive::frame(seen.framing, m).is_none());
    let Record {
        taken,
        blocked,
        reset,
        ..
    } = &seen.upstream;
    assert!(requests.starts_with(taken), "other requests: {seen:02x?}");

    let end = match (&asked.outcome, seen.end.name) {
        (_, end) if is_refused => end == "client_uncarriable" || end == "client_too_long",
        (Outcome::Open, end) => end == "client_lost",
        (Outcome::Closed(_), end) => end == "client_closed",
        (Outcome::NotUtf8, end) => end == "client_not_utf8",
        (Outcome::Refused, end) => end == "client_violation" || end == "client_too_long",
    };
    let by_client = seen.end.name.starts_with("client_");
    let silent = matches!(seen.end.name, "client_silent" | "client_stalled");
    if by_client && !silent && !seen.client.reset && !seen.interrupted {
        assert!(end, "not how the client ended it: {seen:02x?}");
        let hindered = *blocked || *reset;
        assert!(hindered || *taken == requests, "missing: {seen:02x?}");
    }
}

/// What the client was sent is well-formed, and Close is the last of it.
fn judge_form(
    framing: Framing,
    frames: &[ServerFrame],
    pings: &[Vec<u8>],
) -> Result<(), &'static str> {
    let mut pongs = 0;
    for (n, (first, payload)) in frames.iter().enumerate() {
        let right = match *first {
            TEXT if framing == Framing::Raw => false,
            TEXT => str::from_utf8(payload).is_ok(),
            BINARY => true,
            PING => payload.is_empty(),
            PONG => {
                pongs += 1;
                pings.get(pongs - 1) == Some(payload)
            }
            CLOSE => n + 1 == frames.len(),
            _ => return Err("a frame that no server sends"),
        };
        if !right {
            return Err("a frame that is wrong in its place");
        }
    }
    Ok(())
}

/// The client has each of the upstream's frames once and in order, and was told how the
/// session ended, if it listened.
fn judge_client(seen: &Seen, frames: &[ServerFrame], torn: bool) {
    let (replies, _) = naive::decode(seen.framing, &seen.upstream.sent, MAX_REPLY);
    let delivered = frames
        .iter()
        .filter(|(first, _)| matches!(*first, TEXT | BINARY))
        .map(|(_, payload)| payload);
    let delivered: Vec<_> = delivered.cloned().collect();
    let (in_order, is_all) = match seen.framing {
        Framing::Raw => (
            seen.upstream.sent.starts_with(&delivered.concat()),
            seen.upstream.sent == delivered.concat(),
        ),
        _ => (replies.starts_with(&delivered), replies == delivered),
    };
    assert!(in_order, "other replies: {seen:02x?}");

    let close = frames.last().filter(|(first, _)| *first == CLOSE);
    if let (Some((_, payload)), Some(code)) = (close, seen.end.code) {
        let told = payload.starts_with(&code.to_be_bytes());
        assert!(told, "told something else: {seen:02x?}");
    }
    if seen.client.blocked || seen.client.reset || seen.client.ended {
        return;
    }
    assert!(close.is_some() && !torn, "not told: {seen:02x?}");
    if matches!(seen.end.name, "upstream_closed" | "upstream_frame") {
        assert!(is_all, "missing: {seen:02x?}");
    }
}
