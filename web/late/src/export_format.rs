//! File formats for messages. The page's late part writes and reads them.

/// A file format for messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// A JSON object per line.
    Ndjson,
    /// Comma-separated values (RFC 4180).
    Csv,
    /// A line of text per message.
    Text,
}

impl ExportFormat {
    /// All formats.
    pub const ALL: [Self; 3] = [Self::Ndjson, Self::Csv, Self::Text];

    /// Returns the file name extension.
    pub fn extension(self) -> &'static str {
        match self {
            ExportFormat::Ndjson => "ndjson",
            ExportFormat::Csv => "csv",
            ExportFormat::Text => "txt",
        }
    }
}
