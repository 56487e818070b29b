//! Login cookies: each login has a cookie of its own, with an end, which a logout revokes.

use std::sync::Mutex;

use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use cookie::time::Duration;
use cookie::{Cookie, SameSite};

use crate::access::expiring_map::ExpiringMap;
use crate::access::forwarded::{ForwardedClient, RequestInfo};
use crate::access::signed_id::{CLOCK_LEAD, Id, SignedId, UnixMillis, millis};
use crate::sync::lock;

/// Time for which a login is valid.
const LIFETIME: Duration = Duration::DAY;

/// Maximum number of remembered logins: about 1 MB. Only cookies with a valid signature are.
const MAX_LOGINS: usize = 10_000;

/// Logins that this gateway has seen.
#[derive(Debug)]
pub(super) struct Logins(Mutex<ExpiringMap<Id, LoginState, UnixMillis>>);

/// State of a login that this gateway has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LoginState {
    Active,
    /// Logged out.
    Revoked,
}

impl Logins {
    pub(super) fn new() -> Self {
        Self(Mutex::new(ExpiringMap::new(MAX_LOGINS)))
    }

    /// Returns the state of the login `id`; `None` if it has ended or was never seen.
    pub(super) fn state(&self, id: Id, now: UnixMillis) -> Option<LoginState> {
        lock(&self.0).get(id, now).copied()
    }

    /// Sets the state of `login`, whose signature is valid, until its end.
    pub(super) fn set(&self, login: SignedId, state: LoginState, now: UnixMillis) {
        lock(&self.0).insert(login.id, state, login.time, now);
    }
}

/// Returns true if a login with this end is valid. An end that is further away than any is from
/// before the clock was set back.
pub(super) fn is_current(login_end: UnixMillis, now: UnixMillis) -> bool {
    now < login_end && login_end <= end(now).saturating_add(millis(CLOCK_LEAD))
}

/// Returns the end of a login that begins `now`.
pub(super) fn end(now: UnixMillis) -> UnixMillis {
    let lifetime = LIFETIME.whole_milliseconds().try_into();
    now.saturating_add(lifetime.unwrap_or(UnixMillis::MAX))
}

/// Returns the cookie with `value`, for the browser that sent the request.
pub(super) fn cookie(request_info: &RequestInfo, value: String) -> Cookie<'static> {
    let cookie = Cookie::build((name(request_info), value))
        .http_only(true)
        // Strict would omit it after a click on the link in another site's page.
        .same_site(SameSite::Lax)
        .secure(request_info.https)
        .max_age(LIFETIME);
    match is_at_root(request_info) {
        true => cookie.path("/").build(),
        // No path: it defaults to the login's folder, which a proxy may have moved.
        false => cookie.build(),
    }
}

/// Returns a cookie that removes the one with the same name.
pub(super) fn removal(request_info: &RequestInfo) -> Cookie<'static> {
    let mut cookie = cookie(request_info, String::new());
    cookie.make_removal();
    cookie
}

/// Returns the values of the login cookies in `headers`: browsers send several if a gateway
/// under another path has one of the same name.
pub(super) fn values(request_info: &RequestInfo, headers: &HeaderMap) -> Vec<String> {
    let name = name(request_info);
    let texts = headers.get_all(COOKIE).into_iter();
    texts
        // Cookies of other services on this host may have any bytes.
        .map(|text| String::from_utf8_lossy(text.as_bytes()))
        .flat_map(Cookie::split_parse)
        .flatten()
        .filter(|cookie| cookie.name() == name)
        .map(|cookie| cookie.value().to_owned())
        .collect()
}

/// Returns the cookie's name. It contains the port, because browsers share cookies between all
/// ports of a host. The prefixes forbid that a page without TLS sets such a cookie.
fn name(request_info: &RequestInfo) -> String {
    let (scheme, prefix) = match request_info.https {
        true if is_at_root(request_info) => ("https", "__Host-"),
        true => ("https", "__Secure-"),
        false => ("http", ""),
    };
    let authority = request_info.authority.as_ref();
    let port = authority.and_then(|it| it.port_for(scheme));
    format!("{prefix}framegate-{}", port.unwrap_or_default())
}

/// Returns true if the page is known to be at the root of its origin: TLS ends here, and no HTTP
/// proxy has named a client. An HTTP proxy may serve it under a path, for which `__Host-` and
/// Path=/ would be wrong: the other services of that host would get the cookie.
fn is_at_root(request_info: &RequestInfo) -> bool {
    request_info.https
        && request_info.connection.tls
        && request_info.client == ForwardedClient::None
}
