//! The network's losses, links, and the events that the log shows of them.

use super::resumable::events;
use super::*;
use crate::message_log::Row;
use crate::notice::Notice;
use crate::resumable_connection::SessionEvent;
use crate::zone::Zone;

fn tick(state: &mut State, seconds: f64) {
    state.apply(Action::Tick(at(seconds)));
}

fn received_at(seconds: f64) -> Action {
    Action::MessageReceived {
        message: message("echo : hello"),
        at: at(seconds),
    }
}

#[test]
fn silence_is_probed_every_fifteen_seconds() {
    let mut state = open_then([]);
    tick(&mut state, 14.0);
    assert_eq!(state.probe, 0);
    tick(&mut state, 15.0);
    tick(&mut state, 29.0);
    assert_eq!(state.probe, 1);
    tick(&mut state, 30.0);
    assert_eq!(state.probe, 2);
    state.apply(received_at(40.0));
    tick(&mut state, 54.0);
    assert_eq!(state.probe, 2);
}

#[test]
fn an_attempt_that_hangs_is_given_up() {
    let mut state = new();
    tick(&mut state, 9.0);
    assert_eq!(state.connection, Connection::FetchingInfo);
    tick(&mut state, 10.0);
    assert!(matches!(state.connection, Connection::Waiting { .. }));
    state.apply(Action::RetryDue);
    state.apply(answered(Ok(gateway())));
    assert_eq!(state.connection, Connection::Connecting);
    tick(&mut state, 21.0);
    assert!(matches!(state.connection, Connection::Waiting { .. }));
}

#[test]
fn a_foreign_link_waits_for_the_user() {
    let link = |url: &str, foreign: Option<&str>| Action::FollowLink {
        choice: UpstreamChoice::Url(url.into()),
        foreign: foreign.map(Into::into),
    };
    let mut state = open_then([]);
    state.apply(link("ws://own@elsewhere/", Some("ws://elsewhere/")));
    assert_eq!(state.connection, Connection::Idle);
    let asks = Some(Notice::ForeignLink("ws://elsewhere/".into()));
    assert_eq!(state.notice, asks);
    state.apply(Action::Connect);
    assert_eq!(
        (&state.connection, &state.notice),
        (&Connection::Connecting, &None)
    );
    state.apply(link("ws://own/ws", None));
    assert_eq!(state.connection, Connection::Connecting);
}

#[test]
fn the_log_tells_of_connections_and_their_ends() {
    let mut state = open_then([]);
    state.apply(Action::ChooseUpstream(UpstreamChoice::Named("db".into())));
    state.apply(answered(Ok(gateway())));
    state.apply(Action::SocketOpened { at: at(1.0) });
    state.apply(closed_at(1001, 2.0));
    let expected = [
        SessionEvent::Disconnected,
        SessionEvent::Opened("db".into()),
        SessionEvent::Closed(1001, "why".into()),
    ];
    assert_eq!(events(&state), expected);
    let text = |row: &Row| {
        Language::English.session_event(row.event.as_ref().unwrap(), row.at, Zone::default())
    };
    let texts: Vec<_> = state.console.log.rows().map(|row| text(row)).collect();
    assert_eq!(texts[1], "Connected to db");
    assert_eq!(texts[2], "Connection closed · 1001 going away · why");
}

#[test]
fn another_day_has_a_heading() {
    let mut state = open_then([sent()]);
    let next_day = Moment {
        utc_ms: 86_400_000.0,
        steady_ms: 1.0,
    };
    state.apply(Action::MessageReceived {
        message: message("hello"),
        at: next_day,
    });
    assert_eq!(events(&state), [SessionEvent::Day]);
    let heading = Language::English.session_event(&SessionEvent::Day, next_day, Zone::default());
    assert_eq!(heading, "1970-01-02");
}

#[test]
fn the_latest_received_message_is_not_the_latest_one() {
    let mut state = open_then([sent()]);
    state.apply(received_at(1.0));
    state.apply(sent());
    let log = &state.console.log;
    assert_eq!(log.latest_received().unwrap().payload, "echo : hello");
    assert_eq!(log.latest().unwrap().payload, "hello");
}
