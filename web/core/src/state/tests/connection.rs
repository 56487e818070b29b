//! Connection: attempts, ends, and what ends with it.

use super::*;

#[test]
fn a_connection_goes_from_info_to_open_to_closed() {
    let check = |actions: &[Action], expected| check_connection(actions, &expected);
    check(&[], Connection::FetchingInfo);
    check(&[info_loaded()], Connection::Connecting);
    let open = Connection::Open { since: at(0.0) };
    check(&[info_loaded(), opened()], open);
    let ended = Connection::Ended(end(1000, true));
    check(&[info_loaded(), opened(), closed(1000)], ended);
    let again = [info_loaded(), opened(), closed(1000), Action::Connect];
    check(&again, Connection::FetchingInfo);
    let idle = [info_loaded(), opened(), Action::Disconnect];
    check(&idle, Connection::Idle);
    let malformed = || InfoError::Malformed;
    let ended = Connection::Ended(ConnectionEnd::Unavailable(malformed()));
    check(&[answered(Err(malformed()))], ended);
}

#[test]
fn a_temporary_failure_is_retried() {
    let check = |actions: &[Action], expected| check_connection(actions, &expected);
    for code in [1001, 1006, 1011, 1012, 1013] {
        let actions = [info_loaded(), opened(), closed(code)];
        check(&actions, waiting(0, 1, end(code, true)));
        let actions = [info_loaded(), opened(), closed(code), Action::RetryDue];
        check(&actions, Connection::FetchingInfo);
    }
    for code in [1000, 1002, 1008, 1009] {
        let ended = Connection::Ended(end(code, true));
        check(&[info_loaded(), opened(), closed(code)], ended);
    }
    let gone = || answered(Err(InfoError::Unreachable));
    let unavailable = || ConnectionEnd::Unavailable(InfoError::Unreachable);
    check(&[gone()], waiting(0, 1, unavailable()));
    let twice = [gone(), Action::RetryDue, gone()];
    check(&twice, waiting(1, 2, unavailable()));
    check(&[gone(), Action::RetryDue], Connection::FetchingInfo);
    check(&[gone(), Action::Disconnect], Connection::Idle);
    let late = [gone(), Action::Disconnect, Action::RetryDue];
    check(&late, Connection::Idle);
}

#[test]
fn a_stable_connection_resets_the_backoff_and_a_short_one_does_not() {
    let failed = || [info_loaded(), opened(), closed(1013), Action::RetryDue];
    let attempt = |seconds| {
        let last = [info_loaded(), opened(), closed_at(1013, seconds)];
        match after(failed().into_iter().chain(last)).connection {
            Connection::Waiting { attempt, .. } => attempt,
            connection => panic!("{connection:?}"),
        }
    };
    assert_eq!(attempt(1.0), 1);
    assert_eq!(attempt(5.0), 0);
    let by_hand = [info_loaded(), opened(), closed(1013), Action::Connect];
    let state = after(
        by_hand
            .into_iter()
            .chain([info_loaded(), opened(), closed(1013)]),
    );
    assert_eq!(state.connection, waiting(0, 1, end(1013, true)));
}

#[test]
fn late_events_are_ignored() {
    let check = |actions: &[Action], expected| check_connection(actions, &expected);
    check(&[Action::Disconnect, info_loaded()], Connection::Idle);
    check(&[Action::Disconnect, opened()], Connection::Idle);
    let closed = [info_loaded(), opened(), Action::Disconnect, closed(1006)];
    check(&closed, Connection::Idle);
}

#[test]
fn an_attempt_has_its_number_and_connect_while_active_starts_none() {
    assert_eq!(after([]).attempt, 1);
    assert_eq!(after([Action::Connect]).attempt, 1);
    assert_eq!(after([Action::Disconnect, Action::Connect]).attempt, 2);
}

#[test]
fn another_upstream_is_another_connection() {
    let choose = |name: &str| Action::ChooseUpstream(UpstreamChoice::Named(name.into()));
    let state = open_then([choose("db")]);
    assert_eq!(state.connection, Connection::FetchingInfo);
    assert_eq!(state.attempt, 2);
    assert_eq!(state.upstream().unwrap().path, "ws/db");

    let state = open_then([Action::Disconnect, choose("db")]);
    assert_eq!(state.connection, Connection::Idle);

    let state = open_then([choose("none"), info_loaded()]);
    let error = InfoError::NoUpstream("none".into());
    assert_eq!(
        state.connection,
        Connection::Ended(ConnectionEnd::Unavailable(error))
    );
    let state = open_then([choose("none"), info_loaded(), choose("db")]);
    assert_eq!(state.connection, Connection::FetchingInfo);

    let url = UpstreamChoice::Url("ws://localhost:1".into());
    let state = State::new(url, StoredState::default());
    assert_eq!(state.connection, Connection::Connecting);
    assert_eq!(state.upstream(), None);
}

#[test]
fn pending_requests_are_unanswered_after_the_connection_ends() {
    for last in [closed(1006), Action::Disconnect] {
        let state = open_then([sent(), last]);
        assert_eq!(
            state.console.log.latest().unwrap().pairing,
            Pairing::Unpaired
        );
        assert_eq!(state.unanswered(), 1);
    }
    let state = open_then([sent(), received(), sent(), sent(), closed(1000)]);
    let Connection::Ended(ConnectionEnd::Closed(close)) = &state.connection else {
        panic!("{:?}", state.connection)
    };
    assert_eq!(close.unanswered, 2);
}
