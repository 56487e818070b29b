//! The reducer: the state after a sequence of actions.

mod network;
mod resumable;

use std::time::Duration;

use crate::framing::{Framing, Framings, Refusal};

use super::*;
use crate::action::Action;
use crate::batch::{Batch, SendRate};
use crate::connection::{Close, ConnectionEnd};
use crate::draft::InputFormat;
use crate::filter::{Filter, Matcher};
use crate::gateway_info::InfoError;
use crate::language::Language;
use crate::message::{Direction, Kind, Message};
use crate::message_log::{Pairing, RowId};
use crate::resumable_connection::SessionEvent;
use crate::settings::StoredPart;
use crate::shown_message::{self, ShownMessage};
use crate::step::Step;

mod reading;
mod timing;

fn gateway() -> GatewayInfo {
    let upstream = |name: &str| Upstream {
        name: name.into(),
        path: format!("ws/{name}"),
        framings: Framings::default(),
        max_frame: 16,
    };
    GatewayInfo {
        version: "0.1.0".into(),
        echo: None,
        upstreams: vec![upstream("echo"), upstream("db")],
        token: false,
        live_feed: false,
        resume: false,
    }
}

/// The packed rows of the open tab.
fn packed(state: &State, filtered: bool) -> Vec<u8> {
    let packed = std::cell::RefCell::new(Vec::new());
    state.pack_rows(filtered, |part| {
        packed.borrow_mut().extend_from_slice(part);
    });
    packed.into_inner()
}

/// The state that the next visit begins with.
fn stored(state: &State) -> StoredState {
    let stored = state.to_stored();
    let lines = StoredPart::ALL.map(|part| stored.to_lines(part));
    StoredState::from_lines(&lines.join("\n"))
}

fn at(seconds: f64) -> Moment {
    Moment {
        utc_ms: 0.0,
        steady_ms: seconds * 1000.0,
    }
}

fn answered(answer: Result<GatewayInfo, InfoError>) -> Action {
    Action::InfoLoaded {
        answer,
        at: at(0.0),
        random: 1.0,
    }
}

fn info_loaded() -> Action {
    answered(Ok(gateway()))
}

fn opened() -> Action {
    Action::SocketOpened { at: at(0.0) }
}

