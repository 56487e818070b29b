//! `GET /api/info`: what the page has to know of the gateway.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use net::endpoint::Endpoint;
use serde::Serialize;

use crate::config::Config;
use crate::upstream::registry::UpstreamRegistry;

/// The answer's body.
#[derive(Debug, Serialize)]
pub(crate) struct Info {
    pub(crate) version: &'static str,
    /// Where TCP clients reach the echo service, if it is on.
    pub(crate) tcp: Option<String>,
    /// How that tells messages apart.
    pub(crate) tcp_framing: &'static str,
    pub(crate) upstreams: Vec<UpstreamInfo>,
    /// Whether clients have to show a token.
    pub(crate) token: bool,
    /// Whether clients can be watched.
    pub(crate) monitor: bool,
}

/// One upstream that the page can choose.
#[derive(Debug, Serialize)]
pub(crate) struct UpstreamInfo {
    pub(crate) name: String,
    /// Where its bridge is, relative to the page.
    pub(crate) path: String,
    pub(crate) framing: &'static str,
    /// The longest payload that it takes, in bytes.
    pub(crate) max_frame: usize,
}

impl Info {
    pub(crate) fn new(
        config: &Config,
        tcp: Option<SocketAddr>,
        upstreams: &UpstreamRegistry,
    ) -> Self {
        let upstreams = upstreams.with_paths().map(|(path, upstream)| UpstreamInfo {
            name: upstream.name.clone(),
            path,
            framing: upstream.framing.name(),
            max_frame: upstream.max_frame,
        });
        Self {
            version: env!("FRAMEGATE_VERSION"),
            tcp: tcp.map(|addr| Endpoint::local(addr).to_string()),
            tcp_framing: config.framing.name(),
            upstreams: upstreams.collect(),
            token: config.token_file.is_some(),
            monitor: config.monitor,
        }
    }
}

pub(crate) async fn show(State(info): State<Arc<Info>>) -> Response {
    ([(CACHE_CONTROL, "no-cache")], Json(&*info)).into_response()
}
