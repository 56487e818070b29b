//! Types of values, whose codes each protocol has its own for.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Bool,
    I8,
    I16,
    I32,
    I64,
    Double,
    Text,
    Uuid,
    Struct,
    Map,
    Set,
    List,
}

impl Type {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::I8 => "i8",
            Self::I16 => "i16",
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::Double => "double",
            Self::Text => "string",
            Self::Uuid => "uuid",
            Self::Struct => "struct",
            Self::Map => "map",
            Self::Set => "set",
            Self::List => "list",
        }
    }

    pub(super) const fn is_group(self) -> bool {
        matches!(self, Self::Struct | Self::Map | Self::Set | Self::List)
    }
}
