//! Definitions of a `.proto` file as they are written, with types by name.

use super::types::Enum;

/// Definitions of a file, with types by name.
#[derive(Default)]
pub(super) struct File {
    pub(super) messages: Vec<RawMessage>,
    pub(super) enums: Vec<Enum>,
    /// Name after `@`, and its place.
    pub(super) root: Option<(String, usize)>,
    pub(super) is_proto2: bool,
    pub(super) package: String,
    /// Imported files.
    pub(super) imports: Vec<String>,
}

pub(super) struct RawMessage {
    pub(super) name: String,
    pub(super) fields: Vec<RawField>,
    pub(super) is_map_entry: bool,
}

pub(super) struct RawField {
    pub(super) name: String,
    pub(super) number: u64,
    pub(super) kind: String,
    /// Place of the type in the text.
    pub(super) at: usize,
    pub(super) is_repeated: bool,
    pub(super) is_packed: Option<bool>,
}

/// Returns the name of a definition in a scope.
pub(super) fn join(scope: &str, name: &str) -> String {
    match scope {
        "" => name.into(),
        scope => format!("{scope}.{name}"),
    }
}
