//! Bencode (BEP 3); zeros before a number are read.

use super::reader::{Reader, WRONG};
use crate::reference::frame::Stop;

/// Reads a value.
pub fn value(reader: &mut Reader<'_>) -> Result<(), Stop> {
    reader.owed = 2;
    owed(reader)
}

/// Reads a value, two bytes of which are owed.
fn owed(reader: &mut Reader<'_>) -> Result<(), Stop> {
    match reader.peek()? {
        b'i' => {
            reader.take_owed(1)?;
            if reader.peek()? == b'-' {
                reader.take_extra(0)?;
            }
            match reader.peek()?.is_ascii_digit() {
                true => reader.take_owed(0)?,
                false => return Err(WRONG),
            }
            while reader.peek()?.is_ascii_digit() {
                reader.take_extra(0)?;
            }
            reader.expect(b"e")
        }
        b'l' => {
            reader.take_owed(0)?;
            loop {
                match reader.peek()? {
                    b'e' => return reader.take_owed(0),
                    b'i' | b'l' | b'd' | b'0'..=b'9' => reader.owed += 2,
                    _ => return Err(WRONG),
                }
                owed(reader)?;
            }
        }
        b'd' => {
            reader.take_owed(0)?;
            loop {
                match reader.peek()? {
                    b'e' => return reader.take_owed(0),
                    // A key and its value.
                    b'0'..=b'9' => reader.owed += 4,
                    _ => return Err(WRONG),
                }
                string(reader)?;
                owed(reader)?;
            }
        }
        b'0'..=b'9' => string(reader),
        _ => Err(WRONG),
    }
}

/// Reads a string, two bytes of which are owed: a digit and a colon.
fn string(reader: &mut Reader<'_>) -> Result<(), Stop> {
    let (mut len, mut owed) = (0, 1);
    loop {
        match reader.peek()? {
            b':' => break,
            byte @ b'0'..=b'9' => {
                len = (len * 10 + u128::from(byte - b'0')).min(1 << 64);
                let rest = reader.owed - owed;
                owed = len;
                reader.take(rest + owed)?;
            }
            _ => return Err(WRONG),
        }
    }
    reader.expect(b":")?;
    reader.skip(len)
}
