//! Notation of pictures: `1+u32be-inclusive`, `0x0b...0x1c0d`, `whole:digits+0x20`.
//!
//! ```text
//! picture  = ["whole:"] [parts] ["..." [parts]]
//! parts    = part *("+" part)              a space reads as "+"
//! part     = COUNT                         bytes of any kind, which belong to the message
//!          / "0x" 1*(HEX HEX)              fixed bytes
//!          / number ["-inclusive" / "-all"]   at most one, before "..."
//! number   = "u" BITS ["le" / "be"] / "varint" / "gob"
//!          / "ascii" N / "hex" N / "bcd" N / "digits"
//! ```

use std::fmt;

use super::{Counts, Length, Picture, PictureName, Template};
use crate::integer::ByteOrder;
use crate::notation_error::Refusal;
use crate::number::Number;
use crate::picture_problem::PictureProblem as Problem;

/// Part of a notation, and its offset.
#[derive(Clone, Copy)]
struct Part<'a> {
    text: &'a str,
    at: usize,
}

impl Part<'_> {
    fn refused(&self, reason: Problem) -> Refusal {
        let at = self.at;
        Refusal { reason, at }
    }
}

/// Parses a picture, without `whole:`.
pub(crate) fn parse(notation: &str) -> Result<Picture, Refusal> {
    if let Some(name) = PictureName::ALL
        .into_iter()
        .find(|it| it.as_str() == notation)
    {
        let picture = parse_parts(name.notation())?;
        return Ok(Picture {
            name: Some(name),
            ..picture
        });
    }
    parse_parts(notation)
}

fn parse_parts(notation: &str) -> Result<Picture, Refusal> {
    let mut picture = Picture {
        before: Template::default(),
        length: None,
        after: Template::default(),
        tail: Template::default(),
        whole: false,
        name: None,
    };
    let (header, tail) = match notation.split_once(BODY) {
        Some((header, tail)) => (header, Some(tail)),
        None => (notation, None),
    };
    for part in parts(header, 0)? {
        let refused = |reason| part.refused(reason);
        if let Some(length) = parse_length(part.text).map_err(refused)? {
            if let Some(first) = picture.length.replace(length) {
                let (first, second) = (first.to_string(), part.text.into());
                return Err(refused(Problem::TwoLengths { first, second }));
            }
            continue;
        }
        let template = match picture.length {
            None => &mut picture.before,
            Some(_) => &mut picture.after,
        };
        parse_bytes(part.text, template).map_err(refused)?;
    }
    let tail_at = header.len() + BODY.len();
    for part in parts(tail.unwrap_or_default(), tail_at)? {
        let (text, refused) = (part.text, |reason| part.refused(reason));
        if parse_length(text).map_err(refused)?.is_some() {
            let length = text.into();
            return Err(refused(Problem::LateLength { length }));
        }
        parse_bytes(text, &mut picture.tail).map_err(refused)?;
    }
    let at = notation.len();
    let refused = |reason| Refusal { reason, at };
    check_end(&picture, tail.is_some()).map_err(refused)?;
    check_counted(&picture).map_err(refused)?;
    Ok(picture)
}

/// Place of the body.
const BODY: &str = "...";

/// Longest part, in characters: the fixed bytes of a whole template.
const MAX_PART: usize = "0x".len() + 2 * Template::MAX_LEN;

/// Splits parts at `+` or spaces; their offsets count from `at`. What they are made of is
/// checked here: refusals repeat them.
fn parts(notation: &str, at: usize) -> Result<impl Iterator<Item = Part<'_>>, Refusal> {
    let mut next = at;
    let parts = notation.split(['+', ' ']).map(move |text| {
        let at = next;
        next += text.len() + 1;
        Part { text, at }
    });
    for part in parts.clone().filter(|_| !notation.is_empty()) {
        check_part(part.text).map_err(|reason| part.refused(reason))?;
    }
    Ok(parts.filter(|part| !part.text.is_empty()))
}

fn check_part(part: &str) -> Result<(), Problem> {
    if part.is_empty() {
        return Err(Problem::EmptyPart);
    }
    if part.len() > MAX_PART {
        let (len, max) = (part.len(), MAX_PART);
        return Err(Problem::LongPart { len, max });
    }
    let is_plain = |it: u8| it.is_ascii_alphanumeric() || it == b'-';
    match part.bytes().all(is_plain) {
        true => Ok(()),
        false => Err(no_part(part)),
    }
}

fn no_part(part: &str) -> Problem {
    let part = part.into();
    Problem::NoPart { part }
}

/// Checks that something tells where a message ends.
fn check_end(picture: &Picture, has_tail: bool) -> Result<(), Problem> {
    match picture.length {
        Some(Length {
            number: Number::Digits,
            ..
        }) => {
            let end = picture.after.fixed(0);
            match end {
                Some(byte) if !byte.is_ascii_digit() => Ok(()),
                Some(_) => Err(Problem::DigitAfterDigits),
                None => Err(Problem::EndlessDigits),
            }
        }
        Some(_) => Ok(()),
        None if picture.tail.fixed(0).is_some() => Ok(()),
        None if has_tail => Err(Problem::NoDelimiter),
        None => Err(Problem::NoEnd),
    }
}

/// Checks that the length can count the shortest frame.
fn check_counted(picture: &Picture) -> Result<(), Problem> {
    let Some(length @ Length { number, .. }) = picture.length else {
        return Ok(());
    };
    let counted = picture.around_in_length();
    match number.max() < counted as u64 {
        true => Err(Problem::NarrowLength {
            length: length.to_string(),
            counted,
            number: number.to_string(),
            max: number.max(),
        }),
        false => Ok(()),
    }
}

