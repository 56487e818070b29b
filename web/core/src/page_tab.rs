//! The tabs of the page.

/// A tab of the page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PageTab {
    /// This page's own connection and messages.
    #[default]
    Console,
    /// All clients of the gateway, and their messages.
    LiveFeed,
}
