//! The server: the listeners that it binds, and the order in which its parts stop.

use std::future::pending;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use net::listen_address::{ListenAddress, LocalAddr};
use net::stream::Stream;
use net::timer::timeout_opt;
use thiserror::Error;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use crate::access::login::Login;
use crate::access::token::{Token, TokenError};
use crate::bridge::opening::Bridge;
use crate::buffer::pool::free_unused_buffers;
use crate::config::Config;
use crate::echo;
use crate::echo::own_connections::OwnConnections;
use crate::echo::service::EchoService;
use crate::http::info::Info;
use crate::http::routes::routers;
use crate::http::serve::Http;
use crate::http::tls::{Tls, TlsError};
use crate::listener::addresses::{OneAddressError, check_addresses};
use crate::listener::socket_activation::{InheritedSockets, SocketActivationError};
use crate::listener::{BindError, Listener};
use crate::metrics::Metrics;
use crate::observe::Observers;
use crate::observe::live_feed::LiveFeed;
use crate::observe::recorder::Recorder;
use crate::observe::recording_file::RecordingError;
use crate::resume::registry::Registry;
use crate::runtime::unblock::unblock;
use crate::runtime::workers::Workers;
use crate::shared::Shared;
use crate::upstream::address::UpstreamAddress;
use crate::upstream::compression::Compression;
use crate::upstream::connect::UpstreamSetupError;
use crate::upstream::registry::UpstreamRegistry;
use crate::upstream::subprotocols::Subprotocols;

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
    login: Option<Login>,
    login_code: Option<String>,
    metrics: Metrics,
    observers: Observers,
    resumable: Option<Registry<Stream>>,
}

/// Contents of a configuration's files.
type Secrets = (Option<Token>, Option<Tls>, UpstreamRegistry);

/// The services behind the listeners.
struct Services {
    http: Arc<Http>,
    admin: Arc<Http>,
    echo: Arc<EchoService>,
}

/// The tasks that a drain waits for.
#[derive(Default)]
struct Tasks {
    /// HTTP connections, and sessions.
    http: TaskTracker,
    /// Connections of the echo service; those of sessions end with these.
    echo: TaskTracker,
}

