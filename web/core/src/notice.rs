//! Notices: one-time messages to the user, above the composer.

use crate::batch::Batch;
use crate::draft::InputFormat;
use crate::framing::Refusal;
use crate::stored_state::StoredPart;

/// A notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// The gateway would refuse the message.
    MessageRefused(Refusal),
    /// The gateway would refuse a message of the batch, so none was sent.
    BatchRefused {
        /// The batch.
        batch: Batch,
        /// The message, counted from 1.
        place: usize,
        /// The reason.
        error: Refusal,
    },
    /// The page's URL leads to a WebSocket URL on another host, which is not connected to yet.
    ForeignLink(String),
    /// The chosen messages were copied.
    Copied,
    /// The chosen messages could not be copied.
    NotCopied,
    /// A file could not be read.
    FileUnreadable,
    /// A file could not be written.
    FileUnwritable,
    /// A file was imported.
    Imported {
        /// The number of messages.
        rows: usize,
        /// Those that had been sent, as a batch to send again.
        sent: Option<Batch>,
        /// The number of sent messages that are cut, and can't be sent again.
        cut: usize,
    },
    /// A file is not an export; its first invalid line, counted from 1.
    InvalidImport(usize),
    /// The late part of the page could not be loaded.
    LatePartFailed,
    /// A raw upstream is no longer read by a framing; the reason, as a sentence.
    ReadingEnded(String),
    /// The pasted text has line breaks other than those that are sent: those of a format.
    PastedBreaks(InputFormat),
    /// The browser has no room for a change of the stored state, or forbids it.
    NotStored(StoredPart),
    /// The WebSocket did not accept the message.
    SendFailed,
}
