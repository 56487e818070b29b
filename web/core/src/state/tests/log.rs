//! Rows of the log: eviction, export and import.

use super::*;

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
