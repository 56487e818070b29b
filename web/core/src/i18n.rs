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

/// Declares each string as a method, in English, then in Japanese. Its documentation is the
/// English text.
macro_rules! strings {
    ($($name:ident: $english:literal, $japanese:literal;)*) => {
        impl crate::language::Language {
            $(#[doc = concat!("Returns “", $english, "”.")]
            pub const fn $name(self) -> &'static str {
                match self {
                    crate::language::Language::English => $english,
                    crate::language::Language::Japanese => $japanese,
                }
            })*
        }
    };
}

mod bytes_tool;
mod charts;
mod compare;
mod connection;
mod details;
mod dialogs;
mod framing;
mod live_feed;
mod message;
mod strings;
