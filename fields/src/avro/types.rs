//! Types of a schema. They refer to each other by their places, so that a record may hold itself.

/// Schema: its types, of which the first is that of the payloads.
#[derive(Debug, Clone, Default)]
pub(crate) struct Avro {
    pub(super) types: Vec<Type>,
    pub(super) root: usize,
}

#[derive(Debug, Clone)]
pub(super) enum Type {
    Null,
    Bool,
    Int(Logical),
    Long(Logical),
    Float,
    Double,
    Bytes(Logical),
    Text,
    Record(Vec<(String, usize)>),
    Enum(Vec<String>),
    Array(usize),
    Map(usize),
    Union(Vec<usize>),
    Fixed(u64, Logical),
}

/// Meaning of a type, beyond its encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Logical {
    None,
    Date,
    /// Units in a second, of a time of day.
    TimeOfDay(i64),
    /// Units in a second, since 1970.
    Timestamp(i64),
    /// Digits after the point.
    Decimal(u32),
}
