//! Hex dumps of frames: bytes in hexadecimal and as text, grouped into runs by role.

use protocol::Role;

use web_core::format;
use web_core::frame_view::FrameView;

/// The role of a byte in its frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByteRole {
    /// A byte of the framing: of a length, or a fixed one.
    Header,
    /// A byte of the message in the frame's header or trailer.
    Free,
    /// A byte of the length in a message that is a whole frame.
    Length,
    /// A payload byte of a visible character.
    Payload,
    /// A payload byte of a control character, or of one that reorders or hides text.
    Control,
    /// A payload byte that is not UTF-8.
    Invalid,
}

impl ByteRole {
    /// Returns the role of a segment's bytes. All bytes of a frame that is a whole message belong
    /// to the message.
    pub fn of_segment(role: Role, is_whole: bool) -> Self {
        match role {
            Role::Length if is_whole => Self::Length,
            Role::Payload | Role::Encoded => Self::Payload,
            Role::Fixed | Role::Free if is_whole => Self::Payload,
            Role::Free => Self::Free,
            Role::Length | Role::Fixed => Self::Header,
        }
    }

    /// Returns the class in the style sheet.
    pub fn class(self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::Free => "free",
            Self::Length => "outlined",
            Self::Payload => "payload",
            Self::Control => "control",
            Self::Invalid => "invalid",
        }
    }
}

/// The columns of a hex dump.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HexDump {
    /// The number of bytes.
    pub len: usize,
    /// The bytes in hexadecimal.
    pub hex: Vec<ByteRun>,
    /// The bytes as text.
    pub text: Vec<ByteRun>,
}

/// Adjacent bytes of one role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByteRun {
    /// Their role.
    pub role: ByteRole,
    /// Their representation.
    pub shown: String,
    /// Their number.
    pub len: usize,
}

/// Byte, and its glyph in the text column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// Byte.
    pub byte: u8,
    /// Role.
    pub role: ByteRole,
    /// Glyph.
    pub glyph: Glyph,
}

/// Glyph of a byte in the text column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Glyph {
    /// First byte of this character.
    Char(char),
    /// Further byte of the character before.
    Continuation,
    /// Byte without a visible character.
    Dot,
}

/// Glyph of a byte without a visible character.
pub const DOT: char = '·';

/// Dumps a frame.
pub fn dump_frame(frame: &FrameView) -> HexDump {
    let mut cells = Vec::new();
    for segment in &frame.segments {
        let role = ByteRole::of_segment(segment.role, frame.is_whole);
        push_segment(&mut cells, role, &segment.bytes);
    }
    HexDump {
        len: cells.len(),
        hex: hex_runs(&cells),
        text: text_runs(&cells),
    }
}

/// Returns the cells of bytes of one segment.
pub fn cells(role: ByteRole, bytes: &[u8]) -> Vec<Cell> {
    let mut cells = Vec::with_capacity(bytes.len());
    push_segment(&mut cells, role, bytes);
    cells
}

/// Appends the cells of a segment. Bytes of a message are shown as text.
fn push_segment(cells: &mut Vec<Cell>, role: ByteRole, bytes: &[u8]) {
    if matches!(role, ByteRole::Header | ByteRole::Length) {
        return push_dots(cells, role, bytes);
    }
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            push_char(cells, role, c);
        }
        let invalid = match role {
            ByteRole::Free => role,
            _ => ByteRole::Invalid,
        };
        push_dots(cells, invalid, chunk.invalid());
    }
}

fn push_dots(cells: &mut Vec<Cell>, role: ByteRole, bytes: &[u8]) {
    cells.extend(bytes.iter().map(|&byte| Cell {
        byte,
        role,
        glyph: Glyph::Dot,
    }));
}

fn push_char(cells: &mut Vec<Cell>, role: ByteRole, c: char) {
    let mut buffer = [0; 4];
    let bytes = c.encode_utf8(&mut buffer).as_bytes();
    let is_visible = format::escape(c).is_none();
    let role = match role {
        ByteRole::Payload if !is_visible => ByteRole::Control,
        role => role,
    };
    for (index, &byte) in bytes.iter().enumerate() {
        let glyph = match index {
            _ if !is_visible => Glyph::Dot,
            0 => Glyph::Char(c),
            _ => Glyph::Continuation,
        };
        cells.push(Cell { byte, role, glyph });
    }
}

