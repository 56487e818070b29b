//! The gateway as a whole: what it binds, how it runs, and in which order it stops.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{Instrument, debug, info, info_span, warn};

use crate::admission::Admission;
use crate::bridge::Bridge;
use crate::drain::within;
use crate::echo::Echo;
use crate::http;
use crate::info::{Info, UpstreamInfo};
use crate::listener::{BindError, Listener};
use crate::metrics::{Limit, Metrics};
use crate::{Config, Endpoint};

/// How many connections past the limit are told so at once. The others are closed without
/// a word: they may not cost what the limit is there to save.
const REFUSALS: usize = 100;

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
        let limits = Arc::new(self.config.limits.clone());
        let admission = Admission::new(&limits);
        let (sessions, echoes) = (TaskTracker::new(), TaskTracker::new());
        // Of its own: sessions may be talking to the echo service, and end first.
        let stop_echo = CancellationToken::new();
        let metrics = Metrics::new();
        let echo = Echo::new(&self.config, metrics.clone());
        let bridge = self.bridge(&admission, &metrics, &sessions, &stop);
        let router = http::router(self.info(), bridge);
        let admit = |peer: SocketAddr| {
            let permit = admission.admit(peer.ip());
            permit.inspect_err(|_| metrics.refused(Limit::Connections))
        };
        let refusals = Arc::new(Semaphore::new(REFUSALS));

        let serve_http = self.http.0.serve(&sessions, &stop, |stream, peer| {
            let client = http::Client { stream, peer };
            let (limits, stop) = (limits.clone(), stop.clone());
            let (router, refusals) = (router.clone(), refusals.clone());
            let permit = admit(peer);
            async move {
                match permit {
                    Ok(permit) => client.serve(router, Arc::new(permit), &limits, stop).await,
                    Err(full) => {
                        if let Ok(_place) = refusals.try_acquire() {
                            client.refuse(full, &limits).await;
                        }
                    }
                }
            }
        });
        let serve_tcp = async {
            let Some((listener, _)) = self.tcp else {
                return;
            };
            let serve = |stream, peer: SocketAddr| {
                let (echo, stop) = (echo.clone(), stop_echo.clone());
                let permit = admit(peer);
                async move {
                    match permit {
                        Ok(_permit) => echo.serve(stream, stop).await,
                        Err(full) => debug!("refused: {full}"),
                    }
                }
                .instrument(info_span!("echo", %peer))
            };
            listener.serve(&echoes, &stop, serve).await;
        };
        tokio::join!(serve_http, serve_tcp);

        let open = || sessions.len() + echoes.len();
        info!("stopping: {} connections to drain", open());
        let drained = within(limits.drain_timeout, async {
            drain(&sessions).await;
            stop_echo.cancel();
            drain(&echoes).await;
        });
        if drained.await.is_none() {
            warn!("cut {} connections off", open());
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

    fn bridge(
        &self,
        admission: &Admission,
        metrics: &Metrics,
        tasks: &TaskTracker,
        stop: &CancellationToken,
    ) -> Bridge {
        let own_echo = match self.config.upstream {
            None => self.upstream.host.parse().ok(),
            Some(_) => None,
        };
        Bridge {
            own_echo,
            admission: admission.clone(),
            metrics: metrics.clone(),
            access: Arc::new(self.config.access.clone()),
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
