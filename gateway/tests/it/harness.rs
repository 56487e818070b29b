//! A gateway on free ports, the ends to talk to it with, and an upstream to stand behind it.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use gateway::{Access, Config, Endpoint, Limits, LogFormat, Server};
use protocol::Framing;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use tokio_util::sync::CancellationToken;

/// No answer here takes long: one that does not come in this time does not come. Less
/// than the drain timeout, so that a test sees whoever waits for that.
const PATIENCE: Duration = Duration::from_secs(8);

/// Waits for `event`, or fails the test.
pub(crate) async fn within<F: Future>(event: F) -> F::Output {
    tokio::time::timeout(PATIENCE, event)
        .await
        .expect("it happens in time")
}

/// A gateway in this process; it stops when it is dropped.
pub(crate) struct TestServer {
    tcp: Option<SocketAddr>,
    http: SocketAddr,
    admin: Option<SocketAddr>,
    page_path: String,
    stop: CancellationToken,
    running: JoinHandle<()>,
}

impl TestServer {
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// A gateway whose configuration `change` has seen to.
    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let mut config = config();
        change(&mut config);
        let server = Server::bind(config).await.unwrap();
        let (tcp, http, admin) = (server.tcp_addr(), server.http_addr(), server.admin_addr());
        let page_path = server.page_path();
        let stop = CancellationToken::new();
        let running = tokio::spawn(server.run(stop.clone()));
        Self {
            tcp,
            http,
            admin,
            page_path,
            stop,
            running,
        }
    }

    /// A gateway in front of `upstream`.
    pub(crate) async fn bridging_to(upstream: SocketAddr) -> Self {
        Self::with(|config| config.upstreams = vec![upstream.to_string().parse().unwrap()]).await
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

    pub(crate) async fn connect(&self) -> Peer {
        Peer(TcpStream::connect(self.tcp()).await.unwrap())
    }

    pub(crate) async fn open(&self) -> Browser {
        self.open_at("ws").await
    }

    /// A WebSocket at `path`, relative to the page.
    pub(crate) async fn open_at(&self, path: &str) -> Browser {
        Browser::connect(&format!("ws://{}/{path}", self.http)).await
    }

    /// A WebSocket with this subprotocol, which is agreed on.
    pub(crate) async fn open_speaking(&self, subprotocol: &str) -> Browser {
        let mut request = format!("ws://{}/ws", self.http)
            .into_client_request()
            .unwrap();
        let offer = subprotocol.parse().unwrap();
        request
            .headers_mut()
            .insert("sec-websocket-protocol", offer);
        // It fails when another is chosen, or none.
        let (socket, _) = within(tokio_tungstenite::connect_async(request))
            .await
            .unwrap();
        Browser(socket)
    }

    /// Asks the gateway to stop, as a signal does.
    pub(crate) fn ask_to_stop(&self) {
        self.stop.cancel();
    }

    pub(crate) async fn stopped(mut self) {
        within(&mut self.running).await.unwrap();
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// What is served where a test has no wish.
pub(crate) fn config() -> Config {
    Config {
        tcp: Some(any_port()),
        http: any_port(),
        upstreams: vec![],
        prefix: "echo : ".into(),
        framing: Framing::U32LE,
        limits: Limits::default(),
        admin: None,
        access: Access::default(),
        proxy_protocol: false,
        token: None,
        tls: None,
        log_format: LogFormat::Text,
        recording: None,
        monitor: false,
    }
}

pub(crate) fn any_port() -> Endpoint {
    "127.0.0.1:0".parse().unwrap()
}

/// A frame in the default framing, written out by hand: the tests share no code with
/// what they test.
pub(crate) fn frame(payload: impl AsRef<[u8]>) -> Vec<u8> {
    let payload = payload.as_ref();
    let len = u32::try_from(payload.len()).unwrap();
    [&len.to_le_bytes(), payload].concat()
}

/// The other end of a TCP connection that carries frames.
pub(crate) struct Peer(pub(crate) TcpStream);

impl Peer {
    pub(crate) async fn write(&mut self, bytes: impl AsRef<[u8]>) {
        within(self.0.write_all(bytes.as_ref())).await.unwrap();
    }

    pub(crate) async fn send(&mut self, payload: impl AsRef<[u8]>) {
        self.write(frame(payload)).await;
    }

    /// The next frame's payload, `None` after the last.
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

    /// Ends our side; the other may go on.
    pub(crate) async fn half_close(&mut self) {
        self.0.shutdown().await.unwrap();
    }

    /// All bytes until the end, be that orderly or not.
    pub(crate) async fn rest_or_reset(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        let _ = within(self.0.read_to_end(&mut rest)).await;
        rest
    }

    /// All bytes until the end.
    pub(crate) async fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        within(self.0.read_to_end(&mut rest)).await.unwrap();
        rest
    }
}

/// The other end of a WebSocket.
pub(crate) struct Browser(pub(crate) WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Browser {
    pub(crate) async fn connect(url: &str) -> Self {
        let (socket, _) = within(tokio_tungstenite::connect_async(url)).await.unwrap();
        Self(socket)
    }

    pub(crate) async fn send(&mut self, message: impl Into<Message>) {
        within(self.0.send(message.into())).await.unwrap();
    }

    pub(crate) async fn receive(&mut self) -> Message {
        within(self.0.next()).await.expect("a message").unwrap()
    }

    /// The Close that ends the session: its code and its reason.
    pub(crate) async fn closed(&mut self) -> (u16, String) {
        match self.receive().await {
            Message::Close(Some(CloseFrame { code, reason })) => (code.into(), reason.to_string()),
            other => panic!("expected a Close with a code, got {other:?}"),
        }
    }

    /// Writes past the WebSocket layer.
    pub(crate) async fn write_raw(&mut self, bytes: &[u8]) {
        match self.0.get_mut() {
            MaybeTlsStream::Plain(stream) => stream.write_all(bytes).await.unwrap(),
            _ => unreachable!("tests speak ws:// only"),
        }
    }
}

/// A listener to stand as the upstream.
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

/// A gateway, a WebSocket to it, and the connection that it made for that.
pub(crate) async fn joined() -> (TestServer, Browser, Peer) {
    joined_with(|_| {}).await
}

/// The same, with a gateway whose configuration `change` has seen to.
pub(crate) async fn joined_with(change: impl FnOnce(&mut Config)) -> (TestServer, Browser, Peer) {
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
