//! The gateway as a whole: what it binds, how it runs, and in which order it stops.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use net::endpoint::Endpoint;
use net::timer::timeout_opt;
use thiserror::Error;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use crate::access::login::Login;
use crate::access::token::{Token, TokenError};
use crate::bridge::Bridge;
use crate::config::{Config, Limits};
use crate::echo::Echo;
use crate::http::info::{Info, UpstreamInfo};
use crate::http::routes;
use crate::http::serve::Http;
use crate::listener::admission::Admission;
use crate::listener::proxy_protocol::ProxyPolicy;
use crate::listener::socket_activation::{InheritedSockets, SocketActivationError};
use crate::listener::{BindError, Listener};
use crate::metrics::Metrics;
use crate::observe::Observers;
use crate::observe::live_feed::LiveFeed;
use crate::observe::recorder::Recorder;
use crate::observe::recording_file::RecordError;
use crate::runtime::workers::Workers;
use crate::upstream::address::UpstreamAddress;
use crate::upstream::connect::UpstreamSetupError;
use crate::upstream::registry::UpstreamRegistry;

/// How many connections the admin listener takes: monitoring has a few.
const ADMIN_CONNECTIONS: usize = 100;

/// A gateway whose addresses are bound. Clients that connect wait until it
/// [runs](Server::run).
#[derive(Debug)]
pub struct Server {
    config: Config,
    tcp: Option<Listener>,
    http: Listener,
    admin: Option<Listener>,
    targets: UpstreamRegistry,
    login_code: Option<String>,
    metrics: Metrics,
    observers: Observers,
}

