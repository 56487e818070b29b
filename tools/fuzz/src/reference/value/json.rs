//! JSON (RFC 8259), without a check of strings for UTF-8.

use super::reader::{Reader, WRONG};
use crate::reference::frame::Stop;

/// Reads a value that no other is around.
pub fn text(reader: &mut Reader<'_>) -> Result<(), Stop> {
    reader.owed = 1;
    if !matches!(reader.peek()?, b'-' | b'0'..=b'9') {
        return value(reader);
    }
    number(reader)?;
    // A number ends before white space and what begins another value, but a number or literal:
    // that is more likely a broken number.
    match reader.peek() {
        Ok(b' ' | b'\t' | b'\r' | b'\n' | b'"' | b'[' | b'{') => Ok(()),
        Ok(_) => Err(WRONG),
        Err(_) if reader.is_all => Ok(()),
        Err(more) => Err(more),
    }
}

/// Reads a value, one byte of which is owed.
fn value(reader: &mut Reader<'_>) -> Result<(), Stop> {
    match reader.peek()? {
        b'{' => {
            reader.take_owed(1)?;
            members(reader)
        }
        b'[' => {
            reader.take_owed(1)?;
            elements(reader)
        }
        b'"' => string(reader),
        b't' => literal(reader, b"true"),
        b'f' => literal(reader, b"false"),
        b'n' => literal(reader, b"null"),
        _ => number(reader),
    }
}

fn white_space(reader: &mut Reader<'_>) -> Result<(), Stop> {
    while b" \t\r\n".contains(&reader.peek()?) {
        reader.take_extra(0)?;
    }
    Ok(())
}

/// Reads what follows `[`; `]` is owed.
fn elements(reader: &mut Reader<'_>) -> Result<(), Stop> {
    white_space(reader)?;
    if reader.peek()? == b']' {
        return reader.take_owed(0);
    }
    // An element's first byte is not owed, as the array might be empty. A comma owes one.
    let mut is_owed = false;
    loop {
        if !is_owed {
            begins_value(reader.peek()?)?;
            reader.owed += 1;
        }
        value(reader)?;
        white_space(reader)?;
        match reader.peek()? {
            b']' => return reader.take_owed(0),
            b',' => reader.take_extra(1)?,
            _ => return Err(WRONG),
        }
        is_owed = true;
        white_space(reader)?;
    }
}

fn begins_value(byte: u8) -> Result<(), Stop> {
    match byte {
        b'{' | b'[' | b'"' | b't' | b'f' | b'n' | b'-' | b'0'..=b'9' => Ok(()),
        _ => Err(WRONG),
    }
}

/// Reads what follows `{`; `}` is owed.
fn members(reader: &mut Reader<'_>) -> Result<(), Stop> {
    white_space(reader)?;
    if reader.peek()? == b'}' {
        return reader.take_owed(0);
    }
    // A member is at least a key of two bytes, a colon, and a value of one byte.
    if reader.peek()? != b'"' {
        return Err(WRONG);
    }
    reader.owed += 4;
    loop {
        if reader.peek()? != b'"' {
            return Err(WRONG);
        }
        string_owed(reader)?;
        white_space(reader)?;
        reader.expect(b":")?;
        white_space(reader)?;
        value(reader)?;
        white_space(reader)?;
        match reader.peek()? {
            b'}' => return reader.take_owed(0),
            b',' => reader.take_extra(4)?,
            _ => return Err(WRONG),
        }
        white_space(reader)?;
    }
}

/// Reads a string, one byte of which is owed.
fn string(reader: &mut Reader<'_>) -> Result<(), Stop> {
    reader.owed += 1;
    string_owed(reader)
}

/// Reads a string, two bytes of which are owed.
fn string_owed(reader: &mut Reader<'_>) -> Result<(), Stop> {
    reader.take_owed(0)?;
    loop {
        match reader.peek()? {
            b'"' => return reader.take_owed(0),
            0..0x20 => return Err(WRONG),
            b'\\' => {
                reader.take_extra(1)?;
                match reader.peek()? {
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {
                        reader.take_owed(0)?
                    }
                    b'u' => {
                        reader.take_owed(4)?;
                        for _ in 0..4 {
                            match reader.peek()?.is_ascii_hexdigit() {
                                true => reader.take_owed(0)?,
                                false => return Err(WRONG),
                            }
                        }
                    }
                    _ => return Err(WRONG),
                }
            }
            _ => reader.take_extra(0)?,
        }
    }
}

fn literal(reader: &mut Reader<'_>, text: &[u8]) -> Result<(), Stop> {
    reader.take_owed(text.len() as u128 - 1)?;
    reader.expect(&text[1..])
}

/// Reads a number, one byte of which is owed, up to the byte after it.
fn number(reader: &mut Reader<'_>) -> Result<(), Stop> {
    if reader.peek()? == b'-' {
        reader.take_owed(1)?;
    }
    match reader.peek()? {
        b'0' => reader.take_owed(0)?,
        b'1'..=b'9' => digits(reader)?,
        _ => return Err(WRONG),
    }
    if reader.peek() == Ok(b'.') {
        reader.take_extra(1)?;
        digits(reader)?;
    }
    if matches!(reader.peek(), Ok(b'e' | b'E')) {
        reader.take_extra(1)?;
        if matches!(reader.peek(), Ok(b'+' | b'-')) {
            reader.take_extra(0)?;
        }
        digits(reader)?;
    }
    Ok(())
}

/// Reads digits, one of which is owed.
fn digits(reader: &mut Reader<'_>) -> Result<(), Stop> {
    match reader.peek()?.is_ascii_digit() {
        true => reader.take_owed(0)?,
        false => return Err(WRONG),
    }
    while reader.peek().is_ok_and(|byte| byte.is_ascii_digit()) {
        reader.take_extra(0)?;
    }
    Ok(())
}
