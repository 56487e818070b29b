//! The gateway as a whole: what it binds, how it runs, and in which order it stops.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{Instrument, info, info_span, warn};

use crate::bridge::Bridge;
use crate::echo::Echo;
use crate::http;
use crate::info::{Info, UpstreamInfo};
use crate::listener::{BindError, Listener};
use crate::{Config, Endpoint};

/// A gateway whose addresses are bound. Clients that connect wait until it
/// [runs](Server::run).
#[derive(Debug)]
pub struct Server {
    config: Config,
    tcp: Option<(Listener, SocketAddr)>,
    http: (Listener, SocketAddr),
    upstream: Endpoint,
}

impl Server {
    /// Binds the addresses that `config` names.
    ///
    /// # Errors
    /// [`BindError`] names the address that cannot be had, and the option for it.
    pub async fn bind(config: Config) -> Result<Self, BindError> {
        let tcp = match &config.tcp {
            Some(endpoint) => Some(Listener::bind(endpoint, "--tcp").await?),
            None => None,
        };
        let http = Listener::bind(&config.http, "--http").await?;
        let upstream = match (&config.upstream, &tcp) {
            (Some(upstream), _) => upstream.clone(),
            (None, Some((_, addr))) => Endpoint::local(*addr),
            (None, None) => unreachable!("a checked Config has an upstream"),
        };
        Ok(Self {
            config,
            tcp,
            http,
            upstream,
        })
    }

    /// Where the echo service listens, if it is on.
    pub fn tcp_addr(&self) -> Option<SocketAddr> {
        self.tcp.as_ref().map(|(_, addr)| *addr)
    }

    /// Where the page and the bridge listen.
    pub fn http_addr(&self) -> SocketAddr {
        self.http.1
    }

    /// Where sessions are bridged to.
    pub fn upstream(&self) -> &Endpoint {
        &self.upstream
    }

    /// Serves until `stop`, then drains: accepts nothing new, answers what has arrived,
    /// and returns when all is closed or the drain timeout is over.
    pub async fn run(self, stop: CancellationToken) {
        let limits = self.config.limits.clone();
        let (sessions, echoes) = (TaskTracker::new(), TaskTracker::new());
        // Of its own: sessions may be talking to the echo service, and end first.
        let stop_echo = CancellationToken::new();
        let router = http::router(self.info(), self.bridge(&sessions, &stop));
        let echo = Echo::new(&self.config);

        let serve_http = {
            let (limits, stop) = (limits.clone(), stop.clone());
            self.http
                .0
                .serve(&sessions, stop.clone(), move |stream, peer| {
                    http::serve(router.clone(), stream, peer, limits.clone(), stop.clone())
                })
        };
        let serve_tcp = async {
            let Some((listener, _)) = self.tcp else {
                return;
            };
            let serve = |stream, peer| {
                let span = info_span!("echo", %peer);
                echo.clone()
                    .serve(stream, stop_echo.clone())
                    .instrument(span)
            };
            listener.serve(&echoes, stop.clone(), serve).await;
        };
        tokio::join!(serve_http, serve_tcp);

        info!(
            "stopping: {} connections to drain",
            sessions.len() + echoes.len()
        );
        let drained = timeout(limits.drain_timeout, async {
            drain(&sessions).await;
            stop_echo.cancel();
            drain(&echoes).await;
        });
        if drained.await.is_err() {
            warn!("cut {} connections off", sessions.len() + echoes.len());
        }
    }

    fn info(&self) -> Info {
        let Config {
            framing, limits, ..
        } = &self.config;
        let name = match &self.config.upstream {
            Some(upstream) => upstream.to_string(),
            None => "echo".into(),
        };
        Info {
            version: env!("CARGO_PKG_VERSION"),
            tcp: self
                .tcp_addr()
                .map(|addr| Endpoint::local(addr).to_string()),
            upstreams: vec![UpstreamInfo {
                name,
                path: "ws",
                framing: framing.name(),
                max_frame: limits.max_frame,
            }],
        }
    }

    fn bridge(&self, tasks: &TaskTracker, stop: &CancellationToken) -> Bridge {
        Bridge {
            upstream: Arc::new(self.upstream.clone()),
            framing: self.config.framing,
            limits: self.config.limits.clone(),
            tasks: tasks.clone(),
            stop: stop.clone(),
        }
    }
}

async fn drain(tasks: &TaskTracker) {
    tasks.close();
    tasks.wait().await;
}