/// Why a gateway cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// An address cannot be had.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// A service manager passed sockets that cannot be served.
    #[error(transparent)]
    InheritedSockets(#[from] SocketActivationError),
    /// An upstream could never be reached.
    #[error(transparent)]
    Upstream(#[from] UpstreamSetupError),
    /// No code for the login's link.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// There is nothing to record to.
    #[error(transparent)]
    Record(#[from] RecordError),
}

impl Server {
    /// Binds the addresses that `config` names.
    ///
    /// # Errors
    /// [`StartError`] says what cannot be had, and what to change.
    pub async fn bind(config: Config) -> Result<Self, StartError> {
        Self::with_sockets(config, InheritedSockets::default()).await
    }

    /// Takes the sockets that are there already, and binds what `config` names besides.
    ///
    /// # Errors
    /// As [`Server::bind`]; also if one of `sockets` is of no use.
    pub async fn with_sockets(
        config: Config,
        mut sockets: InheritedSockets,
    ) -> Result<Self, StartError> {
        let tcp = match &config.tcp {
            Some(endpoint) => Some(listen(endpoint, "--tcp", &mut sockets).await?),
            None => None,
        };
        let admin = match &config.admin {
            Some(endpoint) => Some(listen(endpoint, "--admin", &mut sockets).await?),
            None => None,
        };
        let http = listen(&config.http, "--http", &mut sockets).await?;
        sockets.all_taken()?;
        let targets = UpstreamRegistry::new(&config, tcp.as_ref().map(Listener::addr))?;
        let login_code = config.token.as_ref().map(Token::new_code);
        let metrics = Metrics::new();
        let start = |recording| Recorder::start(recording, metrics.clone());
        let observers = Observers {
            recorder: config.recording.as_ref().map(start).transpose()?,
            monitor: config.monitor.then(LiveFeed::new),
        };
        Ok(Self {
            login_code: login_code.transpose()?,
            config,
            tcp,
            http,
            admin,
            targets,
            metrics,
            observers,
        })
    }

    /// What records, if that is asked for.
    pub fn recorder(&self) -> Option<&Recorder> {
        self.observers.recorder.as_ref()
    }

    /// Where the echo service listens, if it is on.
    pub fn tcp_addr(&self) -> Option<SocketAddr> {
        self.tcp.as_ref().map(Listener::addr)
    }

    /// How the echo service is reached from this machine, and spoken to, if it is on.
    pub fn echo_url(&self) -> Option<String> {
        let address = UpstreamAddress::Tcp(Endpoint::local(self.tcp_addr()?));
        Some(format!(
            "tcp://{}",
            address.to_option(self.config.framing, false)
        ))
    }

    /// Where the page and the bridge listen.
    pub fn http_addr(&self) -> SocketAddr {
        self.http.addr()
    }

    /// Where monitoring is served, if apart.
    pub fn admin_addr(&self) -> Option<SocketAddr> {
        self.admin.as_ref().map(Listener::addr)
    }

    /// The bridges' paths, relative to the listener's root, and where each leads.
    pub fn bridges(&self) -> impl Iterator<Item = (String, String)> {
        let paths = self.targets.with_paths();
        paths.map(|(path, target)| (path, target.to_option()))
    }

    /// The page's path and query, relative to the listener's root; with a token, a link
    /// that logs in once.
    pub fn page_path(&self) -> String {
        match &self.login_code {
            Some(code) => format!("login?code={code}"),
            None => String::new(),
        }
    }

    /// Serves until `stop`, then drains: accepts nothing new, answers what has arrived,
    /// and returns when all is closed or the drain timeout is over.
    pub async fn run(self, stop: CancellationToken) {
        self.run_with(&Workers::default(), stop).await;
    }

    /// The same, with `workers` to serve the connections.
    pub async fn run_with(self, workers: &Workers, stop: CancellationToken) {
        let metrics = self.metrics.clone();
        let recorder = self.observers.recorder.clone();
        let limits = Arc::new(self.config.limits.clone());
        let admission = Admission::new(&limits, metrics.clone());
        let (sessions, echoes) = (TaskTracker::new(), TaskTracker::new());
        // Of its own: sessions may be talking to the echo service, and end first.
        let stop_echo = CancellationToken::new();
        let echo = Arc::new(Echo::new(
            &self.config,
            &admission,
            &metrics,
            &self.observers,
            &stop_echo,
        ));
        let bridge = self.bridge(&limits, &admission, &metrics, &sessions, &stop);
        let (router, admin_router) = self.routers(bridge);
        let tls = self.config.tls.clone();
        let proxies = ProxyPolicy::of(&self.config);
        let http = Http::new(router, tls, proxies, &admission, &metrics, &limits, &stop);
        let http = Arc::new(http);

        let serve_http = self.http.serve(workers, &sessions, &stop, |stream, peer| {
            http.clone().serve(stream, peer)
        });
        let serve_tcp = async {
            if let Some(listener) = self.tcp {
                let serve = |stream, peer| echo.clone().admit(stream, peer);
                listener.serve(workers, &echoes, &stop, serve).await;
            }
        };
        let serve = async {
            tokio::join!(serve_http, serve_tcp);
            let open = || sessions.len() + echoes.len();
            info!("stopping: {} connections to drain", open());
            let drained = timeout_opt(limits.drain_timeout, async {
                drain(&sessions).await;
                stop_echo.cancel();
                drain(&echoes).await;
            });
            if drained.await.is_none() {
                warn!("cut {} connections off", open());
            }
        };
        tokio::select! {
            () = serve => {}
            () = monitor(self.admin, admin_router, &limits, &metrics) => {}
        }
        if let Some(recorder) = recorder {
            recorder.finish().await;
        }
    }

    /// The routes of the HTTP listener and, if there is one, of the admin listener.
    fn routers(&self, bridge: Bridge) -> (Router, Router) {
        let Bridge {
            access,
            metrics,
            stop,
            ..
        } = bridge.clone();
        let token = self.config.token.clone();
        let login = token.map(|token| Login::new(token, metrics.clone()));
        let listener = |routes, not_found| {
            routes::listener(routes, not_found, access.clone(), metrics.clone())
        };
        let service = routes::service(self.info(), bridge);
        let (monitoring, health) = (routes::metrics(metrics.clone()), routes::health(stop));
        let service_only = "not found: the page is at /, the bridge at /ws\n";
        let admin_only = "not found: there are /healthz, /readyz and /metrics\n";
        match &self.admin {
            Some(_) => (
                listener(routes::behind(login, service), service_only),
                listener(health.merge(monitoring), admin_only),
            ),
            None => {
                let inside = routes::behind(login, service.merge(monitoring));
                (listener(inside.merge(health), service_only), Router::new())
            }
        }
    }

    fn info(&self) -> Info {
        let upstreams = self.targets.with_paths();
        let upstreams = upstreams.map(|(path, target)| UpstreamInfo {
            name: target.name.clone(),
            path,
            framing: target.framing.name(),
            max_frame: target.max_frame,
        });
        Info {
            version: env!("FRAMEGATE_VERSION"),
            tcp: self
                .tcp_addr()
                .map(|addr| Endpoint::local(addr).to_string()),
            tcp_framing: self.config.framing.name(),
            upstreams: upstreams.collect(),
            token: self.config.token.is_some(),
            monitor: self.config.monitor,
        }
    }

    fn bridge(
        &self,
        limits: &Arc<Limits>,
        admission: &Admission,
        metrics: &Metrics,
        tasks: &TaskTracker,
        stop: &CancellationToken,
    ) -> Bridge {
        Bridge {
            targets: self.targets.clone(),
            admission: admission.clone(),
            metrics: metrics.clone(),
            observers: self.observers.clone(),
            access: Arc::new(self.config.access.clone()),
            limits: limits.clone(),
            tasks: tasks.clone(),
            stop: stop.clone(),
        }
    }
}

/// The socket that is there for the option called `flag`, or else one bound to `endpoint`.
async fn listen(
    endpoint: &Endpoint,
    flag: &'static str,
    sockets: &mut InheritedSockets,
) -> Result<Listener, StartError> {
    match sockets.take(flag.trim_start_matches('-'))? {
        Some(listener) => Ok(listener),
        None => Ok(Listener::bind(endpoint, flag).await?),
    }
}

/// Serves the admin listener for ever: it is there to tell how a drain goes, too.
async fn monitor(
    listener: Option<Listener>,
    router: Router,
    limits: &Arc<Limits>,
    metrics: &Metrics,
) {
    let Some(listener) = listener else {
        return std::future::pending().await;
    };
    let few = Limits {
        max_connections: Some(ADMIN_CONNECTIONS),
        max_connections_per_ip: None,
        ..Limits::default()
    };
    let admission = Admission::new(&few, metrics.clone());
    let never = CancellationToken::new();
    let http = Http::new(router, None, None, &admission, metrics, limits, &never);
    let http = Arc::new(http);
    let serve = |stream, peer| http.clone().serve(stream, peer);
    let (here, tasks) = (Workers::default(), TaskTracker::new());
    listener.serve(&here, &tasks, &never, serve).await;
}

async fn drain(tasks: &TaskTracker) {
    tasks.close();
    tasks.wait().await;
}