fn hex_runs(cells: &[Cell]) -> Vec<ByteRun> {
    cells
        .chunk_by(|a, b| a.role == b.role)
        .map(|run| {
            let bytes: Vec<_> = run.iter().map(|cell| cell.byte).collect();
            ByteRun {
                role: run[0].role,
                shown: format::hex(&bytes),
                len: run.len(),
            }
        })
        .collect()
}

/// Groups narrow characters into runs. A wider character is a run by itself, so that it
/// can be drawn as wide as its bytes.
fn text_runs(cells: &[Cell]) -> Vec<ByteRun> {
    let mut runs: Vec<ByteRun> = Vec::new();
    for cell in cells {
        let shown = match cell.glyph {
            Glyph::Char(c) => c,
            Glyph::Continuation | Glyph::Dot => DOT,
        };
        match runs.last_mut() {
            Some(last) if cell.glyph == Glyph::Continuation && !last.is_narrow() => last.len += 1,
            Some(last) if last.is_narrow() && is_narrow(shown) && last.role == cell.role => {
                last.shown.push(shown);
                last.len += 1;
            }
            _ => runs.push(ByteRun {
                role: cell.role,
                shown: shown.into(),
                len: 1,
            }),
        }
    }
    runs
}

impl ByteRun {
    /// Returns true if each of its characters is one byte and one column.
    pub fn is_narrow(&self) -> bool {
        self.shown.chars().all(is_narrow)
    }
}

/// Returns true if a character is one byte and one column.
pub fn is_narrow(c: char) -> bool {
    c.is_ascii() || c == DOT
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(payload: &[u8]) -> FrameView {
        frame_of("u32le", payload)
    }

    fn frame_of(framing: &str, payload: &[u8]) -> FrameView {
        let payload = payload.to_vec().into();
        let view = FrameView::new(&framing.into(), &payload, None);
        view.unwrap().unwrap()
    }

    fn shown(runs: &[ByteRun]) -> Vec<(ByteRole, &str, usize)> {
        runs.iter()
            .map(|run| (run.role, run.shown.as_str(), run.len))
            .collect()
    }

    #[test]
    fn header_and_payload_are_separate_runs() {
        let dump = dump_frame(&frame(b"hello"));
        assert_eq!(
            shown(&dump.hex),
            [
                (ByteRole::Header, "05 00 00 00", 4),
                (ByteRole::Payload, "68 65 6c 6c 6f", 5)
            ]
        );
        assert_eq!(
            shown(&dump.text),
            [
                (ByteRole::Header, "····", 4),
                (ByteRole::Payload, "hello", 5)
            ]
        );
        assert_eq!(dump.len, 9);
    }

    #[test]
    fn a_trailer_comes_after_the_payload() {
        let frame = frame_of("crlf", b"hi");
        assert_eq!(
            shown(&dump_frame(&frame).hex),
            [
                (ByteRole::Payload, "68 69", 2),
                (ByteRole::Header, "0d 0a", 2)
            ]
        );
    }

    #[test]
    fn an_empty_payload_dumps_the_header() {
        let dump = dump_frame(&frame(b""));
        assert_eq!(shown(&dump.hex), [(ByteRole::Header, "00 00 00 00", 4)]);
        assert_eq!(shown(&dump.text), [(ByteRole::Header, "····", 4)]);
    }

    #[test]
    fn a_character_run_has_its_length_in_bytes() {
        let dump = dump_frame(&frame("a日本é!".as_bytes()));
        assert_eq!(
            shown(&dump.text)[1..],
            [
                (ByteRole::Payload, "a", 1),
                (ByteRole::Payload, "日", 3),
                (ByteRole::Payload, "本", 3),
                (ByteRole::Payload, "é", 2),
                (ByteRole::Payload, "!", 1)
            ]
        );
    }

    #[test]
    fn control_and_invalid_bytes_have_their_own_roles() {
        let dump = dump_frame(&frame(b"\n\xff\xc2\x85"));
        assert_eq!(
            shown(&dump.hex),
            [
                (ByteRole::Header, "04 00 00 00", 4),
                (ByteRole::Control, "0a", 1),
                (ByteRole::Invalid, "ff", 1),
                (ByteRole::Control, "c2 85", 2)
            ]
        );
        assert_eq!(
            shown(&dump.text)[1..],
            [
                (ByteRole::Control, "·", 1),
                (ByteRole::Invalid, "·", 1),
                (ByteRole::Control, "··", 2)
            ]
        );
    }
}
