//! Head of a message: header lines up to an empty one, read byte by byte. A leaf: it uses
//! no framing.

use crate::error::FrameError;

/// Longest `Content-Length`, in digits: that of 64 bits, leading zeros included.
const MAX_DIGITS: u8 = 20;
/// Header names that the base protocol of LSP has.
const STRICT_NAMES: [&str; 2] = ["Content-Length", "Content-Type"];

/// Head as far as it was read. A default one has no byte.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Head {
    /// True for the base protocol of LSP: only CRLF ends a line, there are no headers but
    /// `Content-Length`, exactly once, and `Content-Type`.
    pub(crate) strict: bool,
    /// Number of bytes read.
    len: usize,
    /// Offset of the line that is being read.
    line: usize,
    place: Place,
    /// True if the line before announced the length.
    follows_length: bool,
    /// Length that is being read, and its digits so far.
    number: u64,
    digits: u8,
    announced: Option<u64>,
}

/// Place of the next byte.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Place {
    /// Begin of a line.
    #[default]
    Begin,
    /// Line without a colon so far.
    Name,
    /// Before, inside and after the digits of a length.
    BeforeNumber,
    Number,
    AfterNumber,
    /// Value of another header.
    Value,
    /// After the CR of a line; true if it is the empty one.
    Cr {
        is_empty: bool,
    },
    /// After the empty line.
    End,
}

impl Head {
    /// Returns the number of bytes read.
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// Returns true if the empty line was read.
    pub(crate) fn is_whole(&self) -> bool {
        self.place == Place::End
    }

    /// Returns the length of the body as far as a line has announced it.
    pub(crate) const fn announced(&self) -> Option<u64> {
        self.announced
    }

    /// Reads the next byte of the head, the frame being `frame` so far; returns false if it
    /// has not arrived.
    ///
    /// # Errors
    /// [`FrameError::HeaderLine`], [`FrameError::NotALength`] or
    /// [`FrameError::TooManyDigits`].
    pub(crate) fn read(&mut self, frame: &[u8]) -> Result<bool, FrameError> {
        let Some(&byte) = frame.get(self.len) else {
            return Ok(false);
        };
        self.place = match (self.place, byte) {
            (Place::Cr { is_empty }, b'\n') => self.next_line(is_empty),
            (Place::Cr { .. }, _) => return Err(self.problem("has a CR without an LF")),
            (_, b'\n') if self.strict => {
                return Err(self.problem("ends with a lone LF, expected CRLF"));
            }
            (place, b'\n') => {
                self.end_line(place, byte)?;
                self.next_line(place == Place::Begin)
            }
            (place, b'\r') => {
                self.end_line(place, byte)?;
                let is_empty = place == Place::Begin;
                Place::Cr { is_empty }
            }
            (Place::Begin, b' ' | b'\t') if self.line > 0 && !self.strict => self.folded()?,
            (Place::Begin | Place::Name, _) => self.read_name(frame, byte)?,
            (Place::BeforeNumber, b' ' | b'\t') => Place::BeforeNumber,
            (Place::BeforeNumber | Place::Number, b'0'..=b'9') => self.read_digit(byte)?,
            (place @ (Place::Number | Place::AfterNumber), b' ' | b'\t') => {
                self.end_number(place)?;
                Place::AfterNumber
            }
            (Place::BeforeNumber | Place::Number | Place::AfterNumber, _) => {
                return Err(self.not_a_length(byte));
            }
            (place @ (Place::Value | Place::End), _) => place,
        };
        self.len += 1;
        Ok(true)
    }

    /// Reads a byte of a header's name, or of a start line.
    fn read_name(&mut self, frame: &[u8], byte: u8) -> Result<Place, FrameError> {
        let name = &frame[self.line..self.len];
        if byte != b':' {
            if self.strict && !is_strict_prefix(&frame[self.line..=self.len]) {
                return Err(self.not_strict());
            }
            return Ok(Place::Name);
        }
        let is = |other: &str| name.trim_ascii_end().eq_ignore_ascii_case(other.as_bytes());
        if self.strict && !STRICT_NAMES.into_iter().any(is) {
            return Err(self.not_strict());
        }
        if !is("Content-Length") && !is("l") {
            return Ok(Place::Value);
        }
        if self.strict && self.announced.is_some() {
            return Err(self.problem("is a second Content-Length"));
        }
        (self.number, self.digits) = (0, 0);
        Ok(Place::BeforeNumber)
    }

    fn read_digit(&mut self, digit: u8) -> Result<Place, FrameError> {
        if self.digits == MAX_DIGITS {
            return Err(FrameError::TooManyDigits);
        }
        self.digits += 1;
        // A length over 64 bits is over every limit.
        self.number = self.number.saturating_mul(10);
        self.number = self.number.saturating_add(u64::from(digit - b'0'));
        Ok(Place::Number)
    }

    /// Ends the digits of a length.
    fn end_number(&mut self, place: Place) -> Result<(), FrameError> {
        let number = self.number;
        if place == Place::Number && *self.announced.get_or_insert(number) != number {
            return Err(self.problem("has another Content-Length than a line before it"));
        }
        Ok(())
    }

    /// Begins a line that continues the value of the one before (RFC 3261, section 7.3.1).
    fn folded(&self) -> Result<Place, FrameError> {
        match self.follows_length {
            true => Err(self.problem("continues the Content-Length before it")),
            false => Ok(Place::Value),
        }
    }

    /// Ends a line at `place`, with `byte`, a CR or LF.
    fn end_line(&mut self, place: Place, byte: u8) -> Result<(), FrameError> {
        match place {
            Place::Begin if self.strict && self.announced.is_none() => {
                return Err(self.problem("ends the header, without a Content-Length"));
            }
            Place::Begin if self.line == 0 => {
                return Err(self.problem("is empty, expected a start line or a header"));
            }
            Place::Name if self.strict => return Err(self.not_strict()),
            Place::Name if self.line > 0 => return Err(self.problem("has no colon")),
            Place::BeforeNumber => return Err(self.not_a_length(byte)),
            _ => self.end_number(place)?,
        }
        self.follows_length = matches!(place, Place::Number | Place::AfterNumber);
        Ok(())
    }

    fn next_line(&mut self, was_empty: bool) -> Place {
        self.line = self.len + 1;
        match was_empty {
            true => Place::End,
            false => Place::Begin,
        }
    }

    fn not_a_length(&self, found: u8) -> FrameError {
        let at = self.len;
        FrameError::NotALength { at, found }
    }

    fn not_strict(&self) -> FrameError {
        self.problem(
            "is neither Content-Length nor Content-Type: the framing headers reads other headers",
        )
    }

    /// Returns the error of the current line.
    pub(crate) const fn problem(&self, problem: &'static str) -> FrameError {
        let at = self.line;
        FrameError::HeaderLine { at, problem }
    }
}

fn is_strict_prefix(name: &[u8]) -> bool {
    let begins = |full: &str| {
        let front = full.as_bytes().get(..name.len());
        front.is_some_and(|front| front.eq_ignore_ascii_case(name))
    };
    STRICT_NAMES.into_iter().any(begins)
}
