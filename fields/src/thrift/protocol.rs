//! Interface of a protocol: the encoding of types, heads and scalars.

use super::types::Type;
use crate::reader::{Read, Reader};
use crate::row::{Data, Label, Rows};

pub(super) trait Protocol {
    /// Reads the head of a message, if there is one, by its first bytes.
    fn message(&self, reader: &mut Reader<'_>, rows: &mut Rows) -> Read<()>;

    /// Returns the type of a code.
    fn type_of(&self, code: u8) -> Option<Type>;

    /// Reads the head of a field; `None` at the end of the struct. Ids may count from the one
    /// before.
    fn field(&self, reader: &mut Reader<'_>, id_before: u64) -> Read<Option<Field>>;

    /// Reads the head of a list or set: the number of its items, and the code of their type.
    fn list(&self, reader: &mut Reader<'_>) -> Read<(u64, u8)>;

    /// Reads the head of a map and opens its group.
    fn map(
        &self,
        reader: &mut Reader<'_>,
        rows: &mut Rows,
        start: usize,
        label: Label,
    ) -> Read<MapHead>;

    /// Reads a value of a type that is no group.
    fn scalar(&self, reader: &mut Reader<'_>, kind: Type) -> Read<Data>;
}

/// Head of a field.
pub(super) struct Field {
    pub(super) id: u64,
    /// Code of its type.
    pub(super) code: u8,
    /// Value that the code has in it.
    pub(super) bool: Option<bool>,
}

/// Head of a map: the number of its entries, and the codes of their types.
pub(super) struct MapHead {
    pub(super) count: u64,
    pub(super) key: u8,
    pub(super) item: u8,
}
