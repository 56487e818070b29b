//! `GET /api/info`: version, upstreams and enabled features, for the page.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use net::listen_address::LocalAddr;
use protocol::Framings;
use protocol::resumable::SUBPROTOCOL;
use recording::framing_notation;
use serde::Serialize;

use crate::config::Config;
use crate::upstream::registry::UpstreamRegistry;

/// Body of the response.
#[derive(Debug, Serialize)]
pub(crate) struct Info {
    pub(crate) version: &'static str,
    /// First TCP address of the echo service's listener, if it has one.
    pub(crate) tcp: Option<String>,
    /// All addresses of that listener; Unix sockets as `unix:PATH`.
    pub(crate) tcp_addresses: Vec<String>,
    /// Framing of that listener.
    pub(crate) tcp_framing: String,
    pub(crate) upstreams: Vec<UpstreamInfo>,
    /// True if clients need a token.
    pub(crate) token: bool,
    /// True if the live feed is on.
    pub(crate) monitor: bool,
    /// Resumable sessions; `None` if they are disabled.
    pub(crate) resume: Option<ResumeInfo>,
}

/// Resumable sessions, which clients get by offering their subprotocol.
#[derive(Debug, Serialize)]
pub(crate) struct ResumeInfo {
    pub(crate) subprotocol: &'static str,
    /// Time that a session waits for its client, in seconds.
    pub(crate) timeout_seconds: f64,
}

/// Upstream that the page can choose.
#[derive(Debug, Serialize)]
pub(crate) struct UpstreamInfo {
    pub(crate) name: String,
    /// Path of its WebSocket, relative to the page.
    pub(crate) path: String,
    /// Its framings, with the fields that they have in a recording.
    #[serde(flatten, with = "framing_notation")]
    pub(crate) framings: Arc<Framings>,
    /// Subprotocols that are confirmed to clients.
    pub(crate) subprotocols: Vec<String>,
    /// True if others are confirmed as well.
    pub(crate) any_subprotocol: bool,
    /// Maximum payload that it accepts, in bytes.
    pub(crate) max_frame: usize,
}

impl Info {
    pub(crate) fn new(config: &Config, tcp: &[LocalAddr], upstreams: &UpstreamRegistry) -> Self {
        let upstreams = upstreams.with_paths().map(|(path, upstream)| UpstreamInfo {
            name: upstream.name.clone(),
            path,
            framings: Arc::clone(&upstream.framings),
            subprotocols: upstream.subprotocols.names().map(Into::into).collect(),
            any_subprotocol: upstream.subprotocols.confirm_any(upstream.framings.framing),
            max_frame: upstream.max_frame,
        });
        let first = tcp.iter().find(|addr| matches!(addr, LocalAddr::Ip(_)));
        Self {
            version: env!("FRAMEGATE_VERSION"),
            tcp: first.map(LocalAddr::to_string),
            tcp_addresses: tcp.iter().map(LocalAddr::to_string).collect(),
            tcp_framing: config.framing.to_string(),
            upstreams: upstreams.collect(),
            token: config.token_file.is_some(),
            monitor: config.monitor,
            resume: config.resume.timeout.map(|timeout| ResumeInfo {
                subprotocol: SUBPROTOCOL,
                timeout_seconds: timeout.as_secs_f64(),
            }),
        }
    }
}

/// Answers with the info as JSON.
pub(crate) async fn handle(State(info): State<Arc<Info>>) -> Response {
    ([(CACHE_CONTROL, "no-cache")], Json(&*info)).into_response()
}
