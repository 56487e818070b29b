//! Candidates that end each frame with fixed bytes, most of them for text.

use super::bits::{BIT, Bits};
use super::division::Division;
use super::ranking::Ranking;
use super::text::is_text;
use crate::delimiter::Delimiter;
use crate::framing::Framing;
use crate::picture::{self, Picture, Template};
use crate::value::ValueFormat;

/// Pictures of delimited frames that are in use, with or without a name.
const PICTURES: [&str; 7] = [
    "mllp",
    "stx-etx",
    "0x02...0x03+1",
    "0x1e...0x0a",
    "...0x0d0a0d0a",
    "...0x5d5d3e5d5d3e",
    "whole:...0x0131303d+3+0x01",
];
/// Lengths as text, which end with fixed bytes.
const DIGITS: [&str; 2] = ["netstring", "octet-counting"];
/// Least mean length of text messages that a NUL ends, in bytes.
const MIN_MEAN_LEN: usize = 6;
/// Evidence that each of several messages is text, in bits.
const TEXT: Bits = 14;

/// Adds all delimiters that divide the capture.
pub(super) fn add(ranking: &mut Ranking<'_>) {
    for delimiter in [Delimiter::Crlf, Delimiter::Lines, Delimiter::Nul] {
        add_delimiter(ranking, delimiter);
    }
    for notation in PICTURES.into_iter().chain(DIGITS) {
        if let Ok(framing) = notation.parse() {
            add_marked(ranking, framing, 4);
        }
    }
    if let Some(picture) = first_to_last(ranking.capture.bytes) {
        add_marked(ranking, Framing::Picture(picture), 12);
    }
}

fn add_delimiter(ranking: &mut Ranking<'_>, delimiter: Delimiter) {
    let capture = ranking.capture;
    let framing = Framing::Delimited(delimiter);
    let mut messages = Messages::default();
    let found = Division::decoded(capture.bytes, framing, |it| messages.add(it));
    let Some(division) = found else {
        return;
    };
    let breaks = |byte| capture.bytes.iter().filter(|&&it| it == byte).count();
    let all_text = match delimiter {
        // Zeros are common among other bytes: what is between them is a text by chance.
        Delimiter::Nul => {
            messages.all_text
                && !messages.any_empty
                && division.bytes() >= MIN_MEAN_LEN * division.len()
        }
        Delimiter::Lines | Delimiter::Crlf => messages.all_text,
    };
    if !all_text {
        return ranking.add_unaligned(framing, &division, -6 * BIT);
    }
    let bits = match delimiter {
        // A lone LF is a part of a message.
        Delimiter::Crlf if breaks(b'\n') == division.len() => TEXT + 4,
        Delimiter::Crlf => 0,
        Delimiter::Lines | Delimiter::Nul => TEXT,
    };
    let structured = match messages.all_json {
        true => 16 + 6 * division.counted(),
        false => 0,
    };
    let bits = bits + structured + division.counted();
    ranking.add(framing, &division, bits * BIT);
}

/// Adds a picture with fixed bytes. These are evidence where the search for the frame's end
/// does not look for them.
fn add_marked(ranking: &mut Ranking<'_>, framing: Framing, cost: Bits) {
    let Framing::Picture(picture) = framing else {
        return;
    };
    let capture = ranking.capture;
    let mut messages = Messages::default();
    let found = Division::decoded(capture.bytes, framing, |it| messages.add(it));
    let Some(division) = found else {
        return;
    };
    let surprise = |template: &Template, skipped: usize| -> Bits {
        let fixed = (skipped..template.len()).filter_map(|index| template.fixed(index));
        fixed.map(|byte| capture.surprise(byte)).sum()
    };
    let searched = usize::from(picture.length.is_none());
    let each = surprise(&picture.after, 0) + surprise(&picture.tail, searched);
    // No text has control characters of its own.
    let is_control = picture.before.fixed(0).is_some_and(|it| it < b' ');
    let begins = match is_control {
        true => division.len() as Bits,
        false => division.counted(),
    };
    let bits = surprise(&picture.before, 0) * begins + each * division.counted() - cost * BIT;
    match messages.all_text && division.len() > 1 {
        true => ranking.add(framing, &division, bits + TEXT * BIT / 2),
        false => ranking.add_unaligned(framing, &division, bits),
    }
}

/// Returns a picture of frames that begin and end as the capture does, with a byte that is
/// no letter, digit or zero. An LF at the end is a line's.
fn first_to_last(bytes: &[u8]) -> Option<Picture> {
    let is_mark = |byte: &u8| *byte != 0 && !byte.is_ascii_alphanumeric();
    let first = bytes.first().filter(|byte| is_mark(byte))?;
    let last = bytes
        .last()
        .filter(|byte| is_mark(byte) && **byte != b'\n')?;
    let mut picture = picture::parse("0x02...0x03").ok()?;
    (picture.before, picture.tail) = (Template::default(), Template::default());
    picture.before.push_fixed(&[*first])?;
    picture.tail.push_fixed(&[*last])?;
    picture.name = None;
    Some(picture)
}

/// Kinds of the messages that a framing finds.
#[derive(Debug)]
struct Messages {
    all_text: bool,
    any_empty: bool,
    /// True if each is an object or an array of JSON.
    all_json: bool,
}

impl Default for Messages {
    fn default() -> Self {
        Self {
            all_text: true,
            any_empty: false,
            all_json: true,
        }
    }
}

impl Messages {
    fn add(&mut self, message: &[u8]) {
        self.any_empty |= message.is_empty();
        self.all_text &= message.is_empty() || is_text(message);
        self.all_json = self.all_json
            && matches!(message, [b'{' | b'[', ..])
            && ValueFormat::Json.only_value(message).is_ok();
    }
}
