//! What the page knows after what happened.

use std::time::Duration;

use protocol::Framing;

use super::*;
use crate::draft::Format;
use crate::filter::{Filter, Matcher};
use crate::log::{Id, Kind, Tie};
use crate::repeat::Pace;
use crate::text::Language;

fn gateway() -> Gateway {
    let upstream = |name: &str| Upstream {
        name: name.into(),
        path: format!("ws/{name}"),
        framing: Framing::U32LE,
        max_frame: 16,
    };
    Gateway {
        version: "0.1.0".into(),
        echo: None,
        upstreams: vec![upstream("echo"), upstream("db")],
        token: false,
        monitor: false,
    }
}

fn import(file: String) -> Action {
    let offset_ms = 0.0;
    Action::Import { file, offset_ms }
}

fn at(seconds: f64) -> Moment {
    Moment {
        local_ms: 0.0,
        steady_ms: seconds * 1000.0,
    }
}

fn answered(answer: Result<Gateway, InfoError>) -> Action {
    Action::Informed {
        answer,
        at: at(0.0),
        chance: 1.0,
    }
}

fn informed() -> Action {
    answered(Ok(gateway()))
}

fn opened() -> Action {
    Action::Opened { at: at(0.0) }
}

fn closed_at(code: u16, seconds: f64) -> Action {
    let close = Close {
        code,
        reason: "why".into(),
        ..Close::default()
    };
    Action::Closed {
        close,
        at: at(seconds),
        chance: 1.0,
    }
}

fn closed(code: u16) -> Action {
    closed_at(code, 0.0)
}

fn message(text: &'static str) -> Message {
    Message {
        kind: Kind::Text,
        payload: text.into(),
    }
}

fn sent() -> Action {
    Action::Sent {
        message: message("hello"),
        at: at(0.0),
    }
}

fn received() -> Action {
    Action::Received {
        message: message("echo : hello"),
        at: at(0.0),
    }
}

fn new() -> State {
    State::new(Choice::First, Kept::default())
}

fn after(actions: impl IntoIterator<Item = Action>) -> State {
    let mut state = new();
    actions.into_iter().for_each(|action| state.apply(action));
    state
}

fn open_then(actions: impl IntoIterator<Item = Action>) -> State {
    after([informed(), opened()].into_iter().chain(actions))
}

fn end(code: u16, opened: bool) -> End {
    End::Closed(Close {
        code,
        reason: "why".into(),
        opened,
        unanswered: 0,
    })
}

fn waiting(attempt: u32, seconds: u64, end: End) -> Connection {
    Connection::Waiting {
        attempt,
        delay: Duration::from_secs(seconds),
        since: at(0.0),
        end,
    }
}

#[track_caller]
fn check_connection(actions: &[Action], expected: &Connection) {
    assert_eq!(&after(actions.to_vec()).connection, expected, "{actions:?}");
}

#[test]
fn life_of_a_connection() {
    let check = |actions: &[Action], expected| check_connection(actions, &expected);
    check(&[], Connection::Asking);
    check(&[informed()], Connection::Connecting);
    let open = Connection::Open { since: at(0.0) };
    check(&[informed(), opened()], open);
    let ended = Connection::Ended(end(1000, true));
    check(&[informed(), opened(), closed(1000)], ended);
    let again = [informed(), opened(), closed(1000), Action::Connect];
    check(&again, Connection::Asking);
    let idle = [informed(), opened(), Action::Disconnect];
    check(&idle, Connection::Idle);
    let malformed = || InfoError::Malformed;
    let ended = Connection::Ended(End::Unavailable(malformed()));
    check(&[answered(Err(malformed()))], ended);
}

#[test]
fn what_may_pass_is_tried_again_by_itself() {
    let check = |actions: &[Action], expected| check_connection(actions, &expected);
    for code in [1001, 1006, 1011, 1012, 1013] {
        let actions = [informed(), opened(), closed(code)];
        check(&actions, waiting(0, 1, end(code, true)));
        let actions = [informed(), opened(), closed(code), Action::Waited];
        check(&actions, Connection::Asking);
    }
    for code in [1000, 1002, 1008, 1009] {
        let ended = Connection::Ended(end(code, true));
        check(&[informed(), opened(), closed(code)], ended);
    }
    let gone = || answered(Err(InfoError::Unreachable));
    let unavailable = || End::Unavailable(InfoError::Unreachable);
    check(&[gone()], waiting(0, 1, unavailable()));
    let twice = [gone(), Action::Waited, gone()];
    check(&twice, waiting(1, 2, unavailable()));
    check(&[gone(), Action::Online], Connection::Asking);
    check(&[gone(), Action::Disconnect], Connection::Idle);
    let late = [gone(), Action::Disconnect, Action::Waited, Action::Online];
    check(&late, Connection::Idle);
}

