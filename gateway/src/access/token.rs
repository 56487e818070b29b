//! Bearer token, and the keys that are derived from it for login codes and cookies.
//!
//! Comparisons take constant time, and no secret can be printed.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;
use std::{fmt, io};

use net::error_text::io_error_text;
use net::text_file::read_text_file;
use ring::error::Unspecified;
use ring::hmac;
use ring::rand::SystemRandom;
use thiserror::Error;

use crate::access::signed_id::{Signer, unix_millis};

/// Minimum length of a token, in bytes: long enough against guessing.
const MIN_TOKEN: usize = 16;

/// Bearer token.
#[derive(Clone)]
pub struct Token(Arc<Secrets>);

struct Secrets {
    token: Secret,
    /// Keys derived from the token: a login survives a restart, is valid at all gateways that
    /// share the token, and ends with it.
    cookies: Signer,
    codes: Signer,
}

/// Error of reading a token or making a login code.
#[derive(Debug, Error)]
pub enum TokenError {
    /// The file cannot be read.
    #[error("cannot read {}: {}", path.display(), io_error_text(source))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The file holds no valid token.
    #[error(
        "{}: expected one line of at least {MIN_TOKEN} letters, digits or punctuation, without \
         spaces; such as `openssl rand -hex 16` prints",
        path.display()
    )]
    Malformed {
        /// The file.
        path: PathBuf,
    },
    /// The system's random number generator failed.
    #[error("the system's random number generator failed")]
    NoRandom,
}

impl From<Unspecified> for TokenError {
    fn from(_: Unspecified) -> Self {
        Self::NoRandom
    }
}

impl Token {
    /// Reads the token from the file at `path`, which holds one line.
    ///
    /// # Errors
    /// [`TokenError`] if the file is unreadable or holds no valid token.
    pub fn read(path: &Path) -> Result<Self, TokenError> {
        let text = read_text_file(path).map_err(|source| TokenError::Unreadable {
            path: path.into(),
            source,
        })?;
        let token = text.trim();
        if token.len() < MIN_TOKEN || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(TokenError::Malformed { path: path.into() });
        }
        Ok(Self::new(token)?)
    }

    fn new(token: &str) -> Result<Self, Unspecified> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, token.as_bytes());
        let signer = |purpose: &str| Signer::new(hmac::sign(&key, purpose.as_bytes()).as_ref());
        Ok(Self(Arc::new(Secrets {
            token: Secret::new(token)?,
            cookies: signer("framegate login cookie"),
            codes: signer("framegate login code"),
        })))
    }

    /// Returns true if `guess` is the token.
    pub(super) fn matches(&self, guess: &str) -> bool {
        self.0.token.matches(guess)
    }

    /// Makes the code of a login link, which every gateway with this token accepts, once and for
    /// some minutes.
    ///
    /// # Errors
    /// [`TokenError::NoRandom`].
    pub(crate) fn login_code(&self, now: SystemTime) -> Result<String, TokenError> {
        let (_, code) = self.0.codes.sign_new(unix_millis(now))?;
        Ok(code)
    }

    /// Key of login codes.
    pub(super) fn codes(&self) -> &Signer {
        &self.0.codes
    }

    /// Key of login cookies.
    pub(super) fn cookies(&self) -> &Signer {
        &self.0.cookies
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

/// A text kept only as an HMAC tag under a random key: comparable, but not readable.
struct Secret {
    key: hmac::Key,
    tag: hmac::Tag,
}

impl Secret {
    fn new(text: &str) -> Result<Self, Unspecified> {
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new())?;
        let tag = hmac::sign(&key, text.as_bytes());
        Ok(Self { key, tag })
    }

    /// Returns true if `guess` is the text. Takes constant time for guesses of one length.
    fn matches(&self, guess: &str) -> bool {
        hmac::verify(&self.key, guess.as_bytes(), self.tag.as_ref()).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const TEXT: &str = "correct-horse-battery";

    #[test]
    fn only_the_token_matches() {
        let token = Token::new(TEXT).unwrap();
        assert!(token.matches(TEXT));
        assert!(!token.matches("correct-horse-batter"));
        assert!(!token.matches(""));
    }

    #[test]
    fn keys_differ_by_purpose_and_by_token() {
        let token = Token::new(TEXT).unwrap();
        let code = token.login_code(SystemTime::now()).unwrap();
        assert!(token.codes().verify(&code).is_some());
        assert!(token.cookies().verify(&code).is_none());
        let same = Token::new(TEXT).unwrap();
        assert!(same.codes().verify(&code).is_some());
        let other = Token::new("another-token-as-long").unwrap();
        assert!(other.codes().verify(&code).is_none());
    }

    #[test]
    fn token_file_holds_exactly_one_valid_token() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let check = |text: &str, fits: bool| {
            fs::write(file.path(), text).unwrap();
            assert_eq!(Token::read(file.path()).is_ok(), fits, "{text:?}");
        };
        check("0123456789abcdef\n", true);
        check("\u{feff}0123456789abcdef\r\n", true);
        check("0123456789abcde\n", false);
        check("0123456789abcdef\n0123456789abcdef\n", false);
        check("0123456789 abcdef", false);
        check("０１２３４５６７８９ａｂｃｄｅｆ", false);
        check("", false);
    }

    #[test]
    fn token_is_not_printed_by_debug() {
        assert_eq!(format!("{:?}", Token::new(TEXT).unwrap()), "Token");
    }
}
