//! MessagePack.

use super::reader::{Reader, WRONG};
use crate::reference::frame::Stop;

/// Reads a value.
pub fn value(reader: &mut Reader<'_>) -> Result<(), Stop> {
    reader.owed = 1;
    owed(reader)
}

/// Reads a value, one byte of which is owed.
fn owed(reader: &mut Reader<'_>) -> Result<(), Stop> {
    let first = reader.peek()?;
    // The width of a length, the bytes that follow in any case, the bytes and values counted.
    let (width, fixed) = match first {
        0xc1 => return Err(WRONG),
        0xc4 | 0xd9 => (1, 0),
        0xc5 | 0xda | 0xdc | 0xde => (2, 0),
        0xc6 | 0xdb | 0xdd | 0xdf => (4, 0),
        0xc7 => (1, 1),
        0xc8 => (2, 1),
        0xc9 => (4, 1),
        0xcc | 0xd0 => (0, 1),
        0xcd | 0xd1 => (0, 2),
        0xca | 0xce | 0xd2 => (0, 4),
        0xcb | 0xcf | 0xd3 => (0, 8),
        0xd4 => (0, 2),
        0xd5 => (0, 3),
        0xd6 => (0, 5),
        0xd7 => (0, 9),
        0xd8 => (0, 17),
        _ => (0, 0),
    };
    reader.take_owed(width + fixed)?;
    let number = reader.number(width as usize)?;
    let (bytes, values) = match first {
        0x80..=0x8f => (0, 2 * u128::from(first % 16)),
        0x90..=0x9f => (0, u128::from(first % 16)),
        0xa0..=0xbf => (u128::from(first % 32), 0),
        0xdc | 0xdd => (0, number),
        0xde | 0xdf => (0, 2 * number),
        _ => (number, 0),
    };
    reader.owe(bytes + values)?;
    reader.skip(fixed + bytes)?;
    (0..values).try_for_each(|_| owed(reader))
}
