//! Resumable sessions: tokens, and the way of a returning client's connection to its session.
//!
//! A session of the subprotocol `framegate.1` outlives its client's connection. The [`registry`]
//! finds it by the token that its client presents on the next one.

pub(crate) mod connection;
pub(crate) mod mailbox;
pub(crate) mod options;
pub(crate) mod registry;
pub(crate) mod request;
mod token;
