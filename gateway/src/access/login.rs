//! Login: checks the token of each request, and gives browsers a cookie that stands for it.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use axum::http::header::{AUTHORIZATION, ORIGIN};
use axum::http::{HeaderMap, HeaderValue};
use cookie::Cookie;
use thiserror::Error;

use crate::access::forwarded::RequestInfo;
use crate::access::guesses::{Failure, Guesses};
use crate::access::login_code::LoginCodes;
use crate::access::login_cookie::{self, LoginState, Logins};
use crate::access::origin;
use crate::access::signed_id::{SignedId, UnixMillis, unix_millis, unverified_id};
use crate::access::token::{Token, TokenError};
use crate::access::token_subprotocol::offered_token;
use crate::metrics::RefusalReason;
use crate::refusal::Refused;

/// Token, logins and wrong guesses. Clones share them.
#[derive(Clone)]
pub(crate) struct Login(Arc<Inner>);

struct Inner {
    token: Token,
    guesses: Guesses,
    started: Instant,
    codes: LoginCodes,
    logins: Logins,
}

/// Refusal of a request without a valid token, or of a login.
#[derive(Debug, Error)]
pub(crate) enum Refusal {
    #[error(
        "a token is required: send Authorization: Bearer TOKEN, or log in at /login; a page of \
         another site offers the subprotocol framegate.token.BASE64URL"
    )]
    Missing,
    #[error(
        "that is not the token: send Authorization: Bearer TOKEN, or log in at /login; a page of \
         another site offers the subprotocol framegate.token.BASE64URL"
    )]
    Wrong,
    #[error("too many wrong tokens from this address: try again in {} s", retry_seconds(.0))]
    Blocked(Duration),
    #[error("this login link has been used, is over, or is from before a restart")]
    OldLink,
    #[error("a page of another origin cannot log a browser out: use the button at /login")]
    ForeignPage,
    #[error("the cookie cannot be made: {0}")]
    NoCookie(TokenError),
}

/// Returns `wait` in whole seconds, rounded up.
pub(super) fn retry_seconds(wait: &Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

impl Login {
    pub(crate) fn new(token: Token) -> Self {
        Self(Arc::new(Inner {
            token,
            guesses: Guesses::new(),
            started: Instant::now(),
            codes: LoginCodes::new(now()),
            logins: Logins::new(),
        }))
    }

    /// Makes the code of a login link.
    pub(crate) fn new_code(&self) -> Result<String, TokenError> {
        self.0.token.login_code(SystemTime::now())
    }

    /// Checks the token of a request: a bearer token (RFC 6750, section 2.1), one that is offered as a
    /// subprotocol, or a login cookie.
    ///
    /// A cookie that this gateway has seen before is accepted from a blocked address too: nobody
    /// can make one by guessing.
    pub(super) fn check(&self, info: &RequestInfo, headers: &HeaderMap) -> Result<(), Refusal> {
        let cookies = login_cookie::values(info, headers);
        let is_current = |login: SignedId| login_cookie::is_current(login.time, now());
        let is_known = |it: &String| self.state(it) == Some(LoginState::Active);
        if cookies
            .iter()
            .any(|it| is_known(it) && self.login_of(it).is_some_and(is_current))
        {
            return Ok(());
        }
        let mut refusal = Refusal::Missing;
        let offered = offered_token(headers);
        for token in bearer_tokens(headers).chain(offered.as_deref()) {
            match self.attempt(info, token, || self.0.token.matches(token).then_some(())) {
                Ok(()) => return Ok(()),
                Err(wrong) => refusal = wrong,
            }
        }
        // A revoked cookie is no guess.
        for cookie in cookies.iter().filter(|it| self.state(it).is_none()) {
            match self.attempt(info, cookie, || self.0.token.cookies().verify(cookie)) {
                Ok(login) if login_cookie::is_current(login.time, now()) => {
                    self.0.logins.set(login, LoginState::Active, now());
                    return Ok(());
                }
                Ok(_ended) => {}
                Err(wrong) => refusal = wrong,
            }
        }
        Err(refusal)
    }

    /// Exchanges the token for a login cookie.
    pub(super) fn log_in(&self, info: &RequestInfo, token: &str) -> Result<Cookie<'_>, Refusal> {
        self.attempt(info, token, || self.0.token.matches(token).then_some(()))?;
        self.new_cookie(info)
    }

    /// Exchanges the code of a login link for a login cookie.
    pub(super) fn redeem(&self, info: &RequestInfo, code: &str) -> Result<Cookie<'_>, Refusal> {
        let code = self.attempt(info, code, || self.0.token.codes().verify(code))?;
        if !self.0.codes.redeem(code, now(), self.0.started.elapsed()) {
            return Err(Refusal::OldLink);
        }
        self.new_cookie(info)
    }

    /// Revokes the login cookies of a request, and returns a cookie that removes them from the
    /// browser. A page of another origin cannot log a browser out.
    pub(super) fn log_out(
        &self,
        info: &RequestInfo,
        headers: &HeaderMap,
    ) -> Result<Cookie<'static>, Refusal> {
        if !is_from_own_page(info, headers) {
            return Err(Refusal::ForeignPage);
        }
        for cookie in login_cookie::values(info, headers) {
            // Unknown cookies are compared only if the address may guess.
            let login = match self.state(&cookie) {
                Some(_) => self.login_of(&cookie),
                None => self.attempt(info, &cookie, || self.login_of(&cookie)).ok(),
            };
            if let Some(login) = login {
                self.0.logins.set(login, LoginState::Revoked, now());
            }
        }
        Ok(login_cookie::removal(info))
    }

    fn new_cookie(&self, info: &RequestInfo) -> Result<Cookie<'static>, Refusal> {
        let now = now();
        let signed = self.0.token.cookies().sign_new(login_cookie::end(now));
        let (login, value) = signed.map_err(|error| Refusal::NoCookie(error.into()))?;
        self.0.logins.set(login, LoginState::Active, now);
        Ok(login_cookie::cookie(info, value))
    }

    fn state(&self, cookie: &str) -> Option<LoginState> {
        self.0.logins.state(unverified_id(cookie)?, now())
    }

    fn login_of(&self, cookie: &str) -> Option<SignedId> {
        self.0.token.cookies().verify(cookie)
    }

    /// Returns the result of `verify` for `guess`, unless its client has guessed too often.
    fn attempt<T>(
        &self,
        info: &RequestInfo,
        guess: &str,
        verify: impl FnOnce() -> Option<T>,
    ) -> Result<T, Refusal> {
        let (host, now) = (info.client_host(), Instant::now());
        let verified = self.0.guesses.attempt(host, guess, now, verify);
        verified.map_err(|failure| match failure {
            Failure::Wrong => Refusal::Wrong,
            Failure::Blocked(wait) => Refusal::Blocked(wait),
        })
    }
}

