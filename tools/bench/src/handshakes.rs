//! TLS handshakes: the number that a server completes in a second of its processor, with new
//! sessions and with resumed ones (RFC 8446, section 2.2).

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::Instant;

use futures_util::future::try_join_all;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::{
    ClientSessionMemoryCache, ClientSessionStore, Resumption, Tls12ClientSessionValue,
    Tls13ClientSessionValue,
};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, HandshakeKind, NamedGroup, RootCertStore};

use crate::contender::{C_TLS, Contender, Kind};
use crate::measure::Setup;
use crate::server::Server;
use crate::table::{Table, median, short};
use crate::tls;

/// Connections that are opened at once.
const CONCURRENT: usize = 8;

/// Columns of the table, and whether their connections resume a session.
const COLUMNS: [(&str, bool); 2] = [("new", false), ("resumed", true)];

/// Measures each contender with TLS in turns, and returns the table.
///
/// # Errors
/// A message, if a server does not start or a handshake fails.
pub(crate) async fn run(
    setup: &Setup,
    contenders: &[Contender],
    upstream: &Contender,
    rounds: usize,
) -> Result<Table, String> {
    let contenders: Vec<_> = contenders
        .iter()
        .filter(|it| it.kind == Kind::TlsBridge)
        .collect();
    let mut rates = vec![[const { Vec::new() }; 2]; contenders.len()];
    for round in 1..=rounds {
        for (contender, rates) in contenders.iter().zip(&mut rates) {
            for ((name, resumes), rates) in COLUMNS.into_iter().zip(rates) {
                let rate = measure(setup, contender, upstream, resumes).await?;
                eprintln!(
                    "{round} {name:8} {:18} {:>8} per CPU second",
                    contender.name,
                    short(rate)
                );
                rates.push(rate);
            }
        }
    }
    let reference = contenders.iter().position(|it| it.name == C_TLS);
    let title = "TLS handshakes per server-CPU second";
    let mut table = Table::new(title, COLUMNS.map(|(name, _)| name));
    for (index, contender) in contenders.iter().enumerate() {
        let cell = |column: usize| {
            let of = |index: usize| &rates[index][column];
            let rate = median(of(index).clone()).map(short).unwrap_or_default();
            let Some(reference) = reference.filter(|&it| it != index) else {
                return rate;
            };
            let ratios = of(index).iter().zip(of(reference)).map(|(a, b)| a / b);
            let ratio = median(ratios.collect()).map(short).unwrap_or_default();
            format!("{rate} = {ratio}")
        };
        table.push(contender.name, vec![cell(0), cell(1)]);
    }
    Ok(table)
}

async fn measure(
    setup: &Setup,
    contender: &Contender,
    upstream: &Contender,
    resumes: bool,
) -> Result<f64, String> {
    let upstream = Server::start(upstream, None, &setup.client_cpus).await?;
    let server = Server::start(contender, Some(&upstream), &setup.server_cpus).await?;
    let cpu_time = || server.cpu_time().map_err(|error| error.to_string());
    let mut clients: Vec<_> = (0..CONCURRENT)
        .map(|_| Client::new(server.addr(), resumes))
        .collect();
    for client in &mut clients {
        // The session to resume.
        client.connect().await?;
    }
    let (before, end) = (cpu_time()?, Instant::now() + setup.time);
    let loops = clients.into_iter().map(|client| client.connect_until(end));
    let counts: Vec<u64> = try_join_all(loops).await?;
    let spent = cpu_time()? - before;
    Ok(counts.iter().sum::<u64>() as f64 / spent.as_secs_f64())
}

/// A client with a session store of its own.
struct Client {
    addr: SocketAddr,
    connector: TlsConnector,
    /// The sessions to resume, if it resumes them.
    sessions: Option<Arc<Sessions>>,
    /// True once it has a session.
    has_session: bool,
}

impl Client {
    fn new(addr: SocketAddr, resumes: bool) -> Self {
        let mut roots = RootCertStore::empty();
        let certificate = tls::folder().join("certificate.pem");
        let certificate = CertificateDer::from_pem_file(certificate).expect("it was just written");
        roots.add(certificate).expect("it is valid");
        let mut config = ClientConfig::builder()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let sessions = resumes.then(Arc::<Sessions>::default);
        config.resumption = match &sessions {
            Some(sessions) => Resumption::store(sessions.clone()),
            None => Resumption::disabled(),
        };
        Self {
            addr,
            connector: TlsConnector::from(Arc::new(config)),
            sessions,
            has_session: false,
        }
    }

    /// Connects over and over until `end`, and returns the number of handshakes.
    async fn connect_until(mut self, end: Instant) -> Result<u64, String> {
        let mut count = 0;
        while Instant::now() < end {
            self.connect().await?;
            count += 1;
        }
        Ok(count)
    }

    async fn connect(&mut self) -> Result<(), String> {
        let kind = self
            .try_connect()
            .await
            .map_err(|error| error.to_string())?;
        let is_resumed = kind == Some(HandshakeKind::Resumed);
        if is_resumed != self.has_session {
            return Err(format!("the handshake was {kind:?}"));
        }
        self.has_session = self.sessions.is_some();
        Ok(())
    }

    async fn try_connect(&self) -> io::Result<Option<HandshakeKind>> {
        let before = self.sessions.as_ref().map(|it| it.tickets());
        let socket = TcpStream::connect(self.addr).await?;
        socket.set_nodelay(true)?;
        let name = ServerName::IpAddress(self.addr.ip().into());
        let mut stream = self.connector.connect(name, socket).await?;
        if let (Some(sessions), Some(before)) = (&self.sessions, before) {
            // Tickets follow the handshake, and are read with data, which never comes.
            poll_fn(|cx| {
                let mut bytes = [0; 16];
                let read = Pin::new(&mut stream).poll_read(cx, &mut ReadBuf::new(&mut bytes));
                match read {
                    Poll::Pending if sessions.tickets() == before => Poll::Pending,
                    Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
                    _ => Poll::Ready(Ok(())),
                }
            })
            .await?;
        }
        Ok(stream.get_ref().1.handshake_kind())
    }
}

/// A session store that counts the tickets that came.
#[derive(Debug)]
struct Sessions {
    store: ClientSessionMemoryCache,
    tickets: AtomicU64,
}

impl Default for Sessions {
    fn default() -> Self {
        Self {
            store: ClientSessionMemoryCache::new(8),
            tickets: AtomicU64::new(0),
        }
    }
}

impl Sessions {
    fn tickets(&self) -> u64 {
        self.tickets.load(Ordering::Relaxed)
    }
}

impl ClientSessionStore for Sessions {
    fn set_kx_hint(&self, server: ServerName<'static>, group: NamedGroup) {
        self.store.set_kx_hint(server, group);
    }

    fn kx_hint(&self, server: &ServerName<'_>) -> Option<NamedGroup> {
        self.store.kx_hint(server)
    }

    fn set_tls12_session(&self, server: ServerName<'static>, session: Tls12ClientSessionValue) {
        self.store.set_tls12_session(server, session);
    }

    fn tls12_session(&self, server: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        self.store.tls12_session(server)
    }

    fn remove_tls12_session(&self, server: &ServerName<'static>) {
        self.store.remove_tls12_session(server);
    }

    fn insert_tls13_ticket(&self, server: ServerName<'static>, ticket: Tls13ClientSessionValue) {
        self.store.insert_tls13_ticket(server, ticket);
        self.tickets.fetch_add(1, Ordering::Relaxed);
    }

    fn take_tls13_ticket(&self, server: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        self.store.take_tls13_ticket(server)
    }
}
