//! Attachments: files that were pasted, dropped or chosen, and stand in the composer until they
//! are sent.

use bytes::Bytes;

use crate::framing::Refusal;
use crate::message::{Kind, Message};

/// A file in the composer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// The file's name.
    pub name: String,
    /// Its length, in bytes.
    pub len: u64,
    /// Its content, or the reason why it was not read: it is longer than the gateway accepts.
    pub content: Result<Bytes, Refusal>,
}

impl Attachment {
    /// Returns the message that the file becomes.
    pub fn message(&self) -> Option<Message> {
        Some(Message {
            kind: Kind::Binary,
            payload: self.content.clone().ok()?,
        })
    }
}
