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
use crate::bridge::opening::Bridge;
use crate::config::Config;
use crate::echo;
use crate::echo::own_connections::OwnConnections;
use crate::echo::service::EchoService;
use crate::http::info::Info;
use crate::http::routes::routers;
use crate::http::serve::Http;
use crate::http::tls::{Tls, TlsError};
use crate::listener::socket_activation::{InheritedSockets, SocketActivationError};
use crate::listener::{BindError, Listener};
use crate::metrics::Metrics;
use crate::observe::Observers;
use crate::observe::live_feed::LiveFeed;
use crate::observe::recorder::Recorder;
use crate::observe::recording_file::RecordError;
use crate::runtime::workers::Workers;
use crate::shared::Shared;
use crate::upstream::address::UpstreamAddress;
use crate::upstream::connect::UpstreamSetupError;
use crate::upstream::registry::UpstreamRegistry;

/// A gateway whose addresses are bound. Clients that connect wait until it
/// [runs](Server::run).
#[derive(Debug)]
pub struct Server {
    config: Config,
    tcp: Option<Listener>,
    http: Listener,
    admin: Option<Listener>,
    upstreams: UpstreamRegistry,
    tls: Option<Tls>,
    token: Option<Token>,
    login_code: Option<String>,
    metrics: Metrics,
    observers: Observers,
}

/// The reason why a gateway cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// An address cannot be bound.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// A service manager passed sockets that cannot be served.
    #[error(transparent)]
    Inherited(#[from] SocketActivationError),
    /// An upstream could never be reached.
    #[error(transparent)]
    Upstream(#[from] UpstreamSetupError),
    /// The token cannot be read, or no login link made.
    #[error("--token-file: {0}")]
    Token(#[from] TokenError),
    /// The certificate cannot be used.
    #[error("TLS: {0}")]
    Tls(#[from] TlsError),
    /// The recording cannot be written.
    #[error(transparent)]
    Record(#[from] RecordError),
}

impl StartError {
    /// The exit status: 2 if an option names a file that is of no use, otherwise 1.
    pub fn status(&self) -> u8 {
        match self {
            Self::Token(_) | Self::Tls(_) => 2,
            _ => 1,
        }
    }
}

impl Server {
    /// Binds the addresses that `config` names.
    ///
    /// # Errors
    /// [`StartError`] says what failed, and what to change.
    pub async fn bind(config: Config) -> Result<Self, StartError> {
        Self::with_sockets(config, InheritedSockets::default()).await
    }

    /// Serves the inherited `sockets`, and binds the other addresses that `config` names.
    ///
    /// # Errors
    /// As [`Server::bind`]; also if one of `sockets` is of no use.
    pub async fn with_sockets(
        config: Config,
        mut sockets: InheritedSockets,
    ) -> Result<Self, StartError> {
        let token = config.token_file.as_deref().map(Token::read).transpose()?;
        let tls = config.tls.as_ref().map(Tls::new).transpose()?;
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
        let upstreams = UpstreamRegistry::new(&config, tcp.as_ref().map(Listener::addr))?;
        let metrics = Metrics::new();
        let start = |recording| Recorder::start(recording, metrics.clone());
        let observers = Observers {
            recorder: config.recording.as_ref().map(start).transpose()?,
            live_feed: config.monitor.then(LiveFeed::new),
        };
        Ok(Self {
            login_code: token.as_ref().map(Token::new_code).transpose()?,
            config,
            tcp,
            http,
            admin,
            upstreams,
            tls,
            token,
            metrics,
            observers,
        })
    }

    /// The recorder, if sessions are recorded.
    pub fn recorder(&self) -> Option<&Recorder> {
        self.observers.recorder.as_ref()
    }

    /// The certificate in force, if TLS is on.
    pub fn tls(&self) -> Option<&Tls> {
        self.tls.as_ref()
    }

    /// The address of the echo service, if it is on.
    pub fn tcp_addr(&self) -> Option<SocketAddr> {
        self.tcp.as_ref().map(Listener::addr)
    }

    /// The echo service as a target for clients on this machine, with its framing.
    pub fn echo_url(&self) -> Option<String> {
        let address = UpstreamAddress::Tcp(Endpoint::local(self.tcp_addr()?));
        Some(format!(
            "tcp://{}",
            address.to_option(self.config.framing, false)
        ))
    }

    /// The address of the page and the bridge.
    pub fn http_addr(&self) -> SocketAddr {
        self.http.addr()
    }

    /// The address of the admin listener, if there is one.
    pub fn admin_addr(&self) -> Option<SocketAddr> {
        self.admin.as_ref().map(Listener::addr)
    }

    /// The paths of the bridge, relative to the listener's root, each with its upstream.
    pub fn bridges(&self) -> impl Iterator<Item = (String, String)> {
        let paths = self.upstreams.with_paths();
        paths.map(|(path, upstream)| (path, upstream.to_option()))
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

    /// Like [`run`](Self::run), with `workers` to serve the connections.
    pub async fn run_with(self, workers: &Workers, stop: CancellationToken) {
        let (metrics, observers) = (self.metrics.clone(), self.observers.clone());
        let shared = Arc::new(Shared::new(&self.config, metrics, observers, stop.clone()));
        let own_connections = OwnConnections::new(shared.admission.clone());
        let (sessions, echoes) = (TaskTracker::new(), TaskTracker::new());
        // Sessions may be talking to the echo service, and end first.
        let stop_echo = CancellationToken::new();
        let echo = Arc::new(EchoService::new(
            &self.config,
            shared.clone(),
            own_connections.clone(),
            stop_echo.clone(),
        ));
        let bridge = Bridge {
            shared: shared.clone(),
            upstreams: self.upstreams.clone(),
            own_connections,
            tasks: sessions.clone(),
        };
        let login = self.token.clone();
        let login = login.map(|token| Login::new(token, self.metrics.clone()));
        let info = Info::new(&self.config, self.tcp_addr(), &self.upstreams);
        let routers = routers(bridge, info, login, self.admin.is_some());
        let http = Arc::new(Http::new(routers.http, self.tls, shared.clone()));

        let serve_http = self.http.serve(workers, &sessions, &stop, |stream, peer| {
            http.clone().serve(stream, peer)
        });
        let serve_tcp = async {
            if let Some(listener) = self.tcp {
                let serve = |stream, peer| echo::serve(echo.clone(), stream, peer);
                listener.serve(workers, &echoes, &stop, serve).await;
            }
        };
        let serve = async {
            tokio::join!(serve_http, serve_tcp);
            let open = || sessions.len() + echoes.len();
            info!("stopping: {} connections to drain", open());
            let drained = timeout_opt(shared.limits.drain_timeout, async {
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
            () = serve_admin(self.admin, routers.admin, &shared) => {}
        }
        if let Some(recorder) = self.observers.recorder {
            recorder.finish().await;
        }
    }
}

/// Returns the inherited socket for the option called `flag`, or else binds `endpoint`.
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

/// Serves the admin listener for ever, through the drain too.
async fn serve_admin(listener: Option<Listener>, router: Router, shared: &Shared) {
    let Some(listener) = listener else {
        return std::future::pending().await;
    };
    let shared = Arc::new(shared.for_admin());
    let stop = shared.stop.clone();
    let http = Arc::new(Http::new(router, None, shared));
    let serve = |stream, peer| http.clone().serve(stream, peer);
    let (here, tasks) = (Workers::default(), TaskTracker::new());
    listener.serve(&here, &tasks, &stop, serve).await;
}

async fn drain(tasks: &TaskTracker) {
    tasks.close();
    tasks.wait().await;
}
