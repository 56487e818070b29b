//! Static assets, embedded by build.rs: the console page, and the client library for other pages.

use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::ACCESS_CONTROL_ALLOW_ORIGIN;
use axum::middleware::map_response;
use axum::response::Response;
use memory_serve::CacheControl;

/// Routes of the page and its assets. Asset names contain a hash of their contents, so that
/// browsers cache them forever; the page, which names them, is revalidated each time.
pub(crate) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    memory_serve::load!("page")
        .html_cache_control(CacheControl::NoCache)
        .cache_control(CacheControl::Long)
        .into_router()
}

/// Route `/client.js`: the client library. Pages of any origin may import it, without the token:
/// it is public, and access is checked when it opens a WebSocket.
pub(crate) fn client_router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    memory_serve::load!("client")
        .index_file(None)
        .cache_control(CacheControl::NoCache)
        .into_router()
        .layer(map_response(allow_any_origin))
}

async fn allow_any_origin(mut response: Response) -> Response {
    let any = HeaderValue::from_static("*");
    response
        .headers_mut()
        .insert(ACCESS_CONTROL_ALLOW_ORIGIN, any);
    response
}
