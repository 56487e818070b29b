use super::*;

fn text(payload: impl Into<Bytes>) -> Message {
    Message {
        kind: Kind::Text,
        payload: payload.into(),
    }
}

fn at(ms: f64) -> Moment {
    Moment {
        utc_ms: 0.0,
        steady_ms: ms,
    }
}

fn paired(with: RowId, ms: u64) -> Pairing {
    Pairing::Paired {
        with,
        round_trip: Duration::from_millis(ms),
        service_time: None,
    }
}

fn pairings(log: &MessageLog) -> Vec<Pairing> {
    log.rows().map(|row| row.pairing).collect()
}

/// A log of `sent` then `received` messages, one millisecond after another.
fn exchange(sent: u64, received: u64) -> MessageLog {
    let mut log = MessageLog::default();
    for ms in 0..sent {
        log.sent(text("hello"), None, at(ms as f64), Pairing::Pending);
    }
    for ms in sent..sent + received {
        log.received(text("echo : hello"), None, at(ms as f64), None);
    }
    log
}

#[test]
fn a_reply_is_paired_with_the_oldest_pending_request() {
    let log = exchange(2, 1);
    assert_eq!(
        pairings(&log),
        [paired(2, 2), Pairing::Pending, paired(0, 2)]
    );
    assert_eq!(log.pending(), 1);
    let log = exchange(1, 2);
    assert_eq!(
        pairings(&log),
        [paired(1, 1), paired(0, 1), Pairing::Unpaired]
    );
    assert_eq!(log.pending(), 0);
}

#[test]
fn abandoned_requests_stay_unpaired() {
    let mut log = exchange(2, 1);
    assert_eq!(log.abandon_pending(), 1);
    assert_eq!(
        pairings(&log),
        [paired(2, 2), Pairing::Unpaired, paired(0, 2)]
    );
    assert_eq!(log.pending(), 0);
    log.received(text("late"), None, at(9.0), None);
    assert_eq!(log.latest().unwrap().pairing, Pairing::Unpaired);
}

#[test]
fn rows_beyond_the_cap_are_evicted_and_ids_stay_valid() {
    let log = exchange(DEFAULT_MAX_ROWS as u64, 2);
    assert_eq!(log.rows().len(), DEFAULT_MAX_ROWS);
    assert_eq!(log.evicted(), 2);
    assert_eq!(log.row(1), None);
    assert_eq!(log.row(2).unwrap().id, 2);
    assert_eq!(log.row(DEFAULT_MAX_ROWS as u64 + 2), None);
    assert_eq!(
        log.latest().unwrap().round_trip(),
        Some(Duration::from_millis(DEFAULT_MAX_ROWS as u64))
    );
}

#[test]
fn a_lower_cap_evicts_at_once() {
    let mut log = exchange(5, 0);
    log.set_max_rows(3);
    assert_eq!((log.ids(), log.evicted()), (2..5, 2));
    log.sent(text("a"), None, at(9.0), Pairing::Pending);
    assert_eq!(log.ids(), 3..6);
    log.clear();
    assert_eq!((log.ids(), log.max_rows()), (6..6, 3));
}

#[test]
fn rows_beyond_the_byte_cap_are_evicted_except_the_latest() {
    let mut log = exchange(1, 1);
    let huge = Bytes::from(vec![b'x'; MAX_PAYLOAD_BYTES + 1]);
    log.sent(text(huge), None, at(2.0), Pairing::Pending);
    assert_eq!((log.rows().len(), log.evicted()), (1, 2));
    log.received(text("small"), None, at(3.0), None);
    assert_eq!((log.rows().len(), log.evicted()), (1, 3));
    assert_eq!(log.latest().unwrap().payload, "small");
}

#[test]
fn clear_keeps_pending_requests() {
    let mut log = exchange(2, 1);
    log.clear();
    assert_eq!(log.rows().len(), 0);
    assert_eq!(log.pending(), 1);
    log.received(text("echo"), None, at(8.0), None);
    assert_eq!(pairings(&log), [paired(1, 7)]);
}