fn closed_at(code: u16, seconds: f64) -> Action {
    let close = Close {
        code,
        reason: "why".into(),
        ..Close::default()
    };
    Action::SocketClosed {
        close,
        at: at(seconds),
        random: 1.0,
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
    Action::SendMessage {
        message: message("hello"),
        at: at(0.0),
    }
}

fn received() -> Action {
    Action::MessageReceived {
        message: message("echo : hello"),
        at: at(0.0),
    }
}

fn new() -> State {
    State::new(UpstreamChoice::First, StoredState::default())
}

fn after(actions: impl IntoIterator<Item = Action>) -> State {
    let mut state = new();
    actions.into_iter().for_each(|action| state.apply(action));
    state
}

fn open_then(actions: impl IntoIterator<Item = Action>) -> State {
    after_opening([info_loaded(), opened()], actions)
}

/// The state after `opening`, whose event is not logged, and `actions`.
fn after_opening(
    opening: impl IntoIterator<Item = Action>,
    actions: impl IntoIterator<Item = Action>,
) -> State {
    let mut state = after(opening);
    state.console = MessagePane::new(state.settings.max_rows);
    actions.into_iter().for_each(|action| state.apply(action));
    state
}

fn end(code: u16, opened: bool) -> ConnectionEnd {
    ConnectionEnd::Closed(Close {
        code,
        reason: "why".into(),
        opened,
        unanswered: 0,
    })
}

fn waiting(attempt: u32, seconds: u64, end: ConnectionEnd) -> Connection {
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

#[test]
fn selection_moves_through_the_log() {
    let check = |selected: Option<RowId>, step: Step, expected: Option<RowId>| {
        let select = Action::SelectRow(selected);
        let state = open_then([
            sent(),
            received(),
            sent(),
            select,
            Action::MoveSelection(step),
        ]);
        assert_eq!(
            state.console.selected, expected,
            "{step:?} from {selected:?}"
        );
    };
    check(None, Step::Previous, Some(2));
    check(None, Step::Next, Some(2));
    check(None, Step::First, Some(0));
    check(Some(2), Step::Previous, Some(1));
    check(Some(2), Step::Next, Some(2));
    check(Some(0), Step::Previous, Some(0));
    check(Some(0), Step::Next, Some(1));
    check(Some(0), Step::Last, Some(2));
    assert_eq!(
        after([Action::MoveSelection(Step::Last)]).console.selected,
        None
    );
}

#[test]
fn selection_skips_filtered_rows() {
    let filter = Action::SetFilter(Filter {
        direction: Some(Direction::Sent),
        ..Filter::default()
    });
    let step = || Action::MoveSelection(Step::Previous);
    let state = open_then([sent(), received(), sent(), filter, step(), step()]);
    assert_eq!(state.console.selected, Some(0));
    assert!(!state.console.view.follows_end());
}

#[test]
fn search_and_direction_filter_are_independent() {
    let search = Action::SetSearch {
        text: "hel".into(),
        matcher: Some(Ok(Matcher::new(|it| {
            String::from_utf8_lossy(it).contains("hel")
        }))),
    };
    let direction = Action::SetDirectionFilter(Some(Direction::Sent));
    let check = |actions: &[&Action], text: &str| {
        let state = open_then(actions.iter().map(|it| (*it).clone()).collect::<Vec<_>>());
        let filter = state.console.view.filter();
        assert_eq!(
            (&*filter.text, filter.direction),
            (text, Some(Direction::Sent))
        );
    };
    check(&[&search, &direction], "hel");
    check(&[&direction, &search], "hel");
    // A filter that was cleared, but is still on the screen, does not come back.
    check(
        &[&search, &Action::SetFilter(Filter::default()), &direction],
        "",
    );
}

#[test]
fn the_latest_row_is_shown_until_one_is_selected() {
    let shown = |actions: &[Action]| {
        open_then(actions.to_vec())
            .console
            .shown()
            .map(|row| row.id)
    };
    assert_eq!(shown(&[]), None);
    assert_eq!(shown(&[sent(), received()]), Some(1));
    let select = Action::SelectRow(Some(0));
    assert_eq!(shown(&[sent(), select.clone(), received()]), Some(0));
    let unselect = Action::SelectRow(None);
    assert_eq!(shown(&[sent(), select, received(), unselect]), Some(1));
}

#[test]
fn an_evicted_row_is_deselected() {
    let select = Action::SelectRow(Some(0));
    let state = open_then([sent(), select.clone(), Action::ClearLog]);
    assert_eq!(
        (state.console.selected, state.console.shown()),
        (None, None)
    );
    let many = std::iter::repeat_n(sent(), 1000);
    let state = open_then(
        [Action::SetMaxRows(1000), sent(), select]
            .into_iter()
            .chain(many),
    );
    assert_eq!(state.console.selected, None);
    assert_eq!(
        open_then([Action::SelectRow(Some(7))]).console.selected,
        None
    );
}

#[test]
fn the_oldest_rows_are_evicted_beyond_the_cap_only() {
    let state = open_then(std::iter::repeat_n(received(), 10_000));
    assert_eq!(
        (state.console.log.rows().len(), state.console.log.evicted()),
        (10_000, 0)
    );
    let keep = [Action::SetMaxRows(1000), received()];
    let state = open_then(std::iter::repeat_n(received(), 10_000).chain(keep));
    assert_eq!(
        (state.console.log.rows().len(), state.console.log.evicted()),
        (1000, 9001)
    );
    assert_eq!(state.stats.tally(Direction::Received).messages, 10_001);
}

#[test]
fn clear_resets_messages_and_stats_and_keeps_the_filter() {
    let filter = Filter {
        text: "echo".into(),
        matcher: Some(Ok(Matcher::new(|it| {
            String::from_utf8_lossy(it).contains("echo")
        }))),
        ..Filter::default()
    };
    let state = open_then([
        Action::SetFilter(filter),
        sent(),
        received(),
        Action::ClearLog,
        received(),
    ]);
    assert_eq!(state.console.view.len(&state.console.log), 1);
    assert_eq!(state.stats.tally(Direction::Sent).messages, 0);
    assert_eq!(state.stats.tally(Direction::Received).messages, 1);
}

#[test]
fn packed_rows_can_be_imported() {
    let state = open_then([sent(), received()]);
    let imported = open_then([sent(), Action::RowsImported(packed(&state, false))]);
    let sent = Batch::once_each([message("hello")].into());
    let notice = Notice::Imported {
        rows: 2,
        sent,
        cut: 0,
    };
    assert_eq!(imported.notice, Some(notice));
    assert_eq!(imported.console.log.rows().len(), 3);
    assert_eq!(imported.console.log.latest().unwrap().partner(), Some(1));
    assert_eq!(imported.unanswered(), 1, "imported rows do not count");
    assert_eq!(packed::unpack(&packed(&imported, false)).len(), 3);
}

#[test]
fn a_cut_message_is_not_sent_again() {
    let line = |kind, bytes| {
        format!(
            r#"{{"time":"2026-11-22T03:01:04.000000Z","session":7,"event":"message","direction":"sent","kind":"{kind}","base64":"aGk=","bytes":{bytes}}}"#
        )
    };
    let event = |line| Action::FeedEvent { line };
    let watched = after([
        Action::SelectPageTab(PageTab::LiveFeed),
        event(line("binary", 2)),
        event(line("text", 5000)),
    ]);
    let imported = open_then([Action::RowsImported(packed(&watched, false))]);
    let whole = Message {
        kind: Kind::Binary,
        payload: "hi".into(),
    };
    let notice = Notice::Imported {
        rows: 2,
        sent: Batch::once_each([whole].into()),
        cut: 1,
    };
    assert_eq!(imported.notice, Some(notice));
    let row = imported.console.log.latest().unwrap();
    assert_eq!((row.full_len(), row.session), (5000, Some(7)));
    let line = shown_message::to_line(row, true, "", "", "");
    let facts = ShownMessage::parse(&line).unwrap();
    let note = Language::English.pairing_note(&facts);
    assert!(note.contains("can't be sent again"), "{note}");
}

#[test]
fn filtered_rows_are_packed_alone() {
    let filter = Action::SetFilter(Filter {
        direction: Some(Direction::Received),
        ..Filter::default()
    });
    let state = open_then([sent(), received(), filter]);
    let len = |filtered| packed::unpack(&packed(&state, filtered)).len();
    assert_eq!((len(false), len(true)), (2, 1));
}

#[test]
fn forgotten_history_leaves_saved_drafts() {
    let write = Action::EditDraft("kept".into());
    let state = open_then([
        write,
        Action::SaveDraft("a".into()),
        Action::DraftSent(Draft {
            text: "secret".into(),
            ..Draft::default()
        }),
        Action::ForgetHistory,
    ]);
    let stored = stored(&state);
    assert_eq!((stored.history.len(), stored.saved.len()), (0, 1));
}

#[test]
fn what_another_tab_stores_is_taken_over() {
    let other = open_then([
        Action::EditDraft("other".into()),
        Action::SaveDraft("a".into()),
        Action::SetMaxRows(1000),
    ]);
    let state = open_then([Action::StoredChanged(stored(&other))]);
    assert_eq!(state.saved, other.saved);
    assert_eq!(state.console.log.max_rows(), 1000);
}

#[test]
fn a_sent_draft_is_recalled_and_stored() {
    let draft = Draft {
        format: InputFormat::Hex,
        text: "ff".into(),
    };
    let write = Action::EditDraft("half".into());
    let up = || Action::RecallDraft(Step::Previous);
    let state = open_then([Action::DraftSent(draft.clone()), write.clone(), up()]);
    assert_eq!(state.draft, draft);
    assert_eq!(*stored(&state).history, [draft]);
    let down = Action::RecallDraft(Step::Next);
    let state = open_then([Action::DraftSent(Draft::default()), write, up(), down]);
    assert_eq!(state.draft.text, "half");
}

#[test]
fn saving_under_a_taken_name_replaces_the_draft() {
    let save = || Action::SaveDraft("a".into());
    let write = |text: &str| Action::EditDraft(text.into());
    let state = open_then([write("one"), save(), write("two"), save()]);
    assert_eq!(state.saved.len(), 1);
    assert_eq!(state.saved[0].draft.text, "two");
    let state = open_then([write("one"), save(), Action::DeleteSaved("a".into())]);
    assert!(state.saved.is_empty());
}

#[test]
fn a_batch_stops_when_complete_or_disconnected() {
    let batch = || Action::StartBatch(Batch::repeat(message("hello"), 10, SendRate::Unlimited));
    let repeat = |actions: &[Action]| {
        let state = open_then(actions.to_vec());
        state.batch_run.map(|it| (it.number, it.sent, it.running))
    };
    assert_eq!(repeat(&[batch()]), Some((1, 0, true)));
    let some = Action::BatchProgress(4);
    assert_eq!(repeat(&[batch(), some.clone()]), Some((1, 4, true)));
    let rest = Action::BatchProgress(6);
    let all = [batch(), some.clone(), rest];
    assert_eq!(repeat(&all), Some((1, 10, false)));
    let stopped = [batch(), some, Action::StopBatch];
    assert_eq!(repeat(&stopped), Some((1, 4, false)));
    assert_eq!(repeat(&[batch(), closed(1006)]), Some((1, 0, false)));
    assert_eq!(repeat(&[batch(), batch()]), Some((2, 0, true)));
    assert_eq!(repeat(&[Action::Disconnect, batch()]), None);
}

#[test]
fn a_batch_with_a_refused_message_does_not_start() {
    let batch = Batch::once_each(Rc::new([message("hi"), message("more than 16 bytes")])).unwrap();
    let begin = || Action::StartBatch(batch.clone());
    let mut state = open_then([begin()]);
    assert_eq!(state.batch_run, None);
    let refused = Notice::BatchRefused {
        batch: batch.clone(),
        place: 2,
        error: Refusal::TooLong { len: 18, max: 16 },
    };
    assert_eq!(state.notice, Some(refused));
    // Another upstream accepts it.
    let mut other = gateway();
    other.upstreams[1].max_frame = 18;
    let choice = UpstreamChoice::Named("db".into());
    for action in [
        Action::ChooseUpstream(choice),
        answered(Ok(other)),
        opened(),
        begin(),
    ] {
        state.apply(action);
    }
    assert!(state.batch_run.is_some_and(|it| it.running));
    assert_eq!(state.notice, None);
}

#[test]
fn settings_are_stored() {
    let actions = [
        Action::SetLanguage(Language::Japanese),
        Action::SetTheme(crate::settings::Theme::Dark),
        Action::SetMaxRows(100_000),
    ];
    let state = State::new(UpstreamChoice::First, stored(&open_then(actions)));
    assert_eq!(state.settings.language, Some(Language::Japanese));
    assert_eq!(state.console.log.max_rows(), 100_000);
}

#[test]
fn a_reload_keeps_the_draft_and_the_log() {
    let draft = Draft {
        format: InputFormat::Hex,
        text: "ff".into(),
    };
    let state = open_then([sent(), received(), Action::LoadDraft(draft.clone())]);
    let (packed, is_whole) = state.pack_for_reload();
    assert!(is_whole);
    let mut reloaded = new();
    reloaded.restore(Some(draft.clone()), &packed);
    assert_eq!(reloaded.draft, draft);
    let rows: Vec<_> = reloaded.console.log.rows().collect();
    assert_eq!(
        (&*rows[0].payload, rows[0].partner()),
        (&b"hello"[..], Some(1))
    );
    let framing = rows[0].framing.as_ref().map(Framing::notation);
    assert_eq!(framing, Some("u32le"));
}

#[test]
fn imported_rows_have_headings_of_their_days() {
    let of = |day: u64, id: u64| Row {
        id,
        direction: Direction::Sent,
        kind: Kind::Text,
        payload: "x".into(),
        at: Moment {
            utc_ms: (86_400_000 * day) as f64,
            steady_ms: 0.0,
        },
        pairing: Pairing::Unpaired,
        framing: None,
        session: None,
        client: None,
        missing_len: 0,
        event: None,
    };
    let paired = |row: Row, with| Row {
        pairing: Pairing::Paired {
            with,
            round_trip: Duration::ZERO,
            service_time: None,
        },
        ..row
    };
    let mut file = Vec::new();
    let rows = [of(5, 1), paired(of(6, 2), 3), paired(of(6, 3), 2), of(7, 4)];
    rows.iter().for_each(|row| packed::pack(row, &mut file));
    let mut state = new();
    let now = |day: u64| Moment {
        utc_ms: (86_400_000 * day) as f64,
        steady_ms: 0.0,
    };
    state.apply(Action::Tick(now(7)));
    let days = |state: &State| -> Vec<_> {
        let rows = state.console.log.rows();
        let shown = rows.map(|row| match row.event {
            Some(SessionEvent::Day) => format!("day {}", row.at.utc_ms / 86_400_000.0),
            _ => row.id.to_string(),
        });
        shown.collect()
    };
    state.apply(Action::RowsImported(file.clone()));
    // That of the first row, too, as it is not of today.
    let expected = ["day 5", "1", "day 6", "3", "4", "day 7", "6"];
    assert_eq!(days(&state), expected);
    assert_eq!(state.console.log.row(3).unwrap().partner(), Some(4));
    // At once after the log was cleared, too.
    state.apply(Action::ClearLog);
    let mut today = Vec::new();
    packed::pack(&of(7, 0), &mut today);
    state.apply(Action::RowsImported(today));
    assert_eq!(days(&state), ["7"]);
}

#[test]
fn a_reload_that_would_lose_something_is_told() {
    let is_whole = |actions: Vec<Action>| open_then(actions).pack_for_reload().1;
    let batch = Batch::repeat(message("hello"), 10, SendRate::Unlimited);
    assert!(is_whole(vec![]));
    assert!(!is_whole(vec![Action::StartBatch(batch)]));
    // A file in the composer, and a batch that was refused, are nowhere else.
    let content = Ok(bytes::Bytes::from_static(b"x"));
    let (name, len) = ("file".into(), 1);
    let file = Attachment { name, len, content };
    assert!(!is_whole(vec![Action::Attach(Rc::new(file.clone()))]));
    assert!(is_whole(vec![
        Action::Attach(Rc::new(file)),
        Action::Detach(0)
    ]));
    let refused = Batch::once_each(Rc::new([message("more than 16 bytes")])).unwrap();
    assert!(!is_whole(vec![Action::StartBatch(refused)]));
    let long: &'static str = "x".repeat(100_000).leak();
    let received = || Action::MessageReceived {
        message: message(long),
        at: at(0.0),
    };
    assert!(is_whole(vec![received(), received()]));
    let state = open_then([received(), received(), received()]);
    let (packed, is_whole) = state.pack_for_reload();
    assert!(!is_whole);
    // The latest two are kept.
    assert_eq!(packed::unpack(&packed).len(), 2);
}
