//! All sentences of the page, in every language, as methods of
//! [`Language`](crate::language::Language). A missing translation does not compile.

/// Formats a sentence in a language: in English, then in Japanese.
macro_rules! translate {
    ($language:expr, $english:literal, $japanese:literal) => {
        match $language {
            crate::language::Language::English => format!($english),
            crate::language::Language::Japanese => format!($japanese),
        }
    };
}

mod connection;
mod framing;
mod live_feed;
mod message;
mod strings;
