//! The ways to look at a message.

/// A way to look at a message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum View {
    /// Its bytes on TCP.
    #[default]
    Wire,
    /// Its text.
    Text,
    /// Its JSON, laid out.
    Json,
    /// The bytes of its payload.
    Hex,
}

impl View {
    /// Every view.
    pub const ALL: [View; 4] = [View::Wire, View::Text, View::Json, View::Hex];
}
