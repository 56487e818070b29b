//! Steps through a list: the log, or the history of drafts.

/// A step through a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// To the entry before.
    Previous,
    /// To the entry after.
    Next,
    /// To the oldest entry.
    First,
    /// To the latest entry.
    Last,
}
