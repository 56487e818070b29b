//! Login routes: the form, the login link, the logout, and the check in front of other routes.

use axum::Router;
use axum::extract::{Extension, Form, Query, Request, State};
use axum::http::header::{CACHE_CONTROL, LOCATION, RETRY_AFTER, SET_COOKIE, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use cookie::Cookie;
use serde::Deserialize;

use crate::access::forwarded::RequestInfo;
use crate::access::login::{Login, Refusal, retry_seconds};

/// Login page; messages replace the placeholders.
const PAGE: &str = include_str!("../../page/login.html");
const ERROR_PLACEHOLDER: &str = "<!-- error -->";
const LOGOUT_PLACEHOLDER: &str = "<!-- logout -->";

/// Logout button, for a browser that is logged in.
const LOGOUT: &str = "<form method=\"post\" action=\"logout\">\
    <p>You are logged in. <span lang=\"ja\">ログインしています。</span></p>\
    <button>Log out <span lang=\"ja\">ログアウト</span></button></form>";

/// Query of the login link; without a code, the form is shown.
#[derive(Deserialize)]
struct LoginQuery {
    code: Option<String>,
}

/// Fields of the login form.
#[derive(Deserialize)]
struct LoginForm {
    token: String,
}

/// Requires the token or its cookie. A request for the page without one is redirected to the
/// login; any other is refused with 401, and with 429 after too many wrong tokens.
pub(crate) async fn require_token(
    State(login): State<Login>,
    Extension(request_info): Extension<RequestInfo>,
    request: Request,
    next: Next,
) -> Response {
    let refusal = match login.check(&request_info, request.headers()) {
        Ok(()) => return next.run(request).await,
        Err(refusal) => refusal,
    };
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let is_page = is_read && request.uri().path() == "/";
    let report = Extension(refusal.report());
    let (to_login, text) = ([(LOCATION, "login")], format!("{refusal}\n"));
    match refusal {
        Refusal::Missing if is_page => (StatusCode::SEE_OTHER, to_login).into_response(),
        Refusal::Wrong if is_page => (StatusCode::SEE_OTHER, report, to_login).into_response(),
        Refusal::Blocked(_) => refused(&refusal, text),
        _ => {
            let challenge = [(WWW_AUTHENTICATE, "Bearer realm=\"framegate\"")];
            (StatusCode::UNAUTHORIZED, report, challenge, text).into_response()
        }
    }
}

/// Routes `/login`: GET, with or without a code, and POST, with the token; and `POST /logout`.
pub(crate) fn router(login: Login) -> Router {
    Router::new()
        .route("/login", get(follow_link).post(log_in))
        .route("/logout", post(log_out))
        .with_state(login)
}

async fn follow_link(
    State(login): State<Login>,
    Extension(request_info): Extension<RequestInfo>,
    Query(query): Query<LoginQuery>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    match query.code {
        // HEAD is safe (RFC 9110, section 9.2.1): it does not use the code up.
        Some(code) if method == Method::GET => answer(login.redeem(&request_info, &code)),
        _ => {
            let is_logged_in = login.check(&request_info, &headers).is_ok();
            let logout = if is_logged_in { LOGOUT } else { "" };
            login_page("", logout).into_response()
        }
    }
}

async fn log_in(
    State(login): State<Login>,
    Extension(request_info): Extension<RequestInfo>,
    Form(form): Form<LoginForm>,
) -> Response {
    answer(login.log_in(&request_info, form.token.trim()))
}

async fn log_out(
    State(login): State<Login>,
    Extension(request_info): Extension<RequestInfo>,
    headers: HeaderMap,
) -> Response {
    match login.log_out(&request_info, &headers) {
        Ok(removal) => redirect("login", &removal),
        Err(refusal) => refused(&refusal, format!("{refusal}\n")),
    }
}

/// Redirects to the page with the cookie, or shows the form again with the reason.
fn answer(granted: Result<Cookie<'_>, Refusal>) -> Response {
    match granted {
        Ok(cookie) => redirect("./", &cookie),
        Err(refusal) => {
            let error = format!("<p role=\"alert\">{}</p>", message(&refusal));
            refused(&refusal, login_page(&error, ""))
        }
    }
}

fn redirect(location: &str, cookie: &Cookie<'_>) -> Response {
    let headers = [
        (SET_COOKIE, cookie.to_string()),
        (LOCATION, location.into()),
        (CACHE_CONTROL, "no-store".into()),
    ];
    (StatusCode::SEE_OTHER, headers).into_response()
}

/// Refuses a request with `body`, and reports it to log and metrics.
fn refused(refusal: &Refusal, body: impl IntoResponse) -> Response {
    let (status, retry_after) = match refusal {
        Refusal::Blocked(wait) => {
            let seconds = retry_seconds(wait).to_string();
            (
                StatusCode::TOO_MANY_REQUESTS,
                Some([(RETRY_AFTER, seconds)]),
            )
        }
        Refusal::NoCookie(_) => (StatusCode::INTERNAL_SERVER_ERROR, None),
        _ => (StatusCode::FORBIDDEN, None),
    };
    (status, Extension(refusal.report()), retry_after, body).into_response()
}

/// Returns the reason of a refused login, as HTML.
fn message(refusal: &Refusal) -> String {
    match refusal {
        Refusal::OldLink => "This link has been used, is older than 10 minutes, or is from before \
             a restart. <span lang=\"ja\">このリンクはもう使えません。</span>"
            .into(),
        Refusal::Blocked(wait) => {
            let seconds = retry_seconds(wait);
            format!(
                "Too many wrong tokens from your address. Try again in {seconds} s. \
                 <span lang=\"ja\">誤ったトークンが続きました。{seconds} 秒後にもう一度お試し\
                 ください。</span>"
            )
        }
        Refusal::NoCookie(error) => format!("The gateway cannot make a cookie: {error}"),
        _ => "That is not the token. <span lang=\"ja\">トークンが違います。</span>".into(),
    }
}

fn login_page(error: &str, logout: &str) -> impl IntoResponse {
    let page = PAGE.replace(ERROR_PLACEHOLDER, error);
    let page = page.replace(LOGOUT_PLACEHOLDER, logout);
    ([(CACHE_CONTROL, "no-store")], Html(page))
}
