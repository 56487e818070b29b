use thiserror::Error;

/// Violation of the protocol of resumable sessions. The side that finds it closes with 1002.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SessionError {
    /// A binary message has no valid head; its first byte, if it is long enough.
    #[error("{}", head_text(*.0))]
    Head(Option<u8>),
    /// A text message is no control message: no JSON object of known shape.
    #[error("control message is not {0}")]
    Control(&'static str),
    /// A control message is too long.
    #[error("control message of {len} bytes is over the limit of {max} bytes")]
    ControlTooLong {
        /// Its length, in bytes.
        len: usize,
        /// The limit, in bytes.
        max: usize,
    },
    /// A count of received or taken messages is higher than that of messages sent.
    #[error("{count} messages acknowledged, and only {sent} were sent")]
    NeverSent {
        /// The other side's count.
        count: u64,
        /// Messages that were sent.
        sent: u64,
    },
    /// A count of received or taken messages is lower than one before.
    #[error("{count} messages acknowledged, after {acknowledged} were")]
    TakenBack {
        /// The other side's count.
        count: u64,
        /// Its count before.
        acknowledged: u64,
    },
}

fn head_text(first: Option<u8>) -> String {
    match first {
        None => "binary message is shorter than its head".into(),
        Some(first) => {
            format!(
                "binary message begins with {first:#04x}: 0x01 (text) or 0x02 (binary) was expected"
            )
        }
    }
}
