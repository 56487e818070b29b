//! Cells of hex dumps: bytes with their roles, and their glyphs in the text column.

use protocol::Role;

use web_core::format;

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

/// Returns the cells of bytes of one segment.
pub fn cells(role: ByteRole, bytes: &[u8]) -> Vec<Cell> {
    let mut cells = Vec::with_capacity(bytes.len());
    push_cells(&mut cells, role, bytes);
    cells
}

/// Appends the cells of a segment. Bytes of a message are shown as text.
pub fn push_cells(cells: &mut Vec<Cell>, role: ByteRole, bytes: &[u8]) {
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

/// Returns true if a character is one byte and one column.
pub fn is_narrow(c: char) -> bool {
    c.is_ascii() || c == DOT
}
