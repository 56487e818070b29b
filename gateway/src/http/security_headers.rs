//! What every answer tells the browser to be careful with.

use axum::http::HeaderValue;
use axum::http::header::{
    CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::response::Response;

/// The page's own scripts, styles and images, and WebSockets to wherever the person says.
/// `wasm-unsafe-eval` compiles WebAssembly and nothing else; what stands in the page
/// itself, or in the login, is named by its hash, which build.rs takes.
const POLICY: &str = concat!(
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'",
    env!("PAGE_SCRIPTS"),
    "; style-src 'self'",
    env!("PAGE_STYLES"),
    "; img-src 'self'; connect-src 'self' ws: wss:; base-uri 'none'; form-action 'self'; \
     frame-ancestors 'none'"
);

/// Two clocks of a page that shares its process with no other are exact enough to time a
/// round trip: these make it such a page.
const ISOLATION: [(&str, &str); 3] = [
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-embedder-policy", "require-corp"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// Adds them to `response`.
pub(crate) async fn secure(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let constant = [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
    ];
    let isolation = ISOLATION.map(|(name, value)| (HeaderName::from_static(name), value));
    for (name, value) in constant.into_iter().chain(isolation) {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
