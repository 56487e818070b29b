//! RESP, versions 2 and 3.

use super::reader::{Reader, WRONG};
use crate::reference::frame::Stop;

/// Length of the shortest value, a null or an empty line, in bytes.
const SHORTEST: u128 = 3;

/// Reads a value.
pub fn value(reader: &mut Reader<'_>) -> Result<(), Stop> {
    reader.owed = SHORTEST;
    owed(reader)
}

/// Reads a value, three bytes of which are owed.
fn owed(reader: &mut Reader<'_>) -> Result<(), Stop> {
    let kind = reader.peek()?;
    match kind {
        b'+' | b'-' => {
            reader.take_owed(0)?;
            line(reader, |byte| byte != b'\n')
        }
        b',' => {
            reader.take_owed(0)?;
            line(reader, |byte| b"0123456789+-.eEinfa".contains(&byte))
        }
        b':' | b'(' => {
            reader.take_owed(1)?;
            if b"+-".contains(&reader.peek()?) {
                reader.take_extra(0)?;
            }
            digit(reader)?;
            line(reader, |byte| byte.is_ascii_digit())
        }
        b'#' => {
            reader.take_owed(1)?;
            match reader.peek()? {
                b't' | b'f' => reader.take_owed(0)?,
                _ => return Err(WRONG),
            }
            reader.expect(b"\r\n")
        }
        b'_' => {
            reader.take_owed(0)?;
            reader.expect(b"\r\n")
        }
        b'$' | b'!' | b'=' | b'*' | b'~' | b'>' | b'%' | b'|' => {
            reader.take_owed(1)?;
            counted(reader, kind)
        }
        _ => Err(WRONG),
    }
}

/// Reads a line of `allowed` bytes up to its CRLF, which is owed.
fn line(reader: &mut Reader<'_>, allowed: impl Fn(u8) -> bool) -> Result<(), Stop> {
    while reader.peek()? != b'\r' {
        match allowed(reader.peek()?) {
            true => reader.take_extra(0)?,
            false => return Err(WRONG),
        }
    }
    reader.expect(b"\r\n")
}

fn digit(reader: &mut Reader<'_>) -> Result<(), Stop> {
    match reader.peek()?.is_ascii_digit() {
        true => reader.take_owed(0),
        false => Err(WRONG),
    }
}

/// Reads a count and what is counted. A digit and CRLF are owed.
fn counted(reader: &mut Reader<'_>, kind: u8) -> Result<(), Stop> {
    if b"$*".contains(&kind) && reader.peek()? == b'-' {
        reader.take_extra(0)?;
        return reader.expect(b"1\r\n");
    }
    let is_string = b"$!=".contains(&kind);
    // The bytes that a count adds.
    let owes = |count: u128| match is_string {
        true => count + 2,
        false => values(kind, count) * SHORTEST,
    };
    // The first digit is owed, but for the value; others are not.
    let (mut count, mut owed, mut is_first) = (0, 1, true);
    loop {
        let byte = reader.peek()?;
        match byte {
            b'0'..=b'9' => {}
            b'\r' if !is_first => break,
            _ => return Err(WRONG),
        }
        count = (count * 10 + u128::from(byte - b'0')).min(1 << 64);
        let rest = reader.owed - owed;
        owed = owes(count);
        is_first = false;
        reader.take(rest + owed)?;
    }
    reader.expect(b"\r\n")?;
    if is_string {
        reader.skip(count)?;
        return reader.expect(b"\r\n");
    }
    (0..values(kind, count)).try_for_each(|_| self::owed(reader))
}

/// Returns the number of values that follow; attributes are followed by their value.
fn values(kind: u8, count: u128) -> u128 {
    match kind {
        b'%' => 2 * count,
        b'|' => 2 * count + 1,
        _ => count,
    }
}
