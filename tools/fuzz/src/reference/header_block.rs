//! Header blocks: `lsp` (the base protocol of the Language Server Protocol) and `headers`
//! (RFC 3261, sections 7.3 and 18.3).

use super::frame::{Frame, Stop};
use crate::kind::Kind;

/// The longest head of `lsp`, in bytes.
const MAX_LSP_HEAD: usize = 4096;

/// Returns the number of bytes of empty lines at the front of `stream`.
pub fn empty_lines(stream: &[u8]) -> usize {
    let mut rest = stream;
    while let Some(after) = rest
        .strip_prefix(b"\n")
        .or_else(|| rest.strip_prefix(b"\r\n"))
    {
        rest = after;
    }
    stream.len() - rest.len()
}

/// Reads a head and its body. With `lsp`, the message is the body.
pub fn read(stream: &[u8], max: u128, lsp: bool) -> Result<Frame, Stop> {
    if !lsp && stream == b"\r" {
        return Err(Stop::More);
    }
    let mut head = Head {
        lsp,
        announced: None,
        line: 0,
        follows_length: false,
    };
    let mut at = 0;
    loop {
        let is_whole = head.next(stream, at)?;
        at += 1;
        if lsp && !is_whole && at >= MAX_LSP_HEAD {
            return Err(Stop::Fault(Kind::HeaderLine));
        }
        let known = match lsp {
            true => 0,
            false => at + usize::from(!is_whole),
        };
        let body = head.announced.unwrap_or(0);
        if known as u128 + body > max {
            return Err(Stop::Fault(Kind::TooLong));
        }
        if is_whole {
            if body > (stream.len() - at) as u128 {
                return Err(Stop::More);
            }
            let used = at + body as usize;
            let frame = &stream[..used];
            let message = &frame[if lsp { at } else { 0 }..];
            return Ok(Frame {
                message: message.to_vec(),
                used,
                is_shortest: !lsp || frame == write_lsp(message),
            });
        }
    }
}

/// Checks that a message is one head and body.
pub fn check(message: &[u8]) -> Result<(), Kind> {
    match read(message, u128::MAX / 2, false) {
        Ok(frame) if frame.used == message.len() => Ok(()),
        Ok(_) => Err(Kind::SeveralValues),
        Err(Stop::More) => Err(Kind::NotWhole),
        Err(Stop::Fault(kind)) => Err(kind),
    }
}

pub fn write_lsp(message: &[u8]) -> Vec<u8> {
    let head = format!("Content-Length: {}\r\n\r\n", message.len());
    [head.as_bytes(), message].concat()
}

/// The lines of a head so far.
struct Head {
    lsp: bool,
    announced: Option<u128>,
    /// Offset of the line that is being read.
    line: usize,
    /// True if the line before has the length.
    follows_length: bool,
}

const WRONG: Stop = Stop::Fault(Kind::HeaderLine);

impl Head {
    /// Reads the byte at `at`; returns true if it ends the head.
    fn next(&mut self, stream: &[u8], at: usize) -> Result<bool, Stop> {
        let byte = *stream.get(at).ok_or(Stop::More)?;
        let line = &stream[self.line..at];
        let has_cr = line.ends_with(b"\r");
        if byte != b'\n' {
            match has_cr {
                true => return Err(WRONG),
                false if byte == b'\r' => self.text(line, true)?,
                false => self.text(&stream[self.line..=at], false)?,
            };
            return Ok(false);
        }
        if !has_cr && self.lsp {
            return Err(WRONG);
        }
        let text = line.strip_suffix(b"\r").unwrap_or(line);
        self.follows_length = match has_cr {
            true => is_length(text),
            false => self.text(text, true)?,
        };
        self.line = at + 1;
        Ok(text.is_empty())
    }

    /// Checks a line as far as it has come, or all of it; returns true if it has the length.
    fn text(&mut self, text: &[u8], is_all: bool) -> Result<bool, Stop> {
        let is_first = self.line == 0;
        if text.is_empty() {
            let is_wrong = if self.lsp {
                self.announced.is_none()
            } else {
                is_first
            };
            return if is_wrong { Err(WRONG) } else { Ok(false) };
        }
        if !self.lsp && !is_first && matches!(text[0], b' ' | b'\t') {
            return if self.follows_length {
                Err(WRONG)
            } else {
                Ok(false)
            };
        }
        let colon = text.iter().position(|&byte| byte == b':');
        let name = &text[..colon.unwrap_or(text.len())];
        if self.lsp {
            let known = ["content-length", "content-type"];
            let lower = name.to_ascii_lowercase();
            let is_known = known.iter().any(|known| match colon {
                Some(_) => known.as_bytes() == lower,
                None => known.as_bytes().starts_with(&lower),
            });
            if !is_known || colon.is_none() && is_all {
                return Err(WRONG);
            }
        }
        let Some(colon) = colon else {
            return if is_all && !is_first {
                Err(WRONG)
            } else {
                Ok(false)
            };
        };
        if !is_length(text) {
            return Ok(false);
        }
        self.length(&text[colon + 1..], is_all)?;
        Ok(true)
    }

    /// Reads the value of `Content-Length` as far as it has come.
    fn length(&mut self, value: &[u8], is_all: bool) -> Result<(), Stop> {
        let not_a_length = Err(Stop::Fault(Kind::NotALength));
        if self.lsp && value.is_empty() && !is_all && self.announced.is_some() {
            return Err(WRONG);
        }
        let is_space = |byte: &u8| matches!(byte, b' ' | b'\t');
        let begin = value.iter().position(|byte| !is_space(byte));
        let value = &value[begin.unwrap_or(value.len())..];
        let digits = value.iter().take_while(|byte| byte.is_ascii_digit());
        let (digits, rest) = value.split_at(digits.count());
        if digits.len() > 20 || digits.is_empty() && (is_all || !rest.is_empty()) {
            return not_a_length;
        }
        if rest.first().is_some_and(|byte| !is_space(byte)) {
            return not_a_length;
        }
        if is_all || !rest.is_empty() {
            let text = str::from_utf8(digits).expect("digits are ASCII");
            let number: u128 = text.parse().expect("at most 20 digits");
            let number = number.min(u64::MAX.into());
            if *self.announced.get_or_insert(number) != number {
                return Err(WRONG);
            }
        }
        match rest.iter().all(is_space) {
            true => Ok(()),
            false => not_a_length,
        }
    }
}

/// Returns true if the line has a length.
fn is_length(text: &[u8]) -> bool {
    let colon = text.iter().position(|&byte| byte == b':');
    let name = colon.map(|colon| text[..colon].trim_ascii_end());
    let names: [&[u8]; 2] = [b"content-length", b"l"];
    name.is_some_and(|name| names.contains(&&name.to_ascii_lowercase()[..]))
}