#[test]
fn a_connection_that_lasted_ends_the_doubling_and_a_short_one_does_not() {
    let failed = || [informed(), opened(), closed(1013), Action::Waited];
    let attempt = |seconds| {
        let last = [informed(), opened(), closed_at(1013, seconds)];
        match after(failed().into_iter().chain(last)).connection {
            Connection::Waiting { attempt, .. } => attempt,
            connection => panic!("{connection:?}"),
        }
    };
    assert_eq!(attempt(1.0), 1);
    assert_eq!(attempt(5.0), 0);
    let by_hand = [informed(), opened(), closed(1013), Action::Connect];
    let state = after(
        by_hand
            .into_iter()
            .chain([informed(), opened(), closed(1013)]),
    );
    assert_eq!(state.connection, waiting(0, 1, end(1013, true)));
}

#[test]
fn what_comes_too_late_changes_nothing() {
    let check = |actions: &[Action], expected| check_connection(actions, &expected);
    check(&[Action::Disconnect, informed()], Connection::Idle);
    check(&[Action::Disconnect, opened()], Connection::Idle);
    let closed = [informed(), opened(), Action::Disconnect, closed(1006)];
    check(&closed, Connection::Idle);
}

#[test]
fn each_attempt_has_a_number_and_a_second_connect_makes_none() {
    assert_eq!(after([]).attempt, 1);
    assert_eq!(after([Action::Connect]).attempt, 1);
    assert_eq!(after([Action::Disconnect, Action::Connect]).attempt, 2);
}

#[test]
fn another_choice_is_another_connection() {
    let choose = |name: &str| Action::Choose(Choice::Upstream(name.into()));
    let state = open_then([choose("db")]);
    assert_eq!(state.connection, Connection::Asking);
    assert_eq!(state.attempt, 2);
    assert_eq!(state.upstream().unwrap().path, "ws/db");

    let state = open_then([Action::Disconnect, choose("db")]);
    assert_eq!(state.connection, Connection::Idle);

    let state = open_then([choose("none"), informed()]);
    let error = InfoError::NoUpstream("none".into());
    assert_eq!(state.connection, Connection::Ended(End::Unavailable(error)));
    let state = open_then([choose("none"), informed(), choose("db")]);
    assert_eq!(state.connection, Connection::Asking);

    let url = Choice::Url("ws://localhost:1".into());
    let state = State::new(url, Kept::default());
    assert_eq!(state.connection, Connection::Connecting);
    assert_eq!(state.upstream(), None);
}

#[test]
fn a_connection_that_ends_leaves_its_messages_unanswered() {
    for last in [closed(1006), Action::Disconnect] {
        let state = open_then([sent(), last]);
        assert_eq!(state.own.log.latest().unwrap().tie, Tie::Alone);
        assert_eq!(state.unanswered(), 1);
    }
    let state = open_then([sent(), received(), sent(), sent(), closed(1000)]);
    let Connection::Ended(End::Closed(close)) = &state.connection else {
        panic!("{:?}", state.connection)
    };
    assert_eq!(close.unanswered, 2);
}

#[test]
fn steps_through_the_log() {
    let check = |selected: Option<Id>, step: Step, expected: Option<Id>| {
        let select = Action::Select(selected);
        let state = open_then([sent(), received(), sent(), select, Action::Move(step)]);
        assert_eq!(state.own.selected, expected, "{step:?} from {selected:?}");
    };
    check(None, Step::Earlier, Some(2));
    check(None, Step::Later, Some(2));
    check(None, Step::First, Some(0));
    check(Some(2), Step::Earlier, Some(1));
    check(Some(2), Step::Later, Some(2));
    check(Some(0), Step::Earlier, Some(0));
    check(Some(0), Step::Later, Some(1));
    check(Some(0), Step::Last, Some(2));
    assert_eq!(after([Action::Move(Step::Last)]).own.selected, None);
}

