//! Sessions that outlive their connections.

use super::*;
use crate::resumable_connection::SessionEvent;

fn resumable_gateway() -> Action {
    answered(Ok(GatewayInfo {
        resume: true,
        ..gateway()
    }))
}

fn text(text: &'static str, seconds: f64) -> Action {
    Action::MessageReceived {
        message: message(text),
        at: at(seconds),
    }
}

pub(super) fn hello(seconds: f64) -> Action {
    text(
        r#"{"session":"a1.T","received":0,"window":1000,"keep":60}"#,
        seconds,
    )
}

/// The state after a resumable session has begun, and then `actions`.
pub(super) fn attached_then(actions: impl IntoIterator<Item = Action>) -> State {
    after_opening([resumable_gateway(), opened(), hello(0.0)], actions)
}

pub(super) fn events(state: &State) -> Vec<SessionEvent> {
    state
        .console
        .log
        .rows()
        .filter_map(|row| row.event.clone())
        .collect()
}

fn lost(uncertain: u64, unsent: u64) -> SessionEvent {
    SessionEvent::Lost { uncertain, unsent }
}

const DETACHED: SessionEvent = SessionEvent::Detached(Duration::from_secs(60));

#[test]
fn a_resumable_connection_is_open_once_the_gateway_has_spoken() {
    let connecting = after([resumable_gateway(), opened()]);
    assert_eq!(connecting.connection, Connection::Connecting);
    assert!(!connecting.can_send());
    let open = attached_then([]);
    assert!(open.connection.is_open() && open.can_send());
    assert_eq!(
        open.console.log.rows().len(),
        0,
        "control messages are no rows"
    );
}

#[test]
fn a_lost_connection_is_resumed_at_once_and_keeps_what_is_sent_meanwhile() {
    let mut state = attached_then([sent(), closed_at(1006, 10.0)]);
    let Connection::Waiting { delay, .. } = state.connection else {
        panic!("{:?}", state.connection)
    };
    assert_eq!((delay, state.can_send()), (Duration::ZERO, true));
    assert_eq!(state.time_left(), Some(Duration::from_secs(60)));
    assert_eq!(events(&state), [DETACHED]);
    state.apply(sent());
    assert_eq!(state.console.log.latest().unwrap().pairing, Pairing::Unsent);
    state.apply(Action::RetryDue);
    assert_eq!(
        state.connection,
        Connection::Connecting,
        "without another api/info"
    );
    let query = state.resumable.as_ref().unwrap().query();
    assert_eq!(query, "?resume=a1.T&received=0");
    state.outgoing.clear();
    state.apply(hello(12.0));
    assert!(state.connection.is_open());
    let resumed = SessionEvent::Resumed {
        after: Duration::from_secs(2),
        again: 1,
        waited: 1,
    };
    assert_eq!(events(&state), [DETACHED, resumed]);
    assert_eq!(
        state.console.log.latest().unwrap().pairing,
        Pairing::Pending
    );
    assert_eq!(
        state.outgoing.len(),
        3,
        "an acknowledgement and two messages"
    );
    assert_eq!(state.unanswered(), 2, "replies may still come");
}

#[test]
fn further_attempts_back_off() {
    let failed = || [Action::RetryDue, closed_at(1006, 10.0)];
    let twice = failed().into_iter().chain(failed());
    let state = attached_then([closed_at(1006, 10.0)].into_iter().chain(twice));
    let Connection::Waiting { attempt, delay, .. } = state.connection else {
        panic!("{:?}", state.connection)
    };
    assert_eq!((attempt, delay), (2, Duration::from_secs(4)));
    assert_eq!(events(&state), [DETACHED], "one row for the outage");
}

#[test]
fn an_unknown_session_begins_anew_and_says_what_may_have_arrived() {
    let gone = [sent(), closed(1006), sent(), Action::RetryDue, closed(4404)];
    let state = attached_then(gone);
    assert_eq!(state.connection, Connection::FetchingInfo);
    assert_eq!(events(&state), [DETACHED, lost(1, 1)]);
    let pairings: Vec<_> = state.console.log.rows().map(|row| row.pairing).collect();
    assert_eq!(pairings[0], Pairing::Unpaired, "never answered");
    assert_eq!(pairings[2], Pairing::Unsent);
    assert!(!state.can_send());
}

#[test]
fn a_session_is_given_up_when_its_time_is_over() {
    let mut state = attached_then([closed_at(1006, 10.0), Action::Tick(at(69.0))]);
    assert!(matches!(state.connection, Connection::Waiting { .. }));
    state.apply(Action::Tick(at(70.0)));
    assert_eq!(state.connection, Connection::FetchingInfo);
    assert_eq!(events(&state), [DETACHED, lost(0, 0)]);
}

#[test]
fn a_close_ends_the_session() {
    for code in [1000, 1011, 4409] {
        let state = attached_then([sent(), closed(code)]);
        assert_eq!(state.time_left(), None, "{code}");
        assert!(!state.can_send(), "{code}");
        assert_eq!(events(&state), [SessionEvent::Closed(code, "why".into())]);
    }
    let taken_over = attached_then([closed(4409)]);
    assert_eq!(taken_over.connection, Connection::Ended(end(4409, true)));
    let ending = attached_then([text(r#"{"resume":false}"#, 0.0), closed(1006)]);
    assert!(!ending.can_send());
    assert_eq!(events(&ending), [SessionEvent::Closed(1006, "why".into())]);
    let disconnected = attached_then([closed(1006), Action::Disconnect]);
    assert_eq!(disconnected.connection, Connection::Idle);
    assert!(disconnected.resumable.is_none());
}

#[test]
fn a_violation_ends_the_connection_with_1002() {
    let state = attached_then([text("hello", 0.0)]);
    let Connection::Ended(ConnectionEnd::Closed(close)) = &state.connection else {
        panic!("{:?}", state.connection)
    };
    assert_eq!(close.code, 1002);
}

#[test]
fn the_service_and_the_way_make_up_the_round_trip() {
    let mut state = attached_then([sent()]);
    let head = [1, 0x50, 0, 0, 0];
    state.apply(Action::MessageReceived {
        message: Message {
            kind: Kind::Binary,
            payload: [&head, &b"hi"[..]].concat().into(),
        },
        at: at(0.001),
    });
    let row = state.console.log.latest().unwrap();
    assert_eq!((row.kind, &row.payload[..]), (Kind::Text, &b"hi"[..]));
    let micros = Duration::from_micros;
    assert_eq!(row.service_and_way(), Some((micros(80), micros(920))));
    let median = |times: &crate::histogram::Histogram| times.percentile(50);
    assert_eq!(median(state.stats.service_times()), Some(micros(80)));
    assert_eq!(median(state.stats.ways()), Some(micros(920)));
    let [second] = &state.stats.last_minute(at(0.5))[59..] else {
        unreachable!()
    };
    assert_eq!(second.service_time, Some(micros(80)));
}

#[test]
fn an_event_is_no_message() {
    let mut state = attached_then([sent(), closed(1006)]);
    assert_eq!(state.console.shown().unwrap().payload, "hello");
    state.apply(Action::SelectRow(Some(1)));
    assert_eq!(state.console.shown().unwrap().payload, "hello");
    assert_eq!(packed::unpack(&packed(&state, false)).len(), 1);
    state.apply(Action::SetDirectionFilter(Some(Direction::Received)));
    assert_eq!(state.console.view.len(&state.console.log), 0);
}
