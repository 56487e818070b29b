//! Schemas: a format, and the text that describes its fields.

use crate::avro::{self, Avro};
use crate::format::{Format, SchemaUse};
use crate::layout::{self, Layout};
use crate::protobuf::{self, Proto};
use crate::text_error::TextError;
use crate::text_problem::TextProblem;

/// Format of a payload, with the description of its fields if the format takes one.
#[derive(Debug, Clone)]
pub struct Schema {
    pub(crate) format: Format,
    pub(crate) definition: Definition,
}

#[derive(Debug, Clone)]
pub(crate) enum Definition {
    None,
    Proto(Proto),
    Avro(Avro),
    Layout(Layout),
}

impl Schema {
    /// Reads the schema of a format: a `.proto` file, an Avro schema in JSON, or a layout. `text`
    /// may be empty if the format does without one.
    ///
    /// # Errors
    /// [`TextError`] with the place in `text`.
    pub fn parse(format: Format, text: &str) -> Result<Self, TextError> {
        let is_empty = text.trim().is_empty();
        match format.schema_use() {
            SchemaUse::None if !is_empty => Err(TextError::whole(TextProblem::NoSchema(format))),
            SchemaUse::Required if is_empty => {
                Err(TextError::whole(TextProblem::SchemaNeeded(format)))
            }
            _ => {
                let definition = match format {
                    Format::Protobuf if !is_empty => Definition::Proto(protobuf::parse(text)?),
                    Format::Avro => Definition::Avro(avro::parse(text)?),
                    Format::Layout => Definition::Layout(layout::parse(text)?),
                    _ => Definition::None,
                };
                Ok(Self { format, definition })
            }
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