#[test]
fn steps_skip_what_the_filter_hides() {
    let filter = Action::Filter(Filter {
        direction: Some(Direction::Sent),
        ..Filter::default()
    });
    let step = || Action::Move(Step::Earlier);
    let state = open_then([sent(), received(), sent(), filter, step(), step()]);
    assert_eq!(state.own.selected, Some(0));
    assert!(!state.own.listing.is_at_end());
}

#[test]
fn what_is_written_and_the_direction_are_told_apart() {
    let search = Action::Search {
        text: "hel".into(),
        matcher: Some(Ok(Matcher::new(|text| text.contains("hel")))),
    };
    let direction = Action::Direction(Some(Direction::Sent));
    let check = |actions: &[&Action], text: &str| {
        let state = open_then(actions.iter().map(|it| (*it).clone()).collect::<Vec<_>>());
        let filter = state.own.listing.current_filter();
        assert_eq!(
            (&*filter.text, filter.direction),
            (text, Some(Direction::Sent))
        );
    };
    check(&[&search, &direction], "hel");
    check(&[&direction, &search], "hel");
    // What was cleared a moment ago, and may still be drawn, does not come back.
    check(
        &[&search, &Action::Filter(Filter::default()), &direction],
        "",
    );
}

#[test]
fn the_latest_is_shown_until_one_is_chosen() {
    let shown = |actions: &[Action]| open_then(actions.to_vec()).own.shown().map(|row| row.id);
    assert_eq!(shown(&[]), None);
    assert_eq!(shown(&[sent(), received()]), Some(1));
    let select = Action::Select(Some(0));
    assert_eq!(shown(&[sent(), select.clone(), received()]), Some(0));
    let unselect = Action::Select(None);
    assert_eq!(shown(&[sent(), select, received(), unselect]), Some(1));
}

#[test]
fn a_selection_goes_with_its_message() {
    let select = Action::Select(Some(0));
    let state = open_then([sent(), select.clone(), Action::Clear]);
    assert_eq!((state.own.selected, state.own.shown()), (None, None));
    let many = std::iter::repeat_n(sent(), 1000);
    let state = open_then([Action::Keep(1000), sent(), select].into_iter().chain(many));
    assert_eq!(state.own.selected, None);
    assert_eq!(open_then([Action::Select(Some(7))]).own.selected, None);
}

#[test]
fn nothing_is_lost_before_the_cap_and_the_oldest_go_after_it() {
    let state = open_then(std::iter::repeat_n(received(), 10_000));
    assert_eq!(
        (state.own.log.rows().len(), state.own.log.let_go()),
        (10_000, 0)
    );
    let keep = [Action::Keep(1000), received()];
    let state = open_then(std::iter::repeat_n(received(), 10_000).chain(keep));
    assert_eq!(
        (state.own.log.rows().len(), state.own.log.let_go()),
        (1000, 9001)
    );
    assert_eq!(state.figures.tally(Direction::Received).messages, 10_001);
}

#[test]
fn clearing_forgets_messages_and_figures_and_keeps_the_filter() {
    let filter = Filter {
        text: "echo".into(),
        matcher: Some(Ok(Matcher::new(|text| text.contains("echo")))),
        ..Filter::default()
    };
    let state = open_then([
        Action::Filter(filter),
        sent(),
        received(),
        Action::Clear,
        received(),
    ]);
    assert_eq!(state.own.listing.len(&state.own.log), 1);
    assert_eq!(state.figures.tally(Direction::Sent).messages, 0);
    assert_eq!(state.figures.tally(Direction::Received).messages, 1);
}

#[test]
fn an_export_can_be_looked_at_again() {
    let state = open_then([sent(), received()]);
    let all = state.export(FileKind::Ndjson, false, 0.0);
    let imported = open_then([sent(), import(all.clone())]);
    let sent = Order::replay([message("hello")].into());
    assert_eq!(imported.notice, Some(Notice::Imported { rows: 2, sent }));
    assert_eq!(imported.own.log.rows().len(), 3);
    assert_eq!(imported.own.log.latest().unwrap().partner(), Some(1));
    assert_eq!(imported.unanswered(), 1, "what was imported does not count");
    assert!(
        imported
            .export(FileKind::Ndjson, false, 0.0)
            .lines()
            .count()
            == 3
    );

    let bad = open_then([import(format!("{all}?"))]);
    assert_eq!(bad.notice, Some(Notice::NotExport(3)));
    assert_eq!(bad.own.log.latest(), None);
}

