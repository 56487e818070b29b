//! Listeners on Unix sockets: their addresses, and the life of their files.

use std::fs;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use testkit::Signal;
use tokio::net::UnixStream;
use tokio_tungstenite::client_async;

use crate::harness::{Browser, Peer, within};
use crate::http_client::{Response, fetch_on};
use crate::process::{GatewayProcess, assert_contains, file, framegate, output, text};
use crate::systemd::activated_with;

/// A folder for sockets.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The address of the socket called `name`, as an option has it.
    fn address(&self, name: &str) -> String {
        format!("unix:{}", self.path(name).display())
    }
}

async fn fetch(path: &Path, request: &str) -> Response {
    let stream = UnixStream::connect(path).await.unwrap();
    fetch_on(stream, request, &[("host", "localhost")], "").await
}

/// Starts a gateway with `options`, and waits until it serves.
async fn start(options: &[&str]) -> GatewayProcess {
    let mut gateway = GatewayProcess::start(&mut framegate(options));
    gateway.line("page").await;
    gateway
}

/// Runs a gateway that cannot start; returns its exit status and its error.
async fn refused(options: &[&str]) -> (Option<i32>, String) {
    let output = output(options).await;
    (output.status.code(), text(&output.stderr))
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[tokio::test]
async fn page_bridge_and_echo_service_are_served_on_unix_sockets() {
    let folder = Folder::new();
    let [http, tcp, admin] = ["http", "tcp", "admin"].map(|name| folder.address(name));
    let options = ["--http", &http, "--tcp", &tcp, "--admin", &admin];
    let mut gateway = GatewayProcess::start(&mut framegate(&options));
    assert_eq!(gateway.line("page").await, format!("http://{http}:/"));
    let bridge = gateway.line("bridge").await;
    assert_eq!(bridge, format!("ws://{http}:/ws -> {tcp}"));
    assert_eq!(gateway.line("echo").await, tcp);
    let metrics = gateway.line("admin").await;
    assert_eq!(metrics, format!("http://{admin}:/metrics"));

    let info = fetch(&folder.path("http"), "GET /api/info").await;
    let tcp_in_info = format!("\"tcp\":null,\"tcp_addresses\":[\"{tcp}\"]");
    assert_contains(info.body(), &tcp_in_info);
    for path in ["/healthz", "/readyz", "/metrics"] {
        let response = fetch(&folder.path("admin"), &format!("GET {path}")).await;
        assert_eq!(response.status(), 200, "{path}");
    }
    let mut peer = Peer(UnixStream::connect(folder.path("tcp")).await.unwrap());
    peer.check_echo("hello").await;
    peer.half_close().await;
    assert_eq!(peer.rest().await, b"");
    let stream = UnixStream::connect(folder.path("http")).await.unwrap();
    let (socket, _) = within(client_async("ws://localhost/ws", stream))
        .await
        .unwrap();
    Browser(socket).check_echo("hello").await;
}

#[tokio::test]
async fn sockets_may_be_in_the_configuration_file_and_the_environment_beside_addresses() {
    let folder = Folder::new();
    let http = folder.address("http");
    let config = file(&format!("http = [\"127.0.0.1:0\", \"{http}?mode=600\"]\n"));
    let tcp = folder.address("tcp");
    let mut command = framegate(&["--config", config.path().to_str().unwrap()]);
    command.env("FRAMEGATE_TCP", format!("{tcp}, 127.0.0.1:0"));
    let mut gateway = GatewayProcess::start(&mut command);
    assert!(gateway.url("page").await.starts_with("http://127.0.0.1:"));
    assert_eq!(gateway.url("page").await, format!("http://{http}:/"));
    assert_eq!(gateway.url("echo").await, tcp);
    assert!(gateway.url("echo").await.starts_with("tcp://127.0.0.1:"));
    let mut peer = Peer(UnixStream::connect(folder.path("tcp")).await.unwrap());
    peer.check_echo("hello").await;
}

/// The page's URL is that of the reverse proxy, which the gateway does not know.
#[tokio::test]
async fn command_for_a_login_link_leaves_the_url_to_the_operator() {
    let folder = Folder::new();
    fs::write(folder.path("token"), "0123456789abcdef\n").unwrap();
    let token = folder.path("token").display().to_string();
    let http = folder.address("http");
    let options = ["--http", &http, "--tcp=127.0.0.1:0", "--token-file", &token];
    let mut gateway = GatewayProcess::start(&mut framegate(&options));
    let expected = format!("new link: framegate login-link --token-file {token} URL");
    assert_eq!(gateway.line("login").await, expected);
}

#[tokio::test]
async fn owner_and_group_may_connect_unless_a_mode_is_set_whatever_the_umask() {
    let folder = Folder::new();
    let tcp = format!("{}?mode=606", folder.address("tcp"));
    let http = folder.address("http");
    let umask = ["-c", r#"umask 0123; exec "$@""#, "sh"];
    let mut command = tokio::process::Command::new("sh");
    command.args(umask).arg(env!("CARGO_BIN_EXE_framegate"));
    command.args(["--http", &http, "--tcp", &tcp]);
    command.stdout(std::process::Stdio::piped());
    command.stderr(std::process::Stdio::piped());
    let mut gateway = GatewayProcess::start(&mut command);
    gateway.line("page").await;
    assert_eq!(mode(&folder.path("http")), 0o660);
    assert_eq!(mode(&folder.path("tcp")), 0o606);
}

#[tokio::test]
async fn socket_of_a_dead_gateway_is_replaced_and_that_of_a_live_one_is_not() {
    let folder = Folder::new();
    let http = folder.address("http");
    let options = ["--http", &http, "--tcp=127.0.0.1:0"];
    let dead = start(&options).await;
    dead.signal(Signal::SIGKILL);
    dead.ended().await;
    assert!(folder.path("http").exists());

    let live = start(&options).await;
    let (status, error) = refused(&options).await;
    assert_eq!(status, Some(1));
    let expected = format!("cannot listen on {http}: a process listens there; choose another");
    assert_contains(&error, &expected);
    assert_eq!(
        fetch(&folder.path("http"), "GET /readyz").await.status(),
        200
    );
    live.signal(Signal::SIGTERM);
    assert_eq!(live.ended().await.0, Some(0));
}

#[tokio::test]
async fn file_that_is_no_socket_is_kept() {
    let folder = Folder::new();
    fs::write(folder.path("file"), "text").unwrap();
    std::os::unix::fs::symlink(folder.path("target"), folder.path("link")).unwrap();
    for name in ["file", "link"] {
        let (status, error) = refused(&["--http", &folder.address(name)]).await;
        assert_eq!(status, Some(1));
        assert_contains(&error, "there is a file that is no socket");
    }
    assert_eq!(fs::read_to_string(folder.path("file")).unwrap(), "text");
    let (status, error) = refused(&["--http", &folder.address("none/http")]).await;
    assert_eq!(status, Some(1));
    assert_contains(&error, "there is no such file or folder");
}

#[tokio::test]
async fn sockets_are_removed_by_a_stop_and_by_a_failed_start() {
    let folder = Folder::new();
    let [http, tcp] = ["http", "tcp"].map(|name| folder.address(name));
    let options = ["--http", &http, "--tcp", &tcp];
    let gateway = start(&options).await;
    // Another program's file at a path is not the gateway's to remove.
    fs::remove_file(folder.path("tcp")).unwrap();
    fs::write(folder.path("tcp"), "text").unwrap();
    gateway.signal(Signal::SIGTERM);
    assert_eq!(gateway.ended().await.0, Some(0));
    assert!(!folder.path("http").exists());
    assert!(folder.path("tcp").exists());

    let (status, _) = refused(&["--tcp", &http, "--http", &tcp]).await;
    assert_eq!(status, Some(1));
    assert!(!folder.path("http").exists());
}

#[tokio::test]
async fn successor_may_start_during_a_drain_and_keeps_its_socket() {
    let folder = Folder::new();
    let http = folder.address("http");
    let options = ["--http", &http, "--tcp=127.0.0.1:0"];
    let first = start(&options).await;
    // This client does not answer the Close: the drain waits for it.
    let stream = UnixStream::connect(folder.path("http")).await.unwrap();
    let open = within(client_async("ws://localhost/ws", stream))
        .await
        .unwrap();
    first.signal(Signal::SIGTERM);
    within(async { while folder.path("http").exists() {} }).await;
    let _second = start(&options).await;
    drop(open);
    assert_eq!(first.ended().await.0, Some(0));
    assert_eq!(
        fetch(&folder.path("http"), "GET /readyz").await.status(),
        200
    );
}

#[tokio::test]
async fn address_that_cannot_be_a_socket_is_refused_with_its_fault() {
    let long = format!("unix:/{}", "x".repeat(107));
    for (address, expected) in [
        ("unix:", "unix: needs a path"),
        (
            "unix:@framegate",
            "abstract sockets are not supported, as they have no permissions",
        ),
        (&long, "the path of a Unix socket has at most"),
        (
            "unix:/s?mode=888",
            "\"888\" is no mode, expected octal digits",
        ),
        (
            "unix:/s?user=www",
            "unknown setting \"user=www\", expected mode",
        ),
        ("/run/http.sock", "; or unix:PATH"),
    ] {
        for option in ["--http", "--tcp", "--admin"] {
            let (status, error) = refused(&[option, address]).await;
            assert_eq!(status, Some(2), "{error}");
            assert_contains(&error, expected);
        }
    }
}

#[tokio::test]
async fn tls_is_refused_on_unix_sockets() {
    let folder = Folder::new();
    let http = folder.address("http");
    let options = ["--tls-self-signed", "--http=127.0.0.1:0", "--http", &http];
    let (status, error) = refused(&options).await;
    assert_eq!(status, Some(2));
    assert_contains(
        &error,
        &format!("TLS is not served on Unix sockets, and --http has {http}"),
    );
    assert!(!folder.path("http").exists());

    let inherited = vec![("http", UnixListener::bind(folder.path("http")).unwrap())];
    let mut command = activated_with(inherited, &["--tls-self-signed", "--tcp=127.0.0.1:0"]);
    let output = within(command.output()).await.unwrap();
    assert_eq!(output.status.code(), Some(1));
    let expected = "TLS is not served on Unix sockets, and the inherited socket \"http\" is one";
    assert_contains(&text(&output.stderr), expected);
}

#[tokio::test]
async fn inherited_sockets_are_served_and_left_to_the_service_manager() {
    let folder = Folder::new();
    let [http, tcp] = ["http", "tcp"].map(|name| {
        let socket = UnixListener::bind(folder.path(name)).unwrap();
        (name, socket)
    });
    let again = http.1.try_clone().unwrap();
    let mut gateway = GatewayProcess::start(&mut activated_with(vec![http, tcp], &[]));
    let page = format!("http://{}:/", folder.address("http"));
    assert_eq!(gateway.line("page").await, page);
    assert_eq!(gateway.line("echo").await, folder.address("tcp"));
    let mut peer = Peer(UnixStream::connect(folder.path("tcp")).await.unwrap());
    peer.check_echo("hello").await;
    drop(peer);
    gateway.signal(Signal::SIGTERM);
    assert_eq!(gateway.ended().await.0, Some(0));
    let file = fs::metadata(folder.path("http")).unwrap();
    assert!(file.file_type().is_socket());

    // During the restart, a client waits in the socket.
    let path = folder.path("http");
    let waiting = tokio::spawn(async move { fetch(&path, "GET /readyz").await.status() });
    let mut second = activated_with(vec![("http", again)], &["--tcp=127.0.0.1:0"]);
    let _second = GatewayProcess::start(&mut second);
    assert_eq!(within(waiting).await.unwrap(), 200);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn inherited_abstract_socket_is_refused() {
    use std::os::linux::net::SocketAddrExt;

    let name = format!("framegate-{}", std::process::id());
    let addr = std::os::unix::net::SocketAddr::from_abstract_name(name).unwrap();
    let socket = UnixListener::bind_addr(&addr).unwrap();
    let mut command = activated_with(vec![("http", socket)], &["--tcp=127.0.0.1:0"]);
    let output = within(command.output()).await.unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_contains(&text(&output.stderr), "abstract sockets are not supported");
}

#[tokio::test]
async fn health_is_asked_by_path_and_by_the_address_in_a_variable() {
    let folder = Folder::new();
    let http = folder.address("http");
    let _gateway = start(&["--http", &http, "--tcp=127.0.0.1:0"]).await;
    let ready = format!("http://{http}:/readyz: ready\n");
    for url in [http.clone(), format!("http://{http}:/readyz")] {
        assert_eq!(text(&output(&["health", &url]).await.stdout), ready);
    }
    let mut command = framegate(&["health"]);
    command.env("FRAMEGATE_HTTP", format!("{http}?mode=600"));
    let output = within(command.output()).await.unwrap();
    assert_eq!(text(&output.stdout), ready);
    let (status, error) = refused(&["health", &folder.address("none")]).await;
    assert_eq!(status, Some(1));
    assert_contains(&error, "there is no such file or folder");
}
