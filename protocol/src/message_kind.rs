/// The kind of WebSocket message that carries a payload (RFC 6455, section 5.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageKind {
    /// UTF-8.
    Text,
    /// Any bytes.
    Binary,
}

impl MessageKind {
    /// The kind that fits `payload`: text if it is UTF-8.
    #[inline]
    pub fn of(payload: &[u8]) -> Self {
        match str::from_utf8(payload) {
            Ok(_) => Self::Text,
            Err(_) => Self::Binary,
        }
    }
}
