//! Schemas: a format, and the text that describes its fields.

use std::fmt;

use crate::format::{Format, SchemaUse};

/// Format of a payload, with the description of its fields if the format takes one.
#[derive(Debug, Clone)]
pub struct Schema {
    pub(crate) format: Format,
    pub(crate) definition: Definition,
}

#[derive(Debug, Clone)]
pub(crate) enum Definition {
    None,
}

/// Text that is no schema. Displayed: "line 2, column 5: expected a type".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaError {
    /// Line, from 1 on; 0 if the text is missing.
    pub line: usize,
    /// Column in characters, from 1 on.
    pub column: usize,
    /// Fault and remedy.
    pub message: String,
}

impl Schema {
    /// Reads the schema of a format: a `.proto` file, an Avro schema in JSON, or a layout. `text`
    /// may be empty if the format does without one.
    ///
    /// # Errors
    /// [`SchemaError`] with the place in `text`.
    pub fn parse(format: Format, text: &str) -> Result<Self, SchemaError> {
        let is_empty = text.trim().is_empty();
        match format.schema_use() {
            SchemaUse::None if !is_empty => Err(SchemaError::missing(format!(
                "{format} takes no schema: leave it out"
            ))),
            _ => Ok(Self {
                format,
                definition: Definition::None,
            }),
        }
    }

    /// Returns the format.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Returns true if a text describes the fields.
    pub fn has_definition(&self) -> bool {
        !matches!(self.definition, Definition::None)
    }
}

impl SchemaError {
    pub(crate) fn missing(message: String) -> Self {
        Self {
            line: 0,
            column: 0,
            message,
        }
    }

    /// The error at an offset in bytes.
    pub(crate) fn at(text: &str, offset: usize, message: impl Into<String>) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            message: message.into(),
        }
    }
}

impl fmt::Display for SchemaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "line {}, column {}: ", self.line, self.column)?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for SchemaError {}
