//! Times of the WebSocket's worker, and messages that came faster than the page took them.

use super::resumable::{attached_then, events, hello};
use super::*;
use crate::resumable_connection::SessionEvent;

fn stamped(ms: f64) -> Action {
    Action::MessageSent {
        at: at(ms / 1000.0),
    }
}

fn received_at(ms: f64) -> Action {
    Action::MessageReceived {
        message: message("reply"),
        at: at(ms / 1000.0),
    }
}

fn open_then(actions: impl IntoIterator<Item = Action>) -> State {
    after([info_loaded(), opened()].into_iter().chain(actions))
}

/// Returns the round trips of the requests, in milliseconds.
fn round_trips(state: &State) -> Vec<Option<u128>> {
    let rows = state.console.log.rows();
    rows.filter(|row| row.direction == Direction::Sent)
        .map(|row| row.round_trip().map(|it| it.as_millis()))
        .collect()
}

#[test]
fn a_round_trip_runs_from_the_workers_time_of_sending() {
    let replies = [stamped(40.0), stamped(50.0), received_at(60.0)];
    let actions = [sent(), sent()].into_iter().chain(replies);
    let mut state = open_then(actions);
    assert_eq!(round_trips(&state), [Some(20), None]);
    state.apply(received_at(65.0));
    assert_eq!(round_trips(&state), [Some(20), Some(15)]);
    let longest = state.stats.round_trips().longest();
    assert_eq!(longest, Some(Duration::from_millis(20)));
}

#[test]
fn a_message_that_came_before_a_request_was_sent_is_no_reply() {
    let send = Action::SendMessage {
        message: message("hello"),
        at: at(0.1),
    };
    let rest = [stamped(101.0), received_at(110.0)];
    let state = open_then([send, received_at(99.0)].into_iter().chain(rest));
    assert_eq!(round_trips(&state), [Some(9)]);
}

#[test]
fn times_of_sending_belong_to_their_connection() {
    let first = [sent(), sent(), stamped(10.0), closed(1006)];
    let again = [Action::RetryDue, info_loaded(), opened()];
    let second = [sent(), stamped(70.0), received_at(75.0)];
    let state = open_then(first.into_iter().chain(again).chain(second));
    assert_eq!(round_trips(&state), [None, None, Some(5)]);
}

#[test]
fn a_message_that_is_sent_again_keeps_its_first_time() {
    let before = [sent(), stamped(10.0), closed_at(1006, 0.02)];
    let after = [sent(), Action::RetryDue, opened(), hello(1.0)];
    let mut state = attached_then(before.into_iter().chain(after));
    let reply = |ms| Action::MessageReceived {
        message: Message {
            kind: Kind::Binary,
            payload: b"\x01\0\0\0\0reply"[..].into(),
        },
        at: at(ms / 1000.0),
    };
    for action in [
        stamped(1010.0),
        stamped(1020.0),
        reply(1110.0),
        reply(1110.0),
    ] {
        state.apply(action);
    }
    assert_eq!(round_trips(&state), [Some(1100), Some(90)]);
}

#[test]
fn messages_that_were_not_kept_are_told_and_answer_nothing_else() {
    let requests = [sent(), sent(), sent()];
    let stamps = [stamped(10.0), stamped(20.0), stamped(30.0)];
    let dropped = Action::MessagesDropped {
        count: 2,
        at: at(0.04),
    };
    let rest = [dropped, received_at(50.0)];
    let state = open_then(requests.into_iter().chain(stamps).chain(rest));
    assert_eq!(round_trips(&state), [None, None, Some(20)]);
    assert!(events(&state).contains(&SessionEvent::Dropped(2)));
    assert_eq!((state.unanswered(), state.stats.dropped()), (0, 2));
}

#[test]
fn messages_after_the_end_of_a_connection_are_ignored() {
    let state = open_then([sent(), Action::Disconnect, received()]);
    let rows = state.console.log.rows();
    assert_eq!(rows.filter(|row| row.event.is_none()).count(), 1);
}

#[test]
fn a_browser_without_workers_is_told_so() {
    let state = after([info_loaded(), Action::SocketMissing]);
    assert_eq!(state.connection, Connection::Ended(ConnectionEnd::NoWorker));
}
