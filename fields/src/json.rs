//! JSON text (RFC 8259). Numbers stay as they are written.

use crate::field::Reason;
use crate::reader::{Read, Reader, stop};
use crate::row::{Data, Label, Rows};

/// Reads one value, and white space around it.
pub(crate) fn decode(reader: &mut Reader<'_>, rows: &mut Rows, label: Label) -> Read<()> {
    space(reader);
    value(reader, rows, reader.at, label)?;
    space(reader);
    Ok(())
}

fn value(reader: &mut Reader<'_>, rows: &mut Rows, start: usize, label: Label) -> Read<()> {
    let from = reader.at;
    let data = match reader.peek() {
        None => return reader.stop(Reason::TooShort),
        Some(b'{') => return group(reader, rows, start, label, b'}'),
        Some(b'[') => return group(reader, rows, start, label, b']'),
        Some(b'"') => string(reader)?,
        Some(b'-' | b'0'..=b'9') => number(reader)?,
        Some(b't') => word(reader, b"true", Data::Bool(true))?,
        Some(b'f') => word(reader, b"false", Data::Bool(false))?,
        Some(b'n') => word(reader, b"null", Data::Null)?,
        Some(byte) => return reader.stop(Reason::Unexpected(byte)),
    };
    rows.push(start, from..reader.at, label, data, "")?;
    Ok(())
}

/// Reads an object or an array, to its closing bracket `end`.
fn group(
    reader: &mut Reader<'_>,
    rows: &mut Rows,
    start: usize,
    label: Label,
    end: u8,
) -> Read<()> {
    let is_map = end == b'}';
    let data = if is_map { Data::Map(0) } else { Data::List(0) };
    rows.open(start, reader.at, label, data, "")?;
    reader.at += 1;
    let mut count = 0;
    loop {
        space(reader);
        match reader.peek() {
            Some(byte) if byte == end && count == 0 => break,
            _ => {}
        }
        let from = reader.at;
        let label = if is_map {
            let key = string(reader)?;
            space(reader);
            reader.expect(b':')?;
            space(reader);
            Label::Key(key)
        } else {
            Label::Index(count as usize)
        };
        value(reader, rows, from, label)?;
        count += 1;
        space(reader);
        match reader.peek() {
            Some(byte) if byte == end => break,
            _ => reader.expect(b',')?,
        }
    }
    reader.at += 1;
    rows.close_counted(reader.at, count);
    Ok(())
}

fn string(reader: &mut Reader<'_>) -> Read<Data> {
    reader.expect(b'"')?;
    let (start, mut has_escapes) = (reader.at, false);
    loop {
        match reader.u8()? {
            b'"' => break,
            b'\\' => {
                has_escapes = true;
                reader.u8()?;
            }
            byte if byte < b' ' => return stop(reader.at - 1, Reason::Unexpected(byte)),
            _ => {}
        }
    }
    let range = start..reader.at - 1;
    let Ok(text) = str::from_utf8(&reader.bytes[range.clone()]) else {
        return stop(start, Reason::NotUtf8);
    };
    match has_escapes {
        false => Ok(Data::Text(range)),
        true => Ok(Data::Str(unescaped(text, start)?)),
    }
}

fn unescaped(text: &str, at: usize) -> Read<String> {
    let (mut whole, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(found) = rest.find('\\') {
        whole.push_str(&rest[..found]);
        let escape = &rest.as_bytes()[found..];
        let (char, len) = match escape.get(1) {
            Some(b'b') => ('\u{8}', 2),
            Some(b'f') => ('\u{c}', 2),
            Some(b'n') => ('\n', 2),
            Some(b'r') => ('\r', 2),
            Some(b't') => ('\t', 2),
            Some(b'u') => {
                let bad = at + text.len() - rest.len() + found;
                unicode(escape).map_or_else(|| stop(bad, Reason::Unexpected(b'\\')), Ok)?
            }
            Some(byte @ (b'"' | b'\\' | b'/')) => (char::from(*byte), 2),
            _ => {
                let bad = at + text.len() - rest.len() + found;
                return stop(bad, Reason::Unexpected(b'\\'));
            }
        };
        whole.push(char);
        rest = &rest[found + len..];
    }
    whole.push_str(rest);
    Ok(whole)
}

/// Returns the character of `\uXXXX` or of two surrogates, and its length. Half a pair is
/// a replacement character.
fn unicode(escape: &[u8]) -> Option<(char, usize)> {
    let first = hex4(escape)?;
    if let 0xd800..=0xdbff = first
        && escape.get(6) == Some(&b'\\')
        && let Some(second @ 0xdc00..=0xdfff) = escape.get(6..).and_then(hex4)
    {
        let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        return Some((char::from_u32(code)?, 12));
    }
    Some((char::from_u32(first).unwrap_or('\u{fffd}'), 6))
}

fn hex4(escape: &[u8]) -> Option<u32> {
    if *escape.get(1)? != b'u' {
        return None;
    }
    let digits = escape.get(2..6)?.iter();
    digits.copied().try_fold(0, |sum, digit| {
        Some(sum << 4 | char::from(digit).to_digit(16)?)
    })
}

fn number(reader: &mut Reader<'_>) -> Read<Data> {
    let start = reader.at;
    if reader.peek() == Some(b'-') {
        reader.at += 1;
    }
    match reader.peek() {
        Some(b'0') => reader.at += 1,
        _ => reader.digits()?,
    }
    let mut is_float = false;
    if reader.peek() == Some(b'.') {
        is_float = true;
        reader.at += 1;
        reader.digits()?;
    }
    if let Some(b'e' | b'E') = reader.peek() {
        is_float = true;
        reader.at += 1;
        if let Some(b'+' | b'-') = reader.peek() {
            reader.at += 1;
        }
        reader.digits()?;
    }
    Ok(Data::Number(start..reader.at, is_float))
}

fn word(reader: &mut Reader<'_>, word: &[u8], data: Data) -> Read<Data> {
    for byte in word {
        reader.expect(*byte)?;
    }
    Ok(data)
}

fn space(reader: &mut Reader<'_>) {
    while let Some(b' ' | b'\t' | b'\r' | b'\n') = reader.peek() {
        reader.at += 1;
    }
}
