//! CBOR (RFC 8949), well-formed items.

use super::reader::{Reader, WRONG};
use crate::kind::Kind;
use crate::reference::frame::Stop;

const BREAK: u8 = 0xff;
/// The most levels of indefinite length.
const MAX_LEVELS: usize = 1024;

/// Reads an item.
pub fn value(reader: &mut Reader<'_>) -> Result<(), Stop> {
    reader.owed = 1;
    item(reader, 0, 0)
}

/// Reads an item, one byte of which is owed, and after which `more` bytes have to come that
/// are not owed yet.
fn item(reader: &mut Reader<'_>, levels: usize, more: u128) -> Result<(), Stop> {
    let first = reader.peek()?;
    let (major, info) = (first / 32, first % 32);
    let width = match info {
        0..24 => 0,
        24..=27 => 1 << (info - 24),
        31 if matches!(major, 2..=5) => return indefinite(reader, major, levels, more),
        _ => return Err(WRONG),
    };
    reader.take_owed(width as u128 + more)?;
    if major == 7 && width == 1 && reader.peek()? < 32 {
        return Err(WRONG);
    }
    let argument = match width {
        0 => info.into(),
        width => reader.number(width)?,
    };
    let (bytes, items) = match major {
        2 | 3 => (argument, 0),
        4 => (0, argument),
        5 => (0, 2 * argument),
        6 => (0, 1),
        _ => (0, 0),
    };
    reader.owe(bytes + items)?;
    reader.skip(bytes)?;
    (0..items).try_for_each(|_| item(reader, levels, 0))
}

/// Reads the chunks or items up to a break, which is owed.
fn indefinite(reader: &mut Reader<'_>, major: u8, levels: usize, more: u128) -> Result<(), Stop> {
    if levels == MAX_LEVELS {
        return Err(Stop::Fault(Kind::TooDeep));
    }
    reader.take_owed(1 + more)?;
    loop {
        let first = reader.peek()?;
        if first == BREAK {
            return reader.take_owed(0);
        }
        // A chunk of a string has its type and a length.
        if major < 4 && (first / 32 != major || first % 32 == 31) {
            return Err(WRONG);
        }
        reader.owed += 1;
        match major {
            5 => {
                item(reader, levels + 1, 1)?;
                item(reader, levels + 1, 0)?;
            }
            _ => item(reader, levels + 1, 0)?,
        }
    }
}
