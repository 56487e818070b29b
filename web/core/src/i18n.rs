//! All sentences of the page, in every language, as methods of
//! [`Language`](crate::language::Language). A missing translation does not compile.

mod connection;
mod framing;
mod live_feed;
mod message;
mod strings;
