//! Test harness: a gateway in this process on free ports, its TCP and WebSocket clients,
//! and an upstream.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use gateway::{
    Access, Config, Limits, ListenAddress, LocalAddr, LogFormat, ResumeOptions, Server, Tls,
};
use protocol::Framing;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use tokio_util::sync::CancellationToken;

/// The time limit for an event. Shorter than the drain timeout, so that a test fails
/// if the gateway waits for that.
const TIMEOUT: Duration = Duration::from_secs(8);

/// Waits for `event`; fails the test if it does not come in time.
pub(crate) async fn within<F: Future>(event: F) -> F::Output {
    tokio::time::timeout(TIMEOUT, event)
        .await
        .expect("the event comes in time")
}

/// A gateway in this process; it is stopped on drop.
pub(crate) struct TestServer {
    tcp: Option<SocketAddr>,
    http: SocketAddr,
    admin: Option<SocketAddr>,
    page_path: String,
    tls: Option<Tls>,
    stop: CancellationToken,
    running: JoinHandle<()>,
}

impl TestServer {
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// Starts a gateway with the default configuration of tests, after `change`.
    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let mut config = config();
        change(&mut config);
        let server = Server::bind(config).await.unwrap();
        let tcp = first_ip(server.tcp_addrs());
        let http = first_ip(server.http_addrs()).expect("the page has an IP address");
        let admin = first_ip(server.admin_addrs());
        let (page_path, tls) = (server.page_path(), server.tls().cloned());
        let stop = CancellationToken::new();
        let running = tokio::spawn(server.run(stop.clone()));
        Self {
            tcp,
            http,
            admin,
            page_path,
            tls,
            stop,
            running,
        }
    }

    /// Starts a gateway with one unnamed upstream.
    pub(crate) async fn bridging_to(upstream: SocketAddr) -> Self {
        Self::with(|config| config.upstreams = vec![upstream.to_string().parse().unwrap()]).await
    }

    /// Starts a gateway in front of a service with these settings, such as `framing=lines`.
    pub(crate) async fn in_front_of(service: &Upstream, settings: &str) -> Self {
        let upstream = format!("{}?{settings}", service.addr());
        Self::with(|config| config.upstreams = vec![upstream.parse().unwrap()]).await
    }

    pub(crate) fn tcp(&self) -> SocketAddr {
        self.tcp.expect("the echo service is on")
    }

    pub(crate) fn http(&self) -> SocketAddr {
        self.http
    }

    pub(crate) fn admin(&self) -> SocketAddr {
        self.admin.expect("the admin listener is on")
    }

    pub(crate) fn page_path(&self) -> &str {
        &self.page_path
    }

    pub(crate) fn tls(&self) -> &Tls {
        self.tls.as_ref().expect("TLS is on")
    }

    pub(crate) async fn connect(&self) -> Peer {
        Peer(TcpStream::connect(self.tcp()).await.unwrap())
    }

    pub(crate) async fn open(&self) -> Browser {
        self.open_at("ws").await
    }

    /// Opens a WebSocket at `path`, relative to the page.
    pub(crate) async fn open_at(&self, path: &str) -> Browser {
        Browser::connect(&format!("ws://{}/{path}", self.http)).await
    }

    /// Opens a WebSocket at `path` with these offers of subprotocols; returns it and the one that
    /// the gateway confirms.
    pub(crate) async fn open_offering(
        &self,
        path: &str,
        offers: &str,
    ) -> (Browser, Option<String>) {
        let url = format!("ws://{}/{path}", self.http);
        let mut request = url.into_client_request().unwrap();
        let offers = offers.parse().unwrap();
        request
            .headers_mut()
            .insert("sec-websocket-protocol", offers);
        // Fails, as in a browser, if none is confirmed.
        let (socket, response) = within(tokio_tungstenite::connect_async(request))
            .await
            .unwrap();
        let confirmed = response.headers().get("sec-websocket-protocol");
        let confirmed = confirmed.map(|name| name.to_str().unwrap().into());
        (Browser(socket), confirmed)
    }

    /// Starts the drain, as a signal does.
    pub(crate) fn ask_to_stop(&self) {
        self.stop.cancel();
    }

    /// Drains the gateway, and waits until it has stopped.
    pub(crate) async fn stop(self) {
        self.ask_to_stop();
        self.stopped().await;
    }

    /// Waits until the gateway has stopped.
    pub(crate) async fn stopped(mut self) {
        within(&mut self.running).await.unwrap();
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// The default configuration of tests: the echo service on free ports, default limits.
pub(crate) fn config() -> Config {
    Config {
        tcp: vec![any_port()],
        http: vec![any_port()],
        upstreams: vec![],
        prefix: "echo : ".into(),
        framing: Framing::U32LE,
        limits: Limits::default(),
        admin: vec![],
        access: Access::default(),
        proxy_protocol: false,
        token_file: None,
        tls: None,
        log_format: LogFormat::Text,
        recording: None,
        resume: ResumeOptions::default(),
        monitor: false,
    }
}

fn first_ip(addrs: &[LocalAddr]) -> Option<SocketAddr> {
    addrs.iter().find_map(LocalAddr::ip)
}

pub(crate) fn any_port() -> ListenAddress {
    "127.0.0.1:0".parse().unwrap()
}

/// A frame in the default framing, encoded by hand: the tests share no code with the
/// gateway.
pub(crate) fn frame(payload: impl AsRef<[u8]>) -> Vec<u8> {
    let payload = payload.as_ref();
    let len = u32::try_from(payload.len()).unwrap();
    [&len.to_le_bytes(), payload].concat()
}

/// The remote end of a connection with frames: a client of the echo service, or an upstream.
pub(crate) struct Peer<S = TcpStream>(pub(crate) S);

impl<S: AsyncRead + AsyncWrite + Unpin> Peer<S> {
    pub(crate) async fn write(&mut self, bytes: impl AsRef<[u8]>) {
        within(self.0.write_all(bytes.as_ref())).await.unwrap();
    }

    /// Reads exactly `len` bytes.
    pub(crate) async fn read(&mut self, len: usize) -> Vec<u8> {
        let mut bytes = vec![0; len];
        within(self.0.read_exact(&mut bytes)).await.unwrap();
        bytes
    }

    pub(crate) async fn send(&mut self, payload: impl AsRef<[u8]>) {
        self.write(frame(payload)).await;
    }

    /// Receives a frame's payload; `None` at the end of the stream.
    pub(crate) async fn receive(&mut self) -> Option<Vec<u8>> {
        let mut header = [0; 4];
        match within(self.0.read_exact(&mut header)).await {
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return None,
            Err(error) => panic!("{error}"),
        }
        let mut payload = vec![0; u32::from_le_bytes(header) as usize];
        within(self.0.read_exact(&mut payload)).await.unwrap();
        Some(payload)
    }

    pub(crate) async fn receive_text(&mut self) -> String {
        String::from_utf8(self.receive().await.expect("a frame")).unwrap()
    }

    /// Sends `text` to the echo service, and checks the reply.
    pub(crate) async fn check_echo(&mut self, text: &str) {
        self.send(text).await;
        assert_eq!(self.receive_text().await, format!("echo : {text}"));
    }

    /// Shuts down writing; reading goes on.
    pub(crate) async fn half_close(&mut self) {
        self.0.shutdown().await.unwrap();
    }

    /// Reads until the end or a reset.
    pub(crate) async fn rest_or_reset(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        let _ = within(self.0.read_to_end(&mut rest)).await;
        rest
    }

    /// Reads until the end; fails the test on a reset.
    pub(crate) async fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        within(self.0.read_to_end(&mut rest)).await.unwrap();
        rest
    }
}

