//! Error messages for I/O and TLS errors.

mod tls;

use std::io;

use tokio_rustls::rustls;

pub(crate) use self::tls::date;
pub use self::tls::{certificate_error, certificate_error_text, tls_error_text};

/// Returns the message of an I/O error: "connection refused" rather than "Connection refused
/// (os error 111)".
///
/// The message of the error that it wraps, if there is one; otherwise words for its kind.
pub fn io_error_text(error: &io::Error) -> String {
    if let Some(inner) = error.get_ref() {
        return match inner.downcast_ref::<rustls::Error>() {
            Some(error) => tls_error_text(error),
            // rustls adds a link to its manual.
            None if inner.to_string().contains("TLS close_notify") => {
                "closed without a TLS close_notify".into()
            }
            None => inner.to_string(),
        };
    }
    match kind_text(error.kind()) {
        Some(text) => text.into(),
        None => system_text(error),
    }
}

/// Returns the message of a kind of errors for which the standard library's words are those of
/// programmers: "entity not found".
fn kind_text(kind: io::ErrorKind) -> Option<&'static str> {
    Some(match kind {
        io::ErrorKind::NotFound => "there is no such file or folder",
        io::ErrorKind::AlreadyExists => "it exists already",
        io::ErrorKind::IsADirectory => "it is a folder",
        io::ErrorKind::NotADirectory => "a part of its path is not a folder",
        io::ErrorKind::InvalidFilename => "its name is too long",
        io::ErrorKind::StorageFull => "the disk is full",
        io::ErrorKind::InvalidData => "it is not UTF-8 text",
        io::ErrorKind::InvalidInput => "the system does not accept it",
        io::ErrorKind::WouldBlock => "the system has no room for it now",
        io::ErrorKind::UnexpectedEof => "it ended too early",
        io::ErrorKind::WriteZero => "it takes no more bytes",
        _ => return None,
    })
}

/// Returns the kind's description, or the system's own message without its number.
fn system_text(error: &io::Error) -> String {
    let kind = error.kind().to_string();
    if kind != "uncategorized error" && kind != "other error" {
        return kind;
    }
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut letters = text.chars();
    let first = letters.next().map(|it| it.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_message_has_an_error_number_or_words_of_the_standard_library() {
        for code in 1..134 {
            let text = io_error_text(&io::Error::from_raw_os_error(code));
            let foreign = [
                "os error",
                "entity",
                "uncategorized",
                "operation would block",
            ];
            assert!(
                !foreign.iter().any(|it| text.contains(it)),
                "{code}: {text}"
            );
            assert!(
                text.starts_with(|c: char| !c.is_ascii_uppercase()),
                "{text}"
            );
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn system_error_is_put_in_words() {
        let check = |code, expected: &str| {
            assert_eq!(io_error_text(&io::Error::from_raw_os_error(code)), expected);
        };
        check(2, "there is no such file or folder");
        check(24, "too many open files");
        check(28, "the disk is full");
        check(111, "connection refused");
        let wrapped = io::Error::other("no such host");
        assert_eq!(io_error_text(&wrapped), "no such host");
    }
}
