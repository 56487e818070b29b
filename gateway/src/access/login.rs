//! Login: requires the token on protected routes, and gives browsers a cookie that stands for it.

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

/// Login page; an error message replaces the placeholder.
const PAGE: &str = include_str!("../../page/login.html");
const ERROR_PLACEHOLDER: &str = "<!-- error -->";

/// Token and metrics of the login routes.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    token: Token,
    metrics: Metrics,
}

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
/// login; any other is refused with 401.
pub(crate) async fn require_token(
    State(login): State<Login>,
    request: Request,
    next: Next,
) -> Response {
    if login.token.authorizes(request.headers()) {
        return next.run(request).await;
    }
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if reads && request.uri().path() == "/" {
        return (StatusCode::SEE_OTHER, [(LOCATION, "login")]).into_response();
    }
    login.metrics.refused(RefusalReason::Token);
    (
        StatusCode::UNAUTHORIZED,
        [(WWW_AUTHENTICATE, "Bearer realm=\"framegate\"")],
        "a token is required: send Authorization: Bearer TOKEN, or log in at /login; \
         a page of another site offers the subprotocol framegate.token.BASE64URL\n",
    )
        .into_response()
}

/// Routes `GET /login`, with or without a code, and `POST /login`, with the token.
pub(crate) fn route(login: Login) -> MethodRouter {
    get(follow_link).post(log_in).with_state(login)
}

async fn follow_link(
    State(login): State<Login>,
    Extension(request_info): Extension<RequestInfo>,
    Query(query): Query<LoginQuery>,
) -> Response {
    match query.code {
        Some(code) if login.token.redeem(&code) => login.grant(&request_info),
        Some(_) => login.refuse(
            &request_info,
            "This link has been used, or is from before a restart. \
             <span lang=\"ja\">このリンクはもう使えません。</span>",
        ),
        None => login_page(StatusCode::OK, ""),
    }
}

async fn log_in(
    State(login): State<Login>,
    Extension(request_info): Extension<RequestInfo>,
    Form(form): Form<LoginForm>,
) -> Response {
    match login.token.matches(form.token.trim()) {
        true => login.grant(&request_info),
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

    /// Redirects to the page, with the cookie.
    fn grant(&self, request_info: &RequestInfo) -> Response {
        let cookie = self.token.cookie(request_info.https).to_string();
        let headers = [
            (SET_COOKIE, cookie.as_str()),
            (LOCATION, "./"),
            (CACHE_CONTROL, "no-store"),
        ];
        (StatusCode::SEE_OTHER, headers).into_response()
    }

    /// Shows the form again, with `message` as HTML.
    fn refuse(&self, request_info: &RequestInfo, message: &str) -> Response {
        self.metrics.refused(RefusalReason::Token);
        let client = request_info.forwarded_client().map(display);
        warn!(peer = %request_info.connection.peer.addr, client, "refused a login");
        login_page(
            StatusCode::FORBIDDEN,
            &format!("<p role=\"alert\">{message}</p>"),
        )
    }
}

fn login_page(status: StatusCode, error: &str) -> Response {
    let page = Html(PAGE.replace(ERROR_PLACEHOLDER, error));
    (status, [(CACHE_CONTROL, "no-store")], page).into_response()
}
