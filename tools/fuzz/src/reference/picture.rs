//! Pictures of a frame, all lengths among them.

use super::frame::{Frame, Stop};
use super::number::{Number, Read};
use crate::kind::Kind;

/// Picture of a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    pub before: Vec<Part>,
    pub length: Option<(Number, Counts)>,
    pub after: Vec<Part>,
    pub tail: Vec<Part>,
    pub whole: bool,
    /// Name that stands for the picture.
    pub name: Option<&'static str>,
}

/// Part of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    Free(usize),
    Fixed(Vec<u8>),
}

/// Bytes that a length counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counts {
    Body,
    Itself,
    All,
}

impl Picture {
    pub fn notation(&self) -> String {
        let whole = if self.whole { "whole:" } else { "" };
        if let Some(name) = self.name {
            return format!("{whole}{name}");
        }
        let mut header: Vec<String> = self.before.iter().map(Part::notation).collect();
        header.extend(self.length.map(|(number, counts)| {
            let suffix = match counts {
                Counts::Body => "",
                Counts::Itself => "-inclusive",
                Counts::All => "-all",
            };
            number.notation() + suffix
        }));
        header.extend(self.after.iter().map(Part::notation));
        let header = header.join("+");
        let tail: Vec<String> = self.tail.iter().map(Part::notation).collect();
        match tail.is_empty() {
            true => format!("{whole}{header}"),
            false => format!("{whole}{header}...{}", tail.join("+")),
        }
    }

    pub fn is_valid(&self) -> bool {
        let places = [&self.before, &self.after, &self.tail];
        let has_room = places.iter().all(|place| bytes(place).len() <= 24);
        let first = |place: &[Part]| bytes(place).first().copied().flatten();
        has_room
            && match self.length {
                None => self.after.is_empty() && first(&self.tail).is_some(),
                Some((Number::Digits, Counts::Body)) => {
                    first(&self.after).is_some_and(|byte| !byte.is_ascii_digit())
                }
                Some((_, Counts::Body)) => true,
                Some((number, counts)) => number.width().is_some_and(|width| {
                    let counted = self.counted(counts, width);
                    number.write(counted as u128).is_some()
                }),
            }
    }

    /// Number of free bytes.
    fn free(&self) -> usize {
        free(&self.before) + free(&self.after) + free(&self.tail)
    }

    /// Number of bytes that the length counts besides the body.
    fn counted(&self, counts: Counts, width: usize) -> usize {
        let (before, after) = (bytes(&self.before).len(), bytes(&self.after).len());
        let following = width + after + bytes(&self.tail).len();
        match counts {
            Counts::Body => 0,
            Counts::Itself => following,
            Counts::All => before + following,
        }
    }

    pub fn read(&self, stream: &[u8], max: usize) -> Result<Frame, Stop> {
        let mut reader = Reader {
            rest: stream,
            message: Vec::new(),
        };
        reader.template(&self.before)?;
        let begin = reader.rest;
        let (body, is_shortest) = match self.length {
            None => (None, true),
            Some((number, counts)) => {
                let number = number.read(begin)?;
                let body = self.body(counts, &number, max)?;
                reader.rest = &begin[number.width..];
                (Some(body), number.is_shortest)
            }
        };
        reader.template(&self.after)?;
        let body = match body {
            Some(body) => body,
            None => self.search(reader.rest, max)?,
        };
        reader.body(body)?;
        reader.template(&self.tail)?;
        let used = stream.len() - reader.rest.len();
        Ok(Frame {
            message: match self.whole {
                true => stream[..used].to_vec(),
                false => reader.message,
            },
            used,
            is_shortest: is_shortest || self.whole,
        })
    }

    /// Returns the length of the body that a length announces.
    fn body(&self, counts: Counts, number: &Read, max: usize) -> Result<usize, Stop> {
        let body = number
            .value
            .checked_sub(self.counted(counts, number.width) as u128)
            .ok_or(Stop::Fault(Kind::TooShortLength))?;
        let besides = match self.whole {
            true => self.counted(Counts::All, number.width),
            false => self.free(),
        };
        match body + besides as u128 > max as u128 {
            true => Err(Stop::Fault(Kind::TooLong)),
            false => Ok(body as usize),
        }
    }

