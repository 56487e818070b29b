//! BER (X.690, section 8.1): tags of at most ten bytes, lengths of at most eight.

use super::reader::{Reader, WRONG};
use crate::reference::frame::Stop;

/// Reads an element.
pub fn element(reader: &mut Reader<'_>) -> Result<(), Stop> {
    reader.owed = 2;
    owed(reader)
}

/// Reads an element, two bytes of which are owed.
fn owed(reader: &mut Reader<'_>) -> Result<(), Stop> {
    let tag = reader.peek()?;
    // The end of contents without any.
    if tag == 0 {
        return Err(WRONG);
    }
    let is_long = tag % 32 == 31;
    reader.take_owed(u128::from(is_long))?;
    if is_long {
        for index in 1.. {
            let byte = reader.peek()?;
            if index > 9 || index == 1 && byte == 0x80 {
                return Err(WRONG);
            }
            let has_more = byte >= 0x80;
            reader.take_owed(has_more.into())?;
            if !has_more {
                break;
            }
        }
    }
    let is_constructed = tag & 0x20 != 0;
    let len = match reader.peek()? {
        len @ 0..0x80 => {
            reader.take_owed(len.into())?;
            len.into()
        }
        0x80 if is_constructed => {
            reader.take_owed(2)?;
            while reader.peek()? != 0 {
                reader.owed += 2;
                owed(reader)?;
            }
            reader.take_owed(0)?;
            return reader.expect(&[0]);
        }
        first @ 0x81..=0x88 => {
            let width = usize::from(first - 0x80);
            reader.take_owed(width as u128)?;
            let len = reader.number(width)?;
            reader.owe(len)?;
            len
        }
        _ => return Err(WRONG),
    };
    reader.skip(len)
}