impl Refusal {
    /// Returns the reason for log and metrics.
    pub(super) fn report(&self) -> Refused {
        let reason = match self {
            Self::ForeignPage => RefusalReason::Origin,
            _ => RefusalReason::Token,
        };
        Refused::new(reason, self)
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login")
    }
}

fn now() -> UnixMillis {
    unix_millis(SystemTime::now())
}

/// Returns the tokens in the `Authorization` headers.
fn bearer_tokens(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let texts = headers.get_all(AUTHORIZATION).into_iter();
    texts.filter_map(|text| {
        let (scheme, token) = text.to_str().ok()?.split_once(' ')?;
        scheme
            .eq_ignore_ascii_case("bearer")
            .then_some(token.trim())
    })
}

/// Returns true if no page of another origin has sent the request, by Sec-Fetch-Site (W3C Fetch
/// Metadata), which browsers omit over plain HTTP, or else by the Origin header.
fn is_from_own_page(info: &RequestInfo, headers: &HeaderMap) -> bool {
    let is_own = |value: &HeaderValue| {
        let origin = value.to_str();
        origin.is_ok_and(|origin| origin::is_allowed(origin, info, &[]))
    };
    origin::is_same_by_fetch_metadata(headers)
        .unwrap_or_else(|| headers.get_all(ORIGIN).iter().all(is_own))
}

#[cfg(test)]
mod tests {
    use axum::http::header::COOKIE;

    use super::*;

    /// Presents a cookie with a valid signature that ends at `end`, ten times.
    fn present_cookie(end: UnixMillis) -> Vec<bool> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "correct-horse-battery").unwrap();
        let login = Login::new(Token::read(file.path()).unwrap());
        let info = RequestInfo::from_this_machine("localhost:3000", false);
        let present = |_| {
            let (_, value) = login.0.token.cookies().sign_new(end).unwrap();
            let cookie = format!("framegate-3000={value}").parse().unwrap();
            let headers = [(COOKIE, cookie)].into_iter().collect();
            match login.check(&info, &headers) {
                Ok(()) => true,
                Err(Refusal::Missing) => false,
                Err(other) => panic!("{other}"),
            }
        };
        (0..10).map(present).collect()
    }

    #[test]
    fn cookie_is_refused_after_its_end_and_is_no_guess() {
        assert_eq!(present_cookie(now() + 60_000), [true; 10]);
        assert_eq!(present_cookie(now() - 1), [false; 10]);
    }

    #[test]
    fn cookie_from_before_the_clock_was_set_back_is_refused() {
        const DAY: UnixMillis = 24 * 60 * 60 * 1000;
        assert_eq!(present_cookie(now() + DAY), [true; 10]);
        assert_eq!(present_cookie(now() + 2 * DAY), [false; 10]);
    }
}
