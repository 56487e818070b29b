//! Parts of a layout.

use super::number::Number;
use crate::format::Format;

/// Layout of messages.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    pub(super) lines: Vec<Line>,
}

/// Line of a layout: fields, for all messages or for some.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) when: When,
    pub(super) items: Vec<Item>,
}

/// Messages that a line is for. Of lines with conditions that follow each other, the first that
/// holds is read.
#[derive(Debug, Clone)]
pub(super) enum When {
    Always,
    Is(String, Vec<Constant>),
    Else,
}

/// Value that a field is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Constant {
    Number(i128),
    /// In quotes. A single character is also the number of its byte.
    Text(String),
}

/// Field, or a list of equal ones.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) repeat: Repeat,
}

#[derive(Debug, Clone)]
pub(super) enum Kind {
    Number(Number),
    Text(Len),
    Bytes(Len),
    /// Text to a NUL.
    CStr,
    Format(Format, Len),
    Group(Vec<Item>),
}

#[derive(Debug, Clone)]
pub(super) enum Repeat {
    Once,
    Times(u64),
    Field(String),
    /// To the end.
    Rest,
}

#[derive(Debug, Clone)]
pub(super) enum Len {
    /// To the end.
    Rest,
    Fixed(u64),
    /// As an earlier field says, and so much more.
    Field(String, i64),
    /// A length of its own.
    Prefix(Number),
}

impl Constant {
    /// Returns true if a field has this value.
    pub(super) fn is(&self, number: Option<i128>, text: &[u8]) -> bool {
        match (self, number) {
            (Self::Number(constant), Some(number)) => *constant == number,
            (Self::Text(constant), Some(number)) => match constant.as_bytes() {
                [byte] => i128::from(*byte) == number,
                _ => false,
            },
            (Self::Text(constant), None) => constant.as_bytes() == text,
            (Self::Number(_), None) => false,
        }
    }
}

impl Kind {
    /// Returns the length of a text, bytes or another format.
    pub(super) fn len(&self) -> Option<&Len> {
        match self {
            Self::Text(len) | Self::Bytes(len) | Self::Format(_, len) => Some(len),
            Self::Number(_) | Self::CStr | Self::Group(_) => None,
        }
    }
}