    /// Returns the length of the body before the mark, the fixed bytes that the tail begins
    /// with.
    fn search(&self, stream: &[u8], max: usize) -> Result<usize, Stop> {
        let mark = self.mark();
        let besides = match self.whole {
            true => self.counted(Counts::All, 0),
            false => self.free(),
        };
        let too_long = Err(Stop::Fault(Kind::TooLong));
        let Some(longest) = max.checked_sub(besides) else {
            return too_long;
        };
        let found = (0..stream.len()).find(|&at| stream[at..].starts_with(&mark));
        match found {
            Some(len) if len <= longest => Ok(len),
            _ if stream.len() >= longest.saturating_add(mark.len()) => too_long,
            _ => Err(Stop::More),
        }
    }

    fn mark(&self) -> Vec<u8> {
        bytes(&self.tail)
            .into_iter()
            .map_while(|byte| byte)
            .collect()
    }

    /// Returns the error of a stream that ends inside a frame.
    pub fn unfinished(&self, rest: &[u8]) -> Kind {
        let body = rest.get(bytes(&self.before).len()..);
        let has_mark = body.is_some_and(|body| self.search(body, usize::MAX / 2).is_ok());
        match self.length.is_some() || has_mark {
            true => Kind::Truncated,
            false => Kind::Unterminated,
        }
    }

    pub fn write(&self, message: &[u8]) -> Result<Vec<u8>, Kind> {
        if self.whole {
            return Ok(message.to_vec());
        }
        let body_len = message.len().checked_sub(self.free());
        let body_len = body_len.ok_or(Kind::TooShort)?;
        let (before, rest) = message.split_at(free(&self.before));
        let (after, rest) = rest.split_at(free(&self.after));
        let (body, tail) = rest.split_at(body_len);
        let number = match self.length {
            Some((number, counts)) => {
                let counted = self.counted(counts, number.width().unwrap_or(0));
                let number = number.write((body_len + counted) as u128);
                number.ok_or(Kind::TooLong)?
            }
            None => {
                let mark = self.mark();
                let marked = [body, &mark].concat();
                let first = (0..marked.len()).find(|&at| marked[at..].starts_with(&mark));
                if first != Some(body_len) {
                    return Err(Kind::HasMark);
                }
                Vec::new()
            }
        };
        let (before, after) = (fill(&self.before, before), fill(&self.after, after));
        Ok([&before, &number, &after, body, &fill(&self.tail, tail)].concat())
    }
}

impl Part {
    fn notation(&self) -> String {
        match self {
            Self::Free(count) => count.to_string(),
            Self::Fixed(bytes) => {
                let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                format!("0x{hex}")
            }
        }
    }
}

/// The bytes of a place, `None` for free ones.
fn bytes(place: &[Part]) -> Vec<Option<u8>> {
    let mut all = Vec::new();
    for part in place {
        match part {
            Part::Free(count) => all.extend(vec![None; *count]),
            Part::Fixed(bytes) => all.extend(bytes.iter().copied().map(Some)),
        }
    }
    all
}

fn free(place: &[Part]) -> usize {
    bytes(place).iter().filter(|byte| byte.is_none()).count()
}

/// The bytes of a place, these being the free ones.
fn fill(place: &[Part], free: &[u8]) -> Vec<u8> {
    let mut free = free.iter().copied();
    let bytes = bytes(place).into_iter();
    bytes
        .map(|byte| byte.or_else(|| free.next()).unwrap_or_default())
        .collect()
}

/// Reader of a frame's parts.
struct Reader<'a> {
    rest: &'a [u8],
    message: Vec<u8>,
}

impl Reader<'_> {
    fn template(&mut self, place: &[Part]) -> Result<(), Stop> {
        for expected in bytes(place) {
            let (&byte, rest) = self.rest.split_first().ok_or(Stop::More)?;
            match expected {
                Some(fixed) if fixed != byte => return Err(Stop::Fault(Kind::Mark)),
                Some(_) => {}
                None => self.message.push(byte),
            }
            self.rest = rest;
        }
        Ok(())
    }

    fn body(&mut self, len: usize) -> Result<(), Stop> {
        let (body, rest) = self.rest.split_at_checked(len).ok_or(Stop::More)?;
        self.message.extend(body);
        self.rest = rest;
        Ok(())
    }
}
