//! A frame's bytes, laid out to be looked at. Pure; the bytes are `protocol`'s.

use protocol::Frame;

use crate::format;

/// The bytes of a frame that are laid out at most.
pub const MAX_SHOWN: usize = 4096;

/// What a byte is in its frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A byte that says where the payload ends.
    Header,
    /// A byte of a character with a look of its own.
    Payload,
    /// A byte of a character without one.
    Control,
    /// A byte that is not UTF-8.
    Invalid,
}

/// A frame's bytes in two notations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dump {
    /// How many bytes they are.
    pub len: usize,
    /// The bytes in hexadecimal.
    pub hex: Vec<Run>,
    /// The bytes as text.
    pub text: Vec<Run>,
}

/// Neighbours with the same role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// What they are.
    pub role: Role,
    /// How they are shown.
    pub shown: String,
    /// How many bytes they are.
    pub len: usize,
}

/// Lays out the first [`MAX_SHOWN`] bytes of `frame`.
pub fn dump(frame: &Frame) -> Dump {
    lay_out(frame.header(), frame.payload(), frame.trailer())
}

/// Lays out the first [`MAX_SHOWN`] bytes of a payload alone.
pub fn dump_payload(payload: &[u8]) -> Dump {
    lay_out(&[], payload, &[])
}

fn lay_out(header: &[u8], payload: &[u8], trailer: &[u8]) -> Dump {
    let cells = cells(header, payload, trailer);
    Dump {
        len: cells.len(),
        hex: hex_runs(&cells),
        text: text_runs(&cells),
    }
}

/// One byte, and what stands for it in the text column.
struct Cell {
    byte: u8,
    role: Role,
    glyph: Glyph,
}

#[derive(Clone, Copy, PartialEq)]
enum Glyph {
    /// The first byte of this character.
    Char(char),
    /// A further byte of the character before.
    Rest,
    /// Nothing to be shown.
    Dot,
}

const DOT: char = '·';

fn cells(header: &[u8], payload: &[u8], trailer: &[u8]) -> Vec<Cell> {
    // Room for a character that begins inside the limit and ends outside.
    let decoded = &payload[..payload.len().min(MAX_SHOWN + 4)];
    let framing = |bytes: &[u8]| {
        let cells = bytes
            .iter()
            .map(|&byte| cell(byte, Role::Header, Glyph::Dot));
        cells.collect::<Vec<_>>()
    };
    let mut cells = framing(header);
    for chunk in decoded.utf8_chunks() {
        for c in chunk.valid().chars() {
            push_char(&mut cells, c);
        }
        let invalid = chunk.invalid().iter();
        cells.extend(invalid.map(|&byte| cell(byte, Role::Invalid, Glyph::Dot)));
    }
    cells.extend(framing(trailer));
    cells.truncate(MAX_SHOWN);
    cells
}

fn push_char(cells: &mut Vec<Cell>, c: char) {
    let mut buffer = [0; 4];
    let bytes = c.encode_utf8(&mut buffer).as_bytes();
    let is_shown = format::stand_in(c).is_none();
    let role = if is_shown {
        Role::Payload
    } else {
        Role::Control
    };
    for (index, &byte) in bytes.iter().enumerate() {
        let glyph = match index {
            _ if !is_shown => Glyph::Dot,
            0 => Glyph::Char(c),
            _ => Glyph::Rest,
        };
        cells.push(cell(byte, role, glyph));
    }
}

fn cell(byte: u8, role: Role, glyph: Glyph) -> Cell {
    Cell { byte, role, glyph }
}

fn hex_runs(cells: &[Cell]) -> Vec<Run> {
    cells
        .chunk_by(|a, b| a.role == b.role)
        .map(|run| {
            let bytes: Vec<_> = run.iter().map(|cell| cell.byte).collect();
            Run {
                role: run[0].role,
                shown: format::hex(&bytes),
                len: run.len(),
            }
        })
        .collect()
}

