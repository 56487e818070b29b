//! Security headers of every response: Content-Security-Policy and cross-origin isolation.

use axum::http::HeaderValue;
use axum::http::header::{
    CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::response::Response;

/// Content-Security-Policy: the page's own scripts, styles and images, and WebSockets to any
/// host that the user enters. `wasm-unsafe-eval` allows only compiling WebAssembly. Inline
/// scripts and styles of the page and the login are allowed by hash, computed in build.rs.
const POLICY: &str = concat!(
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'",
    env!("PAGE_SCRIPTS"),
    "; style-src 'self'",
    env!("PAGE_STYLES"),
    "; img-src 'self'; connect-src 'self' ws: wss:; base-uri 'none'; form-action 'self'; \
     frame-ancestors 'none'"
);

/// Cross-origin isolation: gives `performance.now()` its 5 µs resolution, to time round trips.
const ISOLATION: [(&str, &str); 3] = [
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-embedder-policy", "require-corp"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// Adds the security headers to `response`.
pub(crate) async fn add(mut response: Response) -> Response {
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
