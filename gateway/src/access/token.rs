//! The token that lets its bearer in, and what stands for it: a cookie, and the code of
//! a link that works once.
//!
//! Guesses are compared in a time that does not depend on the right answer, and nothing
//! here can be printed.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::{fmt, fs, io};

use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, COOKIE};
use cookie::{Cookie, SameSite};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use net::error_text::io_error_text;
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use thiserror::Error;

/// The shortest token that is taken, in bytes: one that cannot be found by trying.
const MIN_TOKEN: usize = 16;

/// The token. Clones share the one code.
#[derive(Clone)]
pub struct Token(Arc<Secrets>);

struct Secrets {
    token: Secret,
    /// Follows from the token, so that a login outlives a restart, and counts at other
    /// gateways with the same token.
    cookie: Secret,
    /// Follows from it too: cookies of gateways on one host do not replace one another.
    cookie_name: String,
    cookie_value: String,
    /// Until it is used.
    code: Mutex<Option<Secret>>,
}

/// Why there is no token.
#[derive(Debug, Error)]
pub enum TokenError {
    /// The file cannot be read.
    #[error("cannot read {}: {}", path.display(), io_error_text(source))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file holds something else.
    #[error(
        "{}: expected one line of at least {MIN_TOKEN} letters, digits or punctuation, without \
         spaces; such as `openssl rand -hex 16` prints",
        path.display()
    )]
    Unfit {
        /// The file.
        path: PathBuf,
    },
    /// The system has no random numbers.
    #[error("the system has no random numbers")]
    NoRandom,
}

impl From<ring::error::Unspecified> for TokenError {
    fn from(_: ring::error::Unspecified) -> Self {
        Self::NoRandom
    }
}

impl Token {
    /// Reads the token that is all there is in the file at `path`.
    ///
    /// # Errors
    /// [`TokenError`] says what is wrong with the file.
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

    /// A code that can be [redeemed](Self::redeem) once, in place of the one before.
    pub(crate) fn new_code(&self) -> Result<String, TokenError> {
        let mut random = [0; 16];
        SystemRandom::new().fill(&mut random)?;
        let code = BASE64URL_NOPAD.encode(&random);
        *self.code() = Some(Secret::new(&code)?);
        Ok(code)
    }

    /// Whether `guess` is the code, which is then used up.
    pub(crate) fn redeem(&self, guess: &str) -> bool {
        self.code().take_if(|code| code.is(guess)).is_some()
    }

    /// Whether `guess` is the token.
    pub(crate) fn is(&self, guess: &str) -> bool {
        self.0.token.is(guess)
    }

    /// Whether a request shows the token (RFC 6750, section 2.1) or its cookie.
    pub(crate) fn is_shown_in(&self, headers: &HeaderMap) -> bool {
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
                .then_some(self.is(token.trim()))
        };
        let cookie = |cookie: Cookie<'_>| {
            cookie.name() == self.0.cookie_name && self.0.cookie.is(cookie.value())
        };
        texts(AUTHORIZATION).any(|text| bearer(text) == Some(true))
            || texts(COOKIE)
                .flat_map(Cookie::split_parse)
                .flatten()
                .any(cookie)
    }

    /// The cookie that shows it, for as long as the browser runs.
    pub(crate) fn cookie(&self, https: bool) -> Cookie<'static> {
        // Without a path it is for where the login is: a proxy may have put that anywhere.
        Cookie::build((self.0.cookie_name.clone(), self.0.cookie_value.clone()))
            .http_only(true)
            // Strict would leave it out where the link was clicked in another page.
            .same_site(SameSite::Lax)
            .secure(https)
            .build()
    }

    fn code(&self) -> std::sync::MutexGuard<'_, Option<Secret>> {
        // Nothing panics while it holds the lock.
        self.0.code.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

/// A text that others can be compared with, and that cannot be read back.
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

    /// Takes as long for any guess of its length.
    fn is(&self, guess: &str) -> bool {
        hmac::verify(&self.key, guess.as_bytes(), self.tag.as_ref()).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "correct-horse-battery";

    fn shown(token: &Token, name: axum::http::HeaderName, value: &str) -> bool {
        token.is_shown_in(&[(name, value.parse().unwrap())].into_iter().collect())
    }

    #[test]
    fn it_is_shown_as_a_bearer_token_or_a_cookie() {
        let token = Token::new(TEXT).unwrap();
        assert!(shown(&token, AUTHORIZATION, "Bearer correct-horse-battery"));
        assert!(shown(
            &token,
            AUTHORIZATION,
            "bearer  correct-horse-battery "
        ));
        assert!(!shown(&token, AUTHORIZATION, "Basic correct-horse-battery"));
        assert!(!shown(&token, AUTHORIZATION, "Bearer correct-horse-batter"));
        assert!(!shown(&token, AUTHORIZATION, TEXT));

        let cookie = token.cookie(false);
        let pair = format!("{}={}", cookie.name(), cookie.value());
        assert!(shown(&token, COOKIE, &format!("a=b; {pair}; c=d")));
        assert!(!shown(&token, COOKIE, &format!("{}=", cookie.name())));
        assert!(!shown(&token, COOKIE, &format!("other={}", cookie.value())));
        assert!(!shown(&token, COOKIE, &format!("{}={TEXT}", cookie.name())));
    }

    #[test]
    fn gateways_with_one_token_share_the_login_and_others_do_not() {
        let cookie = |text| Token::new(text).unwrap().cookie(false);
        assert_eq!(cookie(TEXT), cookie(TEXT));
        let other = cookie("another-token-as-long");
        assert_ne!(cookie(TEXT).name(), other.name());
        assert_ne!(cookie(TEXT).value(), other.value());
    }

    #[test]
    fn a_code_works_once() {
        let token = Token::new(TEXT).unwrap();
        assert!(!token.redeem(""));
        let code = token.new_code().unwrap();
        assert!(!token.redeem("guess"));
        assert!(token.clone().redeem(&code));
        assert!(!token.redeem(&code));
    }

    #[test]
    fn a_file_has_one_token_and_no_more() {
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
    fn it_cannot_be_printed() {
        assert_eq!(format!("{:?}", Token::new(TEXT).unwrap()), "Token");
    }
}
