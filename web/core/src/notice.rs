//! What there is to tell the person.

use protocol::FrameError;

use crate::repeat::Order;

/// Something to tell the person, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// The gateway would refuse a message.
    Refused(FrameError),
    /// It would refuse one of those that were to be sent again.
    OrderRefused {
        /// What was to be sent; none of it was.
        order: Order,
        /// Which of the messages, counted from one.
        place: usize,
        /// Why.
        error: FrameError,
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
