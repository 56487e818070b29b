//! The tabs of the wire view.

/// A representation of one message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum WireViewTab {
    /// The frame's bytes on TCP, with header and trailer.
    #[default]
    Wire,
    /// The payload as text.
    Text,
    /// The payload as indented JSON.
    Json,
    /// The payload's bytes.
    Hex,
    /// The payload's fields, by a format.
    Fields,
}

impl WireViewTab {
    /// All tabs, in the order of the page.
    pub const ALL: [Self; 5] = [Self::Wire, Self::Text, Self::Json, Self::Hex, Self::Fields];

    /// Returns the name by which the late part knows the tab.
    pub fn key(self) -> &'static str {
        match self {
            Self::Wire => "wire",
            Self::Text => "text",
            Self::Json => "json",
            Self::Hex => "hex",
            Self::Fields => "fields",
        }
    }

    /// Returns the tab of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tab| tab.key() == key)
    }
}