/// A WebSocket client.
pub(crate) struct Browser<S = MaybeTlsStream<TcpStream>>(pub(crate) WebSocketStream<S>);

impl Browser {
    pub(crate) async fn connect(url: &str) -> Self {
        let (socket, _) = within(tokio_tungstenite::connect_async(url)).await.unwrap();
        Self(socket)
    }

    /// Writes to the TCP stream, past the WebSocket layer.
    pub(crate) async fn write_raw(&mut self, bytes: &[u8]) {
        match self.0.get_mut() {
            MaybeTlsStream::Plain(stream) => stream.write_all(bytes).await.unwrap(),
            _ => unreachable!("tests use ws:// only"),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Browser<S> {
    pub(crate) async fn send(&mut self, message: impl Into<Message>) {
        within(self.0.send(message.into())).await.unwrap();
    }

    pub(crate) async fn receive(&mut self) -> Message {
        within(self.0.next()).await.expect("a message").unwrap()
    }

    /// Sends `text` to the echo service, and checks the reply.
    pub(crate) async fn check_echo(&mut self, text: &str) {
        self.send(text).await;
        let reply = Message::text(format!("echo : {text}"));
        assert_eq!(self.receive().await, reply);
    }

    /// Receives a Close; returns its code and its reason.
    pub(crate) async fn closed(&mut self) -> (u16, String) {
        match self.receive().await {
            Message::Close(Some(CloseFrame { code, reason })) => (code.into(), reason.to_string()),
            other => panic!("expected a Close with a code, got {other:?}"),
        }
    }
}

/// An upstream's listener.
pub(crate) struct Upstream(TcpListener);

impl Upstream {
    pub(crate) async fn bind() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }

    pub(crate) async fn accept(&self) -> Peer {
        Peer(within(self.0.accept()).await.unwrap().0)
    }
}

/// Starts a gateway and opens a session: returns the gateway, the client and the upstream's
/// end.
pub(crate) async fn open_session() -> (TestServer, Browser, Peer) {
    open_session_with(|_| {}).await
}

/// Opens a session as [`open_session`], after `change` to the gateway's configuration.
pub(crate) async fn open_session_with(
    change: impl FnOnce(&mut Config),
) -> (TestServer, Browser, Peer) {
    let upstream = Upstream::bind().await;
    let server = TestServer::with(|config| {
        config.upstreams = vec![upstream.addr().to_string().parse().unwrap()];
        change(config);
    })
    .await;
    let browser = server.open().await;
    let peer = upstream.accept().await;
    (server, browser, peer)
}