/// The reason why a gateway cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// An address cannot be bound.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// Two listeners have one address.
    #[error(transparent)]
    OneAddress(#[from] OneAddressError),
    /// A socket of the service manager cannot be served.
    #[error(transparent)]
    Inherited(#[from] SocketActivationError),
    /// An upstream cannot be used.
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
    Record(#[from] RecordingError),
}

impl StartError {
    /// The exit status: 2 if the file or address that an option names cannot be used, otherwise 1.
    pub fn status(&self) -> u8 {
        match self {
            Self::OneAddress(_) | Self::Token(_) | Self::Tls(_) | Self::Upstream(_) => 2,
            _ => 1,
        }
    }
}

impl Server {
    /// Binds the addresses of `config`.
    ///
    /// # Errors
    /// [`StartError`] names the option to change.
    pub async fn bind(config: Config) -> Result<Self, StartError> {
        Self::with_sockets(config, InheritedSockets::default()).await
    }

    /// Takes over the inherited `sockets`, and binds the other addresses of `config`.
    ///
    /// # Errors
    /// As [`Server::bind`]; also if one of `sockets` is not needed.
    pub async fn with_sockets(
        config: Config,
        mut sockets: InheritedSockets,
    ) -> Result<Self, StartError> {
        let (token, tls, upstreams) = with_files(&config, read_secrets).await?;
        sockets.ensure_named(&listener_names(&config))?;
        if tls.is_some() {
            sockets.ensure_tcp("http")?;
        }
        check_own_addresses(&config, &sockets)?;
        // From here on, others notice: all that can be checked without has been.
        let tcp = listen_opt(&config.tcp, "--tcp", &mut sockets).await?;
        let admin = listen_opt(&config.admin, "--admin", &mut sockets).await?;
        let http = listen(&config.http, "--http", &mut sockets).await?;
        let upstreams = match addrs_of(tcp.as_ref()).first() {
            Some(addr) => upstreams.with_echo(&config, addr)?,
            None => upstreams,
        };
        let metrics = Metrics::with_certificate(tls.as_ref().map(Tls::expiry));
        let for_recorder = metrics.clone();
        let recorder = with_files(&config, |it| {
            let start = |recording| Recorder::start(recording, for_recorder);
            it.recording.as_ref().map(start).transpose()
        });
        let observers = Observers {
            recorder: recorder.await?,
            live_feed: config.monitor.then(LiveFeed::new),
        };
        let login = token.map(Login::new);
        let resumable = Registry::new(&config.resume, metrics.clone());
        Ok(Self {
            login_code: login.as_ref().map(Login::new_code).transpose()?,
            config,
            tcp,
            http,
            admin,
            upstreams,
            tls,
            login,
            resumable: resumable.map_err(TokenError::from)?,
            metrics,
            observers,
        })
    }

    /// The recorder, if sessions are recorded.
    pub fn recorder(&self) -> Option<&Recorder> {
        self.observers.recorder.as_ref()
    }

    /// The TLS certificate, if TLS is on.
    pub fn tls(&self) -> Option<&Tls> {
        self.tls.as_ref()
    }

    /// The addresses of the echo service; none if it is off.
    pub fn tcp_addrs(&self) -> &[LocalAddr] {
        addrs_of(self.tcp.as_ref())
    }

    /// The URLs of the echo service for clients on this machine, with its framing.
    pub fn echo_urls(&self) -> impl Iterator<Item = String> {
        self.tcp_addrs().iter().map(|addr| {
            let address = UpstreamAddress::of_listener(addr);
            let scheme = match addr {
                LocalAddr::Ip(_) => "tcp://",
                LocalAddr::Unix(_) => "",
            };
            let option = address.to_option(
                &self.config.framing.into(),
                false,
                &Subprotocols::default(),
                Compression::Off,
            );
            format!("{scheme}{option}")
        })
    }

    /// The addresses of the HTTP listener, page and bridge; at least one.
    pub fn http_addrs(&self) -> &[LocalAddr] {
        self.http.addrs()
    }

    /// The addresses of the admin listener; none if it is off.
    pub fn admin_addrs(&self) -> &[LocalAddr] {
        addrs_of(self.admin.as_ref())
    }

    /// The upstreams, whose files can be reloaded.
    pub fn upstreams(&self) -> &UpstreamRegistry {
        &self.upstreams
    }

    /// The paths of the bridge, relative to the HTTP listener's root, each with its upstream.
    pub fn bridges(&self) -> impl Iterator<Item = (String, String)> {
        let paths = self.upstreams.with_paths();
        paths.map(|(path, upstream)| (path, upstream.to_option()))
    }

    /// The page's path and query, relative to the HTTP listener's root; if a token is
    /// required, a link that logs in once, for 10 minutes.
    pub fn page_path(&self) -> String {
        match &self.login_code {
            Some(code) => format!("login?code={code}"),
            None => String::new(),
        }
    }

    /// The file with the token, if one is required.
    pub fn token_file(&self) -> Option<&Path> {
        self.config.token_file.as_deref()
    }

    /// Serves until `stop`, then drains: accepts nothing new, answers requests that have
    /// arrived, and returns when all connections are closed or the drain timeout is over.
    pub async fn run(self, stop: CancellationToken) {
        self.run_with(&Workers::default(), stop).await;
    }

    /// Like [`run`](Self::run), but serves the connections on `workers`.
    pub async fn run_with(self, workers: &Workers, stop: CancellationToken) {
        let (metrics, observers) = (self.metrics.clone(), self.observers.clone());
        let resumable = self.resumable.clone();
        let shared = Shared::new(&self.config, metrics, observers, resumable, stop.clone());
        let shared = Arc::new(shared);
        let tasks = Tasks::default();
        let Services { http, admin, echo } = self.services(shared.clone(), &tasks);

        let serve_http = self
            .http
            .serve(workers, &tasks.http, &stop, |stream, peer| {
                http.clone().serve(stream, peer)
            });
        let serve_echo = async {
            if let Some(listener) = self.tcp {
                let serve = |stream, peer| echo::serve(echo.clone(), stream, peer);
                listener.serve(workers, &tasks.echo, &stop, serve).await;
            }
        };
        let serve_and_drain = async {
            tokio::join!(serve_http, serve_echo);
            tasks.drain(shared.limits.drain_timeout).await;
        };
        tokio::select! {
            () = serve_and_drain => {}
            // Serves during the drain too.
            () = serve_admin(self.admin, admin) => {}
            () = free_unused_buffers() => {}
        }
        // After the sessions: each writes its end.
        if let Some(recorder) = self.observers.recorder {
            recorder.finish().await;
        }
    }

    fn services(&self, shared: Arc<Shared>, tasks: &Tasks) -> Services {
        let own_connections = OwnConnections::new(shared.admission.clone());
        let echo = EchoService::new(&self.config, shared.clone(), own_connections.clone());
        let bridge = Bridge {
            shared: shared.clone(),
            upstreams: self.upstreams.clone(),
            own_connections,
            tasks: tasks.http.clone(),
        };
        let info = Info::new(&self.config, self.tcp_addrs(), &self.upstreams);
        let routers = routers(bridge, info, self.login.clone(), self.admin.is_some());
        let for_admin = Arc::new(shared.for_admin());
        Services {
            http: Arc::new(Http::new(routers.http, self.tls.clone(), shared)),
            admin: Arc::new(Http::new(routers.admin, None, for_admin).with_eviction()),
            echo: Arc::new(echo),
        }
    }
}

impl Tasks {
    /// Waits for all connections, at most for `timeout`.
    async fn drain(&self, timeout: Option<Duration>) {
        info!("stopping: {} to drain", connections(self.open()));
        let drained = timeout_opt(timeout, async {
            tokio::join!(wait(&self.http), wait(&self.echo));
        });
        if drained.await.is_none() {
            warn!("drain timeout: cut {} off", connections(self.open()));
        }
    }

    fn open(&self) -> usize {
        self.http.len() + self.echo.len()
    }
}

fn connections(count: usize) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} connection{plural}")
}