#[test]
fn an_export_of_what_passes_the_filter() {
    let filter = Action::Filter(Filter {
        direction: Some(Direction::Received),
        ..Filter::default()
    });
    let state = open_then([sent(), received(), filter]);
    let lines = |filtered| state.export(FileKind::Text, filtered, 0.0).lines().count();
    assert_eq!((lines(false), lines(true)), (2, 1));
}

#[test]
fn what_was_sent_is_recalled_and_kept() {
    let draft = Draft {
        format: Format::Hex,
        text: "ff".into(),
    };
    let write = Action::Write("half".into());
    let up = || Action::Recall(Step::Earlier);
    let state = open_then([Action::Submitted(draft.clone()), write.clone(), up()]);
    assert_eq!(state.draft, draft);
    let kept = Kept::of_json(&state.kept().to_json());
    assert_eq!(*kept.history, [draft]);
    let down = Action::Recall(Step::Later);
    let state = open_then([Action::Submitted(Draft::default()), write, up(), down]);
    assert_eq!(state.draft.text, "half");
}

#[test]
fn a_name_stands_for_the_draft_that_it_was_last_given_to() {
    let save = || Action::Save("a".into());
    let write = |text: &str| Action::Write(text.into());
    let state = open_then([write("one"), save(), write("two"), save()]);
    assert_eq!(state.saved.len(), 1);
    assert_eq!(state.saved[0].draft.text, "two");
    let state = open_then([write("one"), save(), Action::Forget("a".into())]);
    assert!(state.saved.is_empty());
}

#[test]
fn a_repetition_ends_when_all_is_sent_or_the_connection_goes() {
    let order = || Action::Repeat(Order::repeat(message("hello"), 10, Pace::Fast));
    let repeat = |actions: &[Action]| {
        let state = open_then(actions.to_vec());
        state.repeat.map(|it| (it.run, it.sent, it.running))
    };
    assert_eq!(repeat(&[order()]), Some((1, 0, true)));
    let some = Action::Repeated(4);
    assert_eq!(repeat(&[order(), some.clone()]), Some((1, 4, true)));
    let rest = Action::Repeated(6);
    let all = [order(), some.clone(), rest];
    assert_eq!(repeat(&all), Some((1, 10, false)));
    let stopped = [order(), some, Action::StopRepeat];
    assert_eq!(repeat(&stopped), Some((1, 4, false)));
    assert_eq!(repeat(&[order(), closed(1006)]), Some((1, 0, false)));
    assert_eq!(repeat(&[order(), order()]), Some((2, 0, true)));
    assert_eq!(repeat(&[Action::Disconnect, order()]), None);
}

#[test]
fn what_the_gateway_would_refuse_is_not_begun() {
    let order = Order::replay(Rc::new([message("hi"), message("more than 16 bytes")])).unwrap();
    let begin = || Action::Repeat(order.clone());
    let mut state = open_then([begin()]);
    assert_eq!(state.repeat, None);
    let refused = Notice::OrderRefused {
        order: order.clone(),
        place: 2,
        error: protocol::FrameError::TooLong { len: 18, max: 16 },
    };
    assert_eq!(state.notice, Some(refused));
    // Another upstream takes it.
    let mut other = gateway();
    other.upstreams[1].max_frame = 18;
    let choice = Choice::Upstream("db".into());
    for action in [
        Action::Choose(choice),
        answered(Ok(other)),
        opened(),
        begin(),
    ] {
        state.apply(action);
    }
    assert!(state.repeat.is_some_and(|it| it.running));
    assert_eq!(state.notice, None);
}

#[test]
fn settings_are_kept() {
    let actions = [
        Action::Language(Language::Japanese),
        Action::Theme(crate::settings::Theme::Dark),
        Action::Keep(100_000),
    ];
    let kept = Kept::of_json(&open_then(actions).kept().to_json());
    let state = State::new(Choice::First, kept);
    assert_eq!(state.settings.language, Some(Language::Japanese));
    assert_eq!(state.own.log.max_rows(), 100_000);
}
