//! Packed rows: messages in few bytes, for the page's late part and for the browser's storage.
//!
//! Numbers are varints, and strings have their length in front. Events are no messages, and
//! are left out.

use std::time::Duration;

use bytes::Bytes;

use crate::framing::Framing;
use crate::message::{Direction, Kind};
use crate::message_log::{Pairing, Row, RowId};
use crate::time::{Moment, micros};

/// Appends a message, with its id.
pub fn pack(row: &Row, packed: &mut Vec<u8>) {
    if row.event.is_some() {
        return;
    }
    let is_received = row.direction == Direction::Received;
    let is_binary = row.kind == Kind::Binary;
    let (with, round_trip, service_time) = match row.pairing {
        Pairing::Paired {
            with,
            round_trip,
            service_time,
        } => (Some(with), micros(round_trip), service_time.map(micros)),
        Pairing::Pending | Pairing::Unsent | Pairing::Unpaired => (None, 0, None),
    };
    let optional = |number: Option<u64>| number.map_or(0, |it| it.saturating_add(1));
    let numbers = [
        row.id,
        u64::from(is_received) + 2 * u64::from(is_binary),
        row.at.utc_ms as u64,
        optional(with),
        round_trip,
        optional(service_time),
        optional(row.session),
        row.missing_len as u64,
    ];
    for number in numbers {
        put_number(number, packed);
    }
    let framing = row.framing.as_ref().map(Framing::notation);
    let client = row.client.as_deref();
    for text in [framing, client] {
        put_bytes(text.unwrap_or_default().as_bytes(), packed);
    }
    put_bytes(&row.payload, packed);
}

/// Reads packed messages, with the ids that they were packed with. Ends before one that is
/// incomplete.
pub fn unpack(mut packed: &[u8]) -> Vec<Row> {
    let mut rows = Vec::new();
    while let Some(row) = take_row(&mut packed) {
        rows.push(row);
    }
    rows
}

/// Gives rows ids from `next_id` on, and leaves paired those whose partner is among them. An id
/// before a row that begins a day is left out, for the heading.
pub fn renumber(rows: &mut [Row], mut next_id: RowId, mut begins_day: impl FnMut(&Row) -> bool) {
    let numbered = rows.iter().map(|row| {
        let id = next_id + RowId::from(begins_day(row));
        next_id = id + 1;
        (row.id, id)
    });
    let ids: Vec<_> = numbered.collect();
    for (row, &(_, id)) in rows.iter_mut().zip(&ids) {
        row.id = id;
        if let Pairing::Paired { with, .. } = &mut row.pairing {
            let place = ids.binary_search_by_key(with, |it| it.0).ok();
            // Like the id of a row that was evicted, this one leads nowhere.
            *with = place.map_or(RowId::MAX, |place| ids[place].1);
        }
    }
}

fn put_number(mut number: u64, packed: &mut Vec<u8>) {
    while number > 0x7f {
        packed.push(number as u8 | 0x80);
        number >>= 7;
    }
    packed.push(number as u8);
}

fn put_bytes(bytes: &[u8], packed: &mut Vec<u8>) {
    put_number(bytes.len() as u64, packed);
    packed.extend_from_slice(bytes);
}

fn take_row(packed: &mut &[u8]) -> Option<Row> {
    let mut numbers = [0; 8];
    for number in &mut numbers {
        *number = take_number(packed)?;
    }
    let [
        id,
        flags,
        utc_ms,
        with,
        round_trip,
        service_time,
        session,
        missing_len,
    ] = numbers;
    let pairing = match with.checked_sub(1) {
        Some(with) => Pairing::Paired {
            with,
            round_trip: Duration::from_micros(round_trip),
            service_time: service_time.checked_sub(1).map(Duration::from_micros),
        },
        None => Pairing::Unpaired,
    };
    let framing = take_text(packed)?;
    let client = take_text(packed)?;
    Some(Row {
        id,
        direction: match flags & 1 {
            0 => Direction::Sent,
            _ => Direction::Received,
        },
        kind: match flags & 2 {
            0 => Kind::Text,
            _ => Kind::Binary,
        },
        at: Moment {
            utc_ms: utc_ms as f64,
            steady_ms: 0.0,
        },
        pairing,
        framing: framing.map(Into::into),
        session: session.checked_sub(1),
        client: client.map(Into::into),
        missing_len: missing_len as usize,
        payload: Bytes::copy_from_slice(take_bytes(packed)?),
        event: None,
    })
}

fn take_number(packed: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = packed.split_first()?;
        *packed = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

fn take_bytes<'a>(packed: &mut &'a [u8]) -> Option<&'a [u8]> {
    let len = usize::try_from(take_number(packed)?).ok()?;
    let (bytes, rest) = packed.split_at_checked(len)?;
    *packed = rest;
    Some(bytes)
}

/// Takes a text; `None` within if it is empty.
fn take_text<'a>(packed: &mut &'a [u8]) -> Option<Option<&'a str>> {
    let text = std::str::from_utf8(take_bytes(packed)?).ok()?;
    Some(Some(text).filter(|it| !it.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: RowId, direction: Direction, pairing: Pairing) -> Row {
        Row {
            id,
            direction,
            kind: Kind::Binary,
            payload: Bytes::from_static(b"\xff\0"),
            at: Moment {
                utc_ms: 1_795_316_463_120.0,
                steady_ms: 0.0,
            },
            pairing,
            framing: Some("1+varint".into()),
            session: Some(0),
            client: Some("127.0.0.1:1".into()),
            missing_len: 300,
            event: None,
        }
    }

    fn paired(with: RowId) -> Pairing {
        Pairing::Paired {
            with,
            round_trip: Duration::from_micros(400),
            service_time: Some(Duration::ZERO),
        }
    }

    #[test]
    fn rows_are_unpacked_as_they_were_packed() {
        let rows = [
            row(7, Direction::Sent, paired(9)),
            Row {
                kind: Kind::Text,
                framing: None,
                session: None,
                client: None,
                ..row(8, Direction::Received, Pairing::Unpaired)
            },
            row(9, Direction::Received, paired(7)),
        ];
        let mut packed = Vec::new();
        rows.iter().for_each(|row| pack(row, &mut packed));
        let unpacked = unpack(&packed);
        // Rows compare by id and pairing.
        assert_eq!(format!("{unpacked:?}"), format!("{rows:?}"));
        assert_eq!(unpack(&packed[..packed.len() - 1]).len(), 2);
        assert_eq!(unpack(&[0xff; 100]).len(), 0);
    }

    #[test]
    fn renumbered_rows_keep_the_partners_among_them() {
        let mut rows = [
            row(7, Direction::Sent, paired(9)),
            row(9, Direction::Received, paired(7)),
            row(12, Direction::Received, paired(1)),
        ];
        renumber(&mut rows, 100, |row| row.id == 12);
        let partners: Vec<_> = rows.iter().map(|row| (row.id, row.partner())).collect();
        let expected = [(100, Some(101)), (101, Some(100)), (103, Some(RowId::MAX))];
        assert_eq!(partners, expected);
    }
}