/// Neighbours that are one column wide make a run; a wider character is one by itself,
/// so that it can be given the width of its bytes.
fn text_runs(cells: &[Cell]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for cell in cells {
        let shown = match cell.glyph {
            Glyph::Char(c) => c,
            Glyph::Rest | Glyph::Dot => DOT,
        };
        match runs.last_mut() {
            Some(last) if cell.glyph == Glyph::Rest && !last.is_narrow() => last.len += 1,
            Some(last) if last.is_narrow() && is_narrow(shown) && last.role == cell.role => {
                last.shown.push(shown);
                last.len += 1;
            }
            _ => runs.push(Run {
                role: cell.role,
                shown: shown.into(),
                len: 1,
            }),
        }
    }
    runs
}

impl Run {
    /// Whether each of its characters is one byte and one column.
    pub fn is_narrow(&self) -> bool {
        self.shown.chars().all(is_narrow)
    }
}

fn is_narrow(c: char) -> bool {
    c.is_ascii() || c == DOT
}

#[cfg(test)]
mod tests {
    use protocol::Framing;

    use super::*;

    fn frame(payload: &[u8]) -> Frame {
        Frame::new(Framing::U32LE, payload.to_vec()).unwrap()
    }

    fn shown(runs: &[Run]) -> Vec<(Role, &str, usize)> {
        runs.iter()
            .map(|run| (run.role, run.shown.as_str(), run.len))
            .collect()
    }

    #[test]
    fn header_and_payload_stand_apart() {
        let dump = dump(&frame(b"hello"));
        assert_eq!(
            shown(&dump.hex),
            [
                (Role::Header, "05 00 00 00", 4),
                (Role::Payload, "68 65 6c 6c 6f", 5)
            ]
        );
        assert_eq!(
            shown(&dump.text),
            [(Role::Header, "····", 4), (Role::Payload, "hello", 5)]
        );
        assert_eq!(dump.len, 9);
    }

    #[test]
    fn a_delimiter_comes_after_the_payload() {
        let frame = Frame::new("crlf".parse().unwrap(), "hi").unwrap();
        assert_eq!(
            shown(&dump(&frame).hex),
            [(Role::Payload, "68 69", 2), (Role::Header, "0d 0a", 2)]
        );
    }

    #[test]
    fn an_empty_payload_leaves_the_header() {
        let dump = dump(&frame(b""));
        assert_eq!(shown(&dump.hex), [(Role::Header, "00 00 00 00", 4)]);
        assert_eq!(shown(&dump.text), [(Role::Header, "····", 4)]);
    }

    #[test]
    fn a_character_has_the_length_of_its_bytes() {
        let dump = dump(&frame("a日本é!".as_bytes()));
        assert_eq!(
            shown(&dump.text)[1..],
            [
                (Role::Payload, "a", 1),
                (Role::Payload, "日", 3),
                (Role::Payload, "本", 3),
                (Role::Payload, "é", 2),
                (Role::Payload, "!", 1)
            ]
        );
    }

    #[test]
    fn control_and_invalid_bytes_are_told_apart() {
        let dump = dump(&frame(b"\n\xff\xc2\x85"));
        assert_eq!(
            shown(&dump.hex),
            [
                (Role::Header, "04 00 00 00", 4),
                (Role::Control, "0a", 1),
                (Role::Invalid, "ff", 1),
                (Role::Control, "c2 85", 2)
            ]
        );
        assert_eq!(
            shown(&dump.text)[1..],
            [
                (Role::Control, "·", 1),
                (Role::Invalid, "·", 1),
                (Role::Control, "··", 2)
            ]
        );
    }

    #[test]
    fn a_long_frame_is_cut_without_making_its_last_character_invalid() {
        for payload in ["日".repeat(MAX_SHOWN), "x".repeat(MAX_SHOWN)] {
            let dump = dump(&frame(payload.as_bytes()));
            assert_eq!(dump.len, MAX_SHOWN);
            assert_eq!(
                dump.text.iter().map(|run| run.len).sum::<usize>(),
                MAX_SHOWN
            );
            assert_eq!(dump.hex.len(), 2);
            assert_eq!(dump.hex[1].role, Role::Payload);
        }
    }
}
