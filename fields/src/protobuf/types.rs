//! Types of a schema: the messages and enums of a `.proto` file.

use super::scalar::Scalar;

/// Messages and enums of a file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Proto {
    pub(crate) messages: Vec<Message>,
    pub(crate) enums: Vec<Enum>,
    /// Message of the payloads.
    pub(crate) root: usize,
    /// True if repeated numbers are packed by default: not in proto2.
    pub(crate) is_packed: bool,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Message {
    pub(crate) fields: Vec<Field>,
    pub(crate) is_map_entry: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) number: u64,
    pub(crate) kind: Type,
    pub(crate) is_repeated: bool,
    pub(crate) is_packed: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    Scalar(Scalar),
    Message(usize),
    Enum(usize),
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Enum {
    pub(crate) name: String,
    pub(crate) values: Vec<(String, i64)>,
}

impl Message {
    pub(crate) fn field(&self, number: u64) -> Option<&Field> {
        self.fields.iter().find(|it| it.number == number)
    }
}

impl Type {
    /// Returns the wire type of one value.
    pub(crate) fn wire(self) -> u8 {
        match self {
            Self::Scalar(scalar) => scalar.wire(),
            Self::Message(_) => 2,
            Self::Enum(_) => 0,
        }
    }

    /// Returns true if values can have that wire type: that of packed numbers, too.
    pub(crate) fn accepts(self, wire: u8, is_repeated: bool) -> bool {
        wire == self.wire() || wire == 2 && is_repeated
    }
}

impl Enum {
    pub(crate) fn name_of(&self, number: i64) -> Option<&str> {
        let mut values = self.values.iter();
        values.find(|it| it.1 == number).map(|it| &*it.0)
    }

    pub(crate) fn number_of(&self, name: &str) -> Option<i64> {
        let mut values = self.values.iter();
        values.find(|it| it.0 == name).map(|it| it.1)
    }
}
