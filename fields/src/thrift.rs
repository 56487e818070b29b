//! Thrift: a struct or a message, in the binary or the compact protocol.

mod binary;
mod compact;
mod message;
mod protocol;
mod types;
mod values;

use binary::Binary;
use compact::Compact;
use protocol::Protocol;

use crate::reader::{Read, Reader};
use crate::row::{Label, Rows};

/// Reads one struct or message. Nothing tells the protocols of a struct apart: the binary one if
/// that reads all bytes, else the compact one, or the one that reads further.
pub(crate) fn decode(reader: &mut Reader<'_>, rows: &mut Rows, label: Label) -> Read<()> {
    let mark = rows.mark();
    let from = *reader;
    let binary = whole(&Binary, reader, rows, label.clone());
    let Err(first) = binary else { return Ok(()) };
    rows.back(mark);
    *reader = from;
    let compact = whole(&Compact, reader, rows, label.clone());
    match compact {
        Err(second) if second.at <= first.at => {
            rows.back(mark);
            *reader = from;
            whole(&Binary, reader, rows, label)
        }
        compact => compact,
    }
}

fn whole(
    protocol: &dyn Protocol,
    reader: &mut Reader<'_>,
    rows: &mut Rows,
    label: Label,
) -> Read<()> {
    protocol.message(reader, rows)?;
    values::structure(protocol, reader, rows, label)?;
    reader.finish()
}
