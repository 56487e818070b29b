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
}

impl WireViewTab {
    /// All tabs, in the order of the page.
    pub const ALL: [Self; 4] = [Self::Wire, Self::Text, Self::Json, Self::Hex];
}
