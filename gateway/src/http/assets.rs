//! The console page, as the build took it in: see build.rs.

use axum::Router;
use memory_serve::CacheControl;

/// The page and its assets. Their names hold a hash of their contents, so a browser may
/// keep them for ever; the page itself names them, and is asked for each time.
pub(crate) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    memory_serve::load!()
        .html_cache_control(CacheControl::NoCache)
        .cache_control(CacheControl::Long)
        .into_router()
}