/// Parses fixed bytes or a count of free ones, and appends them.
fn parse_bytes(part: &str, template: &mut Template) -> Result<(), Problem> {
    let max = Template::MAX_LEN;
    let too_long = || Problem::ManyBytes {
        part: part.into(),
        max,
    };
    if let Some(digits) = part.strip_prefix("0x") {
        let bytes = parse_hex(part, digits)?;
        return template.push_fixed(&bytes).ok_or_else(too_long);
    }
    if !part.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(no_part(part));
    }
    if part.starts_with('0') {
        let part = part.into();
        return Err(Problem::LeadingZero { part, max });
    }
    let count = part.parse().map_err(|_| too_long())?;
    template.push_free(count).ok_or_else(too_long)
}

fn parse_hex(part: &str, digits: &str) -> Result<Vec<u8>, Problem> {
    let refused = || Problem::HexDigits { part: part.into() };
    if digits.is_empty() || !digits.len().is_multiple_of(2) {
        return Err(refused());
    }
    let nibble = |digit: u8| char::from(digit).to_digit(16);
    let byte = |pair: &[u8]| Some((nibble(pair[0])? * 16 + nibble(pair[1])?) as u8);
    let bytes = digits.as_bytes().chunks(2).map(byte);
    bytes.collect::<Option<_>>().ok_or_else(refused)
}

/// Parses a length; returns `None` if the part begins like none.
fn parse_length(part: &str) -> Result<Option<Length>, Problem> {
    let (number, counts) = match part.split_once('-') {
        None => (part, Counts::Body),
        Some((number, "inclusive")) => (number, Counts::Itself),
        Some((number, "all")) => (number, Counts::Frame),
        Some((number, suffix)) => match parse_number(number)? {
            Some(_) => {
                let suffix = suffix.into();
                return Err(Problem::NoSuffix { suffix });
            }
            None => return Ok(None),
        },
    };
    let Some(number) = parse_number(number)? else {
        return Ok(None);
    };
    if counts != Counts::Body && number.width().is_none() {
        let (part, number) = (part.into(), number.to_string());
        return Err(Problem::VaryingWidth { part, number });
    }
    Ok(Some(Length { number, counts }))
}

/// Returns true if `part` begins like a length, such as `u15be`.
pub(crate) fn is_number(part: &str) -> bool {
    !matches!(parse_length(part), Ok(None))
}

fn parse_number(part: &str) -> Result<Option<Number>, Problem> {
    match part {
        "varint" => return Ok(Some(Number::Varint)),
        "gob" => return Ok(Some(Number::Gob)),
        "digits" => return Ok(Some(Number::Digits)),
        _ => {}
    }
    let digits = part.trim_start_matches(|letter: char| letter.is_ascii_alphabetic());
    let name = &part[..part.len() - digits.len()];
    let count = |max: u8, unit| match digits.parse() {
        Ok(count) if (1..=max).contains(&count) && !digits.starts_with('0') => Ok(count),
        _ => Err(Problem::DigitCount {
            part: part.into(),
            name: name.into(),
            max,
            unit,
        }),
    };
    Ok(Some(match name {
        "u" if !digits.is_empty() => parse_integer(part, digits)?,
        "ascii" => Number::Ascii(count(19, "digits")?),
        "hex" => Number::Hex(count(16, "hexadecimal digits")?),
        "bcd" => Number::Bcd(count(9, "bytes with two digits in each")?),
        _ => return Ok(None),
    }))
}

/// Parses what follows the `u` of an integer: `32be`.
fn parse_integer(part: &str, rest: &str) -> Result<Number, Problem> {
    let bits = rest.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let order = match &rest[bits.len()..] {
        "le" => Some(ByteOrder::Little),
        "be" => Some(ByteOrder::Big),
        "" => None,
        _ => {
            let part = part.into();
            return Err(Problem::NoByteOrder { part });
        }
    };
    let width = match bits.parse::<u8>() {
        Ok(parsed) if parsed % 8 == 0 && (8..=64).contains(&parsed) && !bits.starts_with('0') => {
            parsed / 8
        }
        _ => {
            let (part, bits) = (part.into(), bits.into());
            return Err(Problem::NoWidth { part, bits });
        }
    };
    match (width, order) {
        (1, None) => Ok(Number::Integer {
            width,
            order: ByteOrder::Big,
        }),
        (1, Some(_)) => Err(Problem::OrderOfByte { part: part.into() }),
        (_, Some(order)) => Ok(Number::Integer { width, order }),
        (_, None) => Err(Problem::MissingOrder { part: part.into() }),
    }
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let suffix = match self.counts {
            Counts::Body => "",
            Counts::Itself => "-inclusive",
            Counts::Frame => "-all",
        };
        write!(f, "{}{suffix}", self.number)
    }
}

impl fmt::Display for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.whole {
            f.write_str("whole:")?;
        }
        if let Some(name) = self.name {
            return f.write_str(name.as_str());
        }
        let mut separator = "";
        let mut part = |part: &dyn fmt::Display, is_empty: bool, f: &mut fmt::Formatter<'_>| {
            if is_empty {
                return Ok(());
            }
            write!(f, "{separator}{part}")?;
            separator = "+";
            Ok(())
        };
        part(&self.before, self.before.is_empty(), f)?;
        if let Some(length) = &self.length {
            part(length, false, f)?;
        }
        part(&self.after, self.after.is_empty(), f)?;
        if !self.tail.is_empty() {
            write!(f, "...{}", self.tail)?;
        }
        Ok(())
    }
}
