//! Where a token is asked for: what needs it, and how a browser comes by its cookie.

use axum::extract::{Extension, Form, Query, Request, State};
use axum::http::header::{CACHE_CONTROL, LOCATION, SET_COOKIE, WWW_AUTHENTICATE};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use serde::Deserialize;
use tracing::field::display;
use tracing::warn;

use crate::access::forwarded::RequestInfo;
use crate::access::token::Token;
use crate::metrics::{Metrics, RefusalReason};

/// The page with the form, and in it the place for what was wrong.
const PAGE: &str = include_str!("../../page/login.html");
const PLACE: &str = "<!-- error -->";

/// What a login works with.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    token: Token,
    metrics: Metrics,
}

/// What the link holds.
#[derive(Deserialize)]
struct Link {
    code: Option<String>,
}

/// What the form sends.
#[derive(Deserialize)]
struct Entry {
    token: String,
}

/// Lets a request through that shows the token. A browser that opens the page is led to
/// the login, anything else told what is missing.
pub(crate) async fn require(State(login): State<Login>, request: Request, next: Next) -> Response {
    if login.token.is_shown_in(request.headers()) {
        return next.run(request).await;
    }
    if request.method() == Method::GET && request.uri().path() == "/" {
        return (StatusCode::SEE_OTHER, [(LOCATION, "login")]).into_response();
    }
    login.metrics.refused(RefusalReason::Token);
    (
        StatusCode::UNAUTHORIZED,
        [(WWW_AUTHENTICATE, "Bearer realm=\"framegate\"")],
        "this gateway asks for a token: send Authorization: Bearer TOKEN, or log in at /login\n",
    )
        .into_response()
}

/// `GET /login`, with a link's code or without, and `POST /login`, with the token.
pub(crate) fn route(login: Login) -> MethodRouter {
    get(follow_link).post(log_in).with_state(login)
}

async fn follow_link(
    State(login): State<Login>,
    Extension(request_info): Extension<RequestInfo>,
    Query(link): Query<Link>,
) -> Response {
    match link.code {
        Some(code) if login.token.redeem(&code) => login.welcome(&request_info),
        Some(_) => login.refuse(
            &request_info,
            "This link has been used, or is of an earlier start. \
             <span lang=\"ja\">このリンクはもう使えません。</span>",
        ),
        None => form(StatusCode::OK, ""),
    }
}

async fn log_in(
    State(login): State<Login>,
    Extension(request_info): Extension<RequestInfo>,
    Form(entry): Form<Entry>,
) -> Response {
    match login.token.is(entry.token.trim()) {
        true => login.welcome(&request_info),
        false => login.refuse(
            &request_info,
            "That is not the token. <span lang=\"ja\">トークンが違います。</span>",
        ),
    }
}

impl Login {
    pub(crate) fn new(token: Token, metrics: Metrics) -> Self {
        Self { token, metrics }
    }

    fn welcome(&self, request_info: &RequestInfo) -> Response {
        let cookie = self.token.cookie(request_info.https).to_string();
        let headers = [
            (SET_COOKIE, cookie.as_str()),
            (LOCATION, "./"),
            (CACHE_CONTROL, "no-store"),
        ];
        (StatusCode::SEE_OTHER, headers).into_response()
    }

    fn refuse(&self, request_info: &RequestInfo, why: &str) -> Response {
        self.metrics.refused(RefusalReason::Token);
        let client = request_info.forwarded_client().map(display);
        warn!(peer = %request_info.connection.peer.addr, client, "refused a login");
        form(
            StatusCode::FORBIDDEN,
            &format!("<p role=\"alert\">{why}</p>"),
        )
    }
}

fn form(status: StatusCode, error: &str) -> Response {
    let page = Html(PAGE.replace(PLACE, error));
    (status, [(CACHE_CONTROL, "no-store")], page).into_response()
}
