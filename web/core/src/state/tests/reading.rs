//! The reading of a raw upstream by the page.

use crate::frame_view::Explainer;
use crate::framing::RAW;
use crate::stream_reader::{StreamPiece, StreamReader};

use super::*;

fn received_text(text: &'static str) -> Action {
    let message = message(text);
    Action::MessageReceived {
        message,
        at: at(1.0),
    }
}

fn sent_text(text: &'static str) -> Action {
    let message = message(text);
    Action::SendMessage {
        message,
        at: at(1.0),
    }
}

/// A late part: its reader cuts `lines`, and breaks at "!".
fn late_part_loaded() -> Action {
    let kept = std::cell::RefCell::new(Vec::new());
    Action::LatePartLoaded {
        explainer: Explainer::new(|_, _| "\t\t\npayload\taGk=\tp\t\nfixed\tCg==\tf\t".into()),
        reader: StreamReader::new(move |_, _, bytes| {
            let mut kept = kept.borrow_mut();
            kept.extend_from_slice(bytes);
            let mut pieces = Vec::new();
            while let Some(end) = kept.iter().position(|it| *it == b'\n') {
                let mut line: Vec<u8> = kept.drain(..=end).collect();
                line.pop();
                pieces.push(StreamPiece::Message(line.into()));
            }
            if !kept.is_empty() && (bytes.is_empty() || kept.contains(&b'!')) {
                pieces.push(StreamPiece::Broken("why".into()));
                pieces.push(StreamPiece::Message(std::mem::take(&mut *kept).into()));
            }
            pieces
        }),
    }
}

/// A state connected to a raw upstream, which is read as lines.
fn reading() -> State {
    let mut gateway = gateway();
    gateway.upstreams[0].framings = RAW.into();
    let opening = [answered(Ok(gateway)), late_part_loaded(), opened()];
    after_opening(opening, [Action::ReadAs("lines".into())])
}

fn payloads(state: &State) -> Vec<&str> {
    let rows = state.console.log.rows().filter(|row| row.event.is_none());
    rows.map(|row| std::str::from_utf8(&row.payload).unwrap())
        .collect()
}

#[test]
fn a_raw_upstream_is_read_whatever_its_websocket_messages() {
    let mut state = reading();
    for part in ["one\ntw", "o\nthree\n"] {
        state.apply(received_text(part));
    }
    assert_eq!(payloads(&state), ["one", "two", "three"]);
    let row = state.console.log.latest().unwrap();
    assert_eq!(row.framing, Some("lines".into()));
    let message = Message {
        kind: Kind::Text,
        payload: "hi".into(),
    };
    let framed = state.send_limits().on_websocket(&message);
    assert_eq!(framed.unwrap().payload, "hi\n");
    assert_eq!(state.stats.tally(Direction::Received).messages, 3);
}

#[test]
fn a_broken_frame_is_told_and_what_follows_is_raw() {
    let mut state = reading();
    for part in ["one\nbad!", "x\ny"] {
        state.apply(received_text(part));
    }
    assert_eq!(payloads(&state), ["one", "bad!", "x\ny"]);
    assert_eq!(state.notice, Some(Notice::ReadingEnded("why".into())));
    assert_eq!(
        state.console.log.latest().unwrap().framing,
        Some(RAW.into())
    );
}

#[test]
fn the_bytes_of_an_incomplete_frame_are_shown_at_the_end() {
    let mut state = reading();
    state.apply(received_text("rest"));
    assert_eq!(payloads(&state), [""; 0]);
    state.apply(Action::Disconnect);
    assert_eq!(payloads(&state), ["rest"]);
}

#[test]
fn a_reading_is_stored_and_waits_for_the_late_part() {
    let stored = reading().to_stored();
    assert_eq!(stored.readings.len(), 1);
    let mut state = State::new(UpstreamChoice::First, stored);
    let mut gateway = gateway();
    gateway.upstreams[0].framings = RAW.into();
    state.apply(answered(Ok(gateway)));
    assert!(state.awaits_late_part() && state.needs_late_part());
    state.apply(Action::LatePartFailed);
    assert!(!state.awaits_late_part() && !state.needs_late_part());
    state.apply(opened());
    state.console = MessagePane::new(10);
    state.apply(received_text("a\nb\n"));
    assert_eq!(payloads(&state), ["a\nb\n"]);
    state.apply(Action::RetryLatePart);
    assert!(state.needs_late_part());
    state.apply(late_part_loaded());
    state.apply(received_text("a\nb\n"));
    assert_eq!(payloads(&state)[1..], ["a", "b"]);
    state.apply(Action::ReadAs(RAW.into()));
    state.apply(received_text("c\nd\n"));
    assert_eq!(payloads(&state)[3..], ["c\nd\n"]);
    assert!(state.to_stored().readings.is_empty());
}

#[test]
fn the_raw_stream_of_a_message_has_its_direction() {
    let mut state = reading();
    state.apply(Action::ReadAs(RAW.into()));
    for part in ["one", "two"] {
        state.apply(sent_text("request"));
        state.apply(received_text(part));
    }
    assert_eq!(state.raw_stream(100), b"onetwo");
    assert_eq!(state.raw_stream(4), b"onet");
    state.apply(Action::SelectRow(Some(0)));
    assert_eq!(state.raw_stream(100), b"requestrequest");
}
