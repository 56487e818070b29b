//! Head of a message, which either protocol may have before its struct.

use std::ops::Range;

use crate::field::Reason;
use crate::reader::{Read, stop};
use crate::row::{Data, Label, Rows};

/// Adds the name, type and sequence number of a message.
pub(super) fn message(
    rows: &mut Rows,
    start: usize,
    end: usize,
    name: Range<usize>,
    kind: u8,
    sequence: i64,
) -> Read<()> {
    let kind = match kind {
        1 => "call",
        2 => "reply",
        3 => "exception",
        4 => "oneway",
        kind => {
            let reason = Reason::UnknownType(u64::from(kind));
            return stop(start, reason);
        }
    };
    let label = |text: &str| Label::Name(text.into());
    rows.push(
        start,
        start..end,
        label("type"),
        Data::Symbol(kind.into()),
        "",
    )?;
    rows.push(start, start..end, label("name"), Data::Text(name), "")?;
    rows.push(
        start,
        start..end,
        label("sequence"),
        Data::Int(sequence),
        "",
    )?;
    Ok(())
}
