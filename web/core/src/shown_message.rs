//! Facts of the message that the wire view shows, as a line for the page's late part.

use std::time::Duration;

use crate::message::{Direction, Kind};
use crate::message_log::{Pairing, Row};
use crate::time::micros;

/// Facts of a message beside its payload.
#[derive(Debug, Clone, PartialEq)]
pub struct ShownMessage {
    /// Id of its row.
    pub id: u64,
    /// Direction.
    pub direction: Direction,
    /// Text or binary.
    pub kind: Kind,
    /// Payload bytes that are missing at the end.
    pub missing_len: usize,
    /// Instant: date, time and offset from UTC (RFC 3339).
    pub instant: String,
    /// Reply or request; without the other's id.
    pub pairing: Pairing,
    /// Session number of another client.
    pub session: Option<u64>,
    /// Name of that client, if it is known.
    pub client: String,
    /// True if it is selected, not just the latest.
    pub is_selected: bool,
    /// Notation of its framing; empty if that is unknown.
    pub framing: String,
    /// Name of the upstream, for what is kept for it.
    pub upstream: String,
}

/// Writes the facts of a row as cells between tabs, which [`ShownMessage::parse`] reads.
pub fn to_line(
    row: &Row,
    is_selected: bool,
    instant: &str,
    framing: &str,
    upstream: &str,
) -> String {
    let pairing = match row.pairing {
        Pairing::Pending => -1,
        Pairing::Unsent => -2,
        Pairing::Unpaired => -3,
        Pairing::Paired { round_trip, .. } => micros(round_trip) as i64,
    };
    let service = row
        .service_and_way()
        .map_or(-1, |(it, _)| micros(it) as i64);
    let session = row.session.map_or(-1, |it| it as i64);
    let (direction, kind) = (row.direction.arrow(), row.kind.key());
    let (id, missing) = (row.id, row.missing_len);
    let client = row.client.as_deref().unwrap_or_default();
    let selected = u8::from(is_selected);
    format!(
        "{id}\t{direction}\t{kind}\t{missing}\t{instant}\t{pairing}\t{service}\t{session}\t{selected}\t{framing}\t{client}\t{upstream}"
    )
}

impl ShownMessage {
    /// Reads the line of [`to_line`].
    pub fn parse(line: &str) -> Option<Self> {
        let mut words = line.splitn(12, '\t');
        let id = words.next()?.parse().ok()?;
        let direction = match words.next()? {
            "↑" => Direction::Sent,
            _ => Direction::Received,
        };
        let kind = match words.next()? {
            "text" => Kind::Text,
            _ => Kind::Binary,
        };
        let missing_len = words.next()?.parse().ok()?;
        let instant = words.next()?.into();
        let mut number = || words.next()?.parse::<i64>().ok();
        let (round_trip, service, session) = (number()?, number()?, number()?);
        let is_selected = number()? == 1;
        let duration = |micros: i64| u64::try_from(micros).ok().map(Duration::from_micros);
        let pairing = match (round_trip, duration(round_trip)) {
            (_, Some(round_trip)) => Pairing::Paired {
                with: 0,
                round_trip,
                service_time: duration(service),
            },
            (-1, _) => Pairing::Pending,
            (-2, _) => Pairing::Unsent,
            _ => Pairing::Unpaired,
        };
        Some(Self {
            id,
            direction,
            kind,
            missing_len,
            instant,
            pairing,
            session: u64::try_from(session).ok(),
            is_selected,
            framing: words.next()?.into(),
            client: words.next()?.into(),
            upstream: words.next()?.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;
    use crate::time::Moment;

    fn row(pairing: Pairing) -> Row {
        Row {
            id: 7,
            direction: Direction::Received,
            kind: Kind::Binary,
            payload: "x".into(),
            at: Moment {
                utc_ms: 1_795_348_863_120.0,
                steady_ms: 9.5,
            },
            pairing,
            framing: None,
            session: Some(3),
            client: Some("10.0.0.7".into()),
            missing_len: 4,
            event: None,
        }
    }

    #[test]
    fn facts_are_read_as_they_were_written() {
        let paired = Pairing::Paired {
            with: 0,
            round_trip: Duration::from_micros(1000),
            service_time: Some(Duration::from_micros(80)),
        };
        for pairing in [Pairing::Pending, Pairing::Unsent, Pairing::Unpaired, paired] {
            let line = to_line(
                &row(pairing),
                true,
                "2026-11-22T12:01:03.120Z",
                "1+u32be",
                "my db",
            );
            let facts = ShownMessage::parse(&line).unwrap();
            let expected = ShownMessage {
                id: 7,
                direction: Direction::Received,
                kind: Kind::Binary,
                missing_len: 4,
                instant: "2026-11-22T12:01:03.120Z".into(),
                pairing,
                session: Some(3),
                client: "10.0.0.7".into(),
                is_selected: true,
                framing: "1+u32be".into(),
                upstream: "my db".into(),
            };
            assert_eq!(facts, expected);
            assert!(!Language::English.pairing_note(&facts).is_empty());
        }
        assert_eq!(ShownMessage::parse("nonsense"), None);
    }
}
