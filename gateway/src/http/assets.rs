//! Static assets: the console page, embedded by build.rs.

use axum::Router;
use memory_serve::CacheControl;

/// Routes of the page and its assets. Asset names contain a hash of their contents, so that
/// browsers cache them forever; the page, which names them, is revalidated each time.
pub(crate) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    memory_serve::load!()
        .html_cache_control(CacheControl::NoCache)
        .cache_control(CacheControl::Long)
        .into_router()
}
