//! Bearer token, and the two secrets that stand for it: a cookie, and the one-time code of
//! the login link.
//!
//! Comparisons take constant time, and no secret can be printed.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::{fmt, fs, io};

use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, COOKIE, SEC_WEBSOCKET_PROTOCOL};
use cookie::{Cookie, SameSite};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use net::error_text::io_error_text;
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use thiserror::Error;

use crate::access::token_subprotocol::offered_token;

/// Minimum length of a token, in bytes: long enough against guessing.
const MIN_TOKEN: usize = 16;

/// Bearer token, its cookie and its one-time code. Clones share the code.
#[derive(Clone)]
pub struct Token(Arc<Secrets>);

struct Secrets {
    token: Secret,
    /// Derived from the token, so that a login survives a restart, and is valid at all
    /// gateways that share the token.
    cookie: Secret,
    /// Derived from the token as well: gateways with different tokens on one host need
    /// cookies of different names.
    cookie_name: String,
    cookie_value: String,
    /// One-time code; `None` once it is used.
    code: Mutex<Option<Secret>>,
}

/// Error of reading or making a token.
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
    Unfit {
        /// The file.
        path: PathBuf,
    },
    /// The system's random number generator failed.
    #[error("the system's random number generator failed")]
    NoRandom,
}

impl From<ring::error::Unspecified> for TokenError {
    fn from(_: ring::error::Unspecified) -> Self {
        Self::NoRandom
    }
}

impl Token {
    /// Reads the token from the file at `path`, which holds one line.
    ///
    /// # Errors
    /// [`TokenError`] if the file is unreadable or holds no valid token.
    pub fn read(path: &Path) -> Result<Self, TokenError> {
        let text = fs::read_to_string(path).map_err(|source| TokenError::Unreadable {
            path: path.into(),
            source,
        })?;
        let token = text.trim();
        if token.len() < MIN_TOKEN || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(TokenError::Unfit { path: path.into() });
        }
        Ok(Self::new(token)?)
    }

    fn new(token: &str) -> Result<Self, ring::error::Unspecified> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, token.as_bytes());
        let derived = hmac::sign(&key, b"framegate cookie");
        let (name, value) = derived.as_ref().split_at(4);
        let cookie_value = HEXLOWER.encode(value);
        Ok(Self(Arc::new(Secrets {
            token: Secret::new(token)?,
            cookie: Secret::new(&cookie_value)?,
            cookie_name: format!("framegate-{}", HEXLOWER.encode(name)),
            cookie_value,
            code: Mutex::new(None),
        })))
    }

    /// Makes a one-time code for [`redeem`](Self::redeem), in place of the one before.
    pub(crate) fn new_code(&self) -> Result<String, TokenError> {
        let mut random = [0; 16];
        SystemRandom::new().fill(&mut random)?;
        let code = BASE64URL_NOPAD.encode(&random);
        *self.code() = Some(Secret::new(&code)?);
        Ok(code)
    }

    /// Returns true if `guess` is the one-time code, and uses it up.
    pub(crate) fn redeem(&self, guess: &str) -> bool {
        self.code().take_if(|code| code.matches(guess)).is_some()
    }

    /// Returns true if `guess` is the token.
    pub(crate) fn matches(&self, guess: &str) -> bool {
        self.0.token.matches(guess)
    }

    /// Returns true if `headers` carry the token (RFC 6750, section 2.1), also in a subprotocol,
    /// or its cookie.
    pub(crate) fn authorizes(&self, headers: &HeaderMap) -> bool {
        let texts = |name| {
            headers
                .get_all(name)
                .into_iter()
                .filter_map(|v| v.to_str().ok())
        };
        let bearer = |text: &str| {
            let (scheme, token) = text.split_once(' ')?;
            scheme
                .eq_ignore_ascii_case("bearer")
                .then_some(self.matches(token.trim()))
        };
        let cookie = |cookie: Cookie<'_>| {
            cookie.name() == self.0.cookie_name && self.0.cookie.matches(cookie.value())
        };
        texts(AUTHORIZATION).any(|text| bearer(text) == Some(true))
            || offered_token(texts(SEC_WEBSOCKET_PROTOCOL)).is_some_and(|it| self.matches(&it))
            || texts(COOKIE)
                .flat_map(Cookie::split_parse)
                .flatten()
                .any(cookie)
    }

    /// Returns the session cookie that stands for the token; `https` makes it `Secure`.
    pub(crate) fn cookie(&self, https: bool) -> Cookie<'static> {
        // No path: it defaults to the login's folder, which a proxy may have moved.
        Cookie::build((self.0.cookie_name.clone(), self.0.cookie_value.clone()))
            .http_only(true)
            // Strict would omit it after a click on the link in another site's page.
            .same_site(SameSite::Lax)
            .secure(https)
            .build()
    }

    fn code(&self) -> std::sync::MutexGuard<'_, Option<Secret>> {
        // A poisoned lock can't occur: no code panics while holding it.
        self.0.code.lock().unwrap_or_else(PoisonError::into_inner)
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
    fn new(text: &str) -> Result<Self, ring::error::Unspecified> {
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
    use super::*;

    const TEXT: &str = "correct-horse-battery";

    fn authorized(token: &Token, name: axum::http::HeaderName, value: &str) -> bool {
        token.authorizes(&[(name, value.parse().unwrap())].into_iter().collect())
    }

    #[test]
    fn bearer_token_or_cookie_authorizes() {
        let token = Token::new(TEXT).unwrap();
        assert!(authorized(
            &token,
            AUTHORIZATION,
            "Bearer correct-horse-battery"
        ));
        assert!(authorized(
            &token,
            AUTHORIZATION,
            "bearer  correct-horse-battery "
        ));
        assert!(!authorized(
            &token,
            AUTHORIZATION,
            "Basic correct-horse-battery"
        ));
        assert!(!authorized(
            &token,
            AUTHORIZATION,
            "Bearer correct-horse-batter"
        ));
        assert!(!authorized(&token, AUTHORIZATION, TEXT));

        let cookie = token.cookie(false);
        let pair = format!("{}={}", cookie.name(), cookie.value());
        assert!(authorized(&token, COOKIE, &format!("a=b; {pair}; c=d")));
        assert!(!authorized(&token, COOKIE, &format!("{}=", cookie.name())));
        assert!(!authorized(
            &token,
            COOKIE,
            &format!("other={}", cookie.value())
        ));
        assert!(!authorized(
            &token,
            COOKIE,
            &format!("{}={TEXT}", cookie.name())
        ));
    }

    #[test]
    fn cookie_depends_on_the_token_alone() {
        let cookie = |text| Token::new(text).unwrap().cookie(false);
        assert_eq!(cookie(TEXT), cookie(TEXT));
        let other = cookie("another-token-as-long");
        assert_ne!(cookie(TEXT).name(), other.name());
        assert_ne!(cookie(TEXT).value(), other.value());
    }

    #[test]
    fn one_time_code_works_once() {
        let token = Token::new(TEXT).unwrap();
        assert!(!token.redeem(""));
        let code = token.new_code().unwrap();
        assert!(!token.redeem("guess"));
        assert!(token.clone().redeem(&code));
        assert!(!token.redeem(&code));
    }

    #[test]
    fn token_file_holds_exactly_one_valid_token() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let check = |text: &str, fits: bool| {
            fs::write(file.path(), text).unwrap();
            assert_eq!(Token::read(file.path()).is_ok(), fits, "{text:?}");
        };
        check("0123456789abcdef\n", true);
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