async fn wait(tasks: &TaskTracker) {
    tasks.close();
    tasks.wait().await;
}

/// Returns the names of the listeners that are on: those of their options.
fn listener_names(config: &Config) -> Vec<&'static str> {
    let tcp = (!config.tcp.is_empty()).then_some("tcp");
    let admin = (!config.admin.is_empty()).then_some("admin");
    [Some("http"), tcp, admin].into_iter().flatten().collect()
}

fn addrs_of(listener: Option<&Listener>) -> &[LocalAddr] {
    listener.map(Listener::addrs).unwrap_or_default()
}

/// Calls `open`, which opens the files that `config` names, on a thread of its own: a file on a
/// disk that hangs leaves a start that can be stopped.
async fn with_files<T: Send + 'static>(
    config: &Config,
    open: impl FnOnce(&Config) -> T + Send + 'static,
) -> T {
    let config = config.clone();
    unblock(move || open(&config)).await
}

/// Reads the token, the certificate, and the files of the upstreams.
fn read_secrets(config: &Config) -> Result<Secrets, StartError> {
    let token = config.token_file.as_deref().map(Token::read).transpose()?;
    let tls = config.tls.as_ref().map(Tls::new).transpose()?;
    Ok((token, tls, UpstreamRegistry::new(config)?))
}

/// Returns the inherited sockets for the option called `flag`, or else binds `addresses`.
async fn listen(
    addresses: &[ListenAddress],
    flag: &'static str,
    sockets: &mut InheritedSockets,
) -> Result<Listener, StartError> {
    match sockets.take_listener(flag.trim_start_matches('-'))? {
        Some(listener) => Ok(listener),
        None => Ok(Listener::bind(addresses, flag).await?),
    }
}

/// Checks the addresses of `config` that no inherited socket replaces against each other.
fn check_own_addresses(config: &Config, sockets: &InheritedSockets) -> Result<(), OneAddressError> {
    let listeners = [
        ("--tcp", &config.tcp[..]),
        ("--admin", &config.admin[..]),
        ("--http", &config.http[..]),
    ];
    let own = listeners.into_iter();
    let own = own.filter(|(option, _)| !sockets.has(option.trim_start_matches('-')));
    check_addresses(&own.collect::<Vec<_>>())
}

/// Like [`listen`], for a listener that may be off.
async fn listen_opt(
    addresses: &[ListenAddress],
    flag: &'static str,
    sockets: &mut InheritedSockets,
) -> Result<Option<Listener>, StartError> {
    match addresses {
        [] => Ok(None),
        _ => listen(addresses, flag, sockets).await.map(Some),
    }
}

/// Serves the admin listener, on this thread, and never returns.
async fn serve_admin(listener: Option<Listener>, http: Arc<Http>) {
    let Some(listener) = listener else {
        return pending().await;
    };
    let (this_thread, tasks) = (Workers::default(), TaskTracker::new());
    let never = CancellationToken::new();
    let serve = |stream, peer| http.clone().serve(stream, peer);
    listener.serve(&this_thread, &tasks, &never, serve).await;
}
