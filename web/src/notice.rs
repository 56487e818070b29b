//! What there is to tell the person.

use crate::repeat::Order;

/// Something to tell the person, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A file is longer than a message may be.
    TooLong {
        /// Its length in bytes.
        len: usize,
        /// The most allowed, in bytes.
        max: usize,
    },
    /// A file could not be read.
    Unreadable,
    /// Messages were read in.
    Imported {
        /// How many.
        rows: usize,
        /// Those among them that had been sent, to be sent again.
        sent: Option<Order>,
    },
    /// A file is no export: the number of the first line that shows it.
    NotExport(usize),
    /// The connection takes nothing.
    NotSent,
}
