//! Facts of the message that the wire view shows, as a line for the page's late part.

use std::time::Duration;

use crate::message::{Direction, Kind};
use crate::message_log::{Pairing, Row};
use crate::time::{Moment, micros};

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
    /// Local time, in milliseconds since the Unix epoch.
    pub local_ms: i64,
    /// Reply or request; without the other's id.
    pub pairing: Pairing,
    /// Session number of another client.
    pub session: Option<u64>,
    /// True if it is selected, not just the latest.
    pub is_selected: bool,
    /// Notation of its framing.
    pub framing: String,
    /// Name of the upstream, for what is kept for it.
    pub upstream: String,
}

/// Writes the facts of a row as a line, which [`ShownMessage::parse`] reads.
pub fn to_line(row: &Row, is_selected: bool, framing: &str, upstream: &str) -> String {
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
    let (id, missing, at) = (row.id, row.missing_len, row.at.local_ms as i64);
    let selected = u8::from(is_selected);
    format!(
        "{id} {direction} {kind} {missing} {at} {pairing} {service} {session} {selected} {framing} {upstream}"
    )
}

impl ShownMessage {
    /// Reads the line of [`to_line`].
    pub fn parse(line: &str) -> Option<Self> {
        let mut words = line.splitn(11, ' ');
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
        let mut number = || words.next()?.parse::<i64>().ok();
        let local_ms = number()?;
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
            local_ms,
            pairing,
            session: u64::try_from(session).ok(),
            is_selected,
            framing: words.next()?.into(),
            upstream: words.next()?.into(),
        })
    }

    /// Returns the time as a moment of the wall clock.
    pub fn at(&self) -> Moment {
        Moment {
            local_ms: self.local_ms as f64,
            steady_ms: 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    fn row(pairing: Pairing) -> Row {
        Row {
            id: 7,
            direction: Direction::Received,
            kind: Kind::Binary,
            payload: "x".into(),
            at: Moment {
                local_ms: 1_795_348_863_120.0,
                steady_ms: 9.5,
            },
            pairing,
            framing: None,
            session: Some(3),
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
            let line = to_line(&row(pairing), true, "1+u32be", "my db");
            let facts = ShownMessage::parse(&line).unwrap();
            let expected = ShownMessage {
                id: 7,
                direction: Direction::Received,
                kind: Kind::Binary,
                missing_len: 4,
                local_ms: 1_795_348_863_120,
                pairing,
                session: Some(3),
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
