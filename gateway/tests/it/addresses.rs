//! Addresses of listeners: several of each, and host names with several addresses.

use std::net::SocketAddr;

use testkit::ReservedPort;
use tokio::net::{TcpListener, TcpStream};

use crate::harness::Peer;
use crate::process::{GatewayProcess, assert_contains, file, framegate, output, text};

#[tokio::test]
async fn each_listener_serves_all_of_its_addresses() {
    let args = [
        "--http=127.0.0.1:0,127.0.0.2:0",
        "--tcp=127.0.0.1:0",
        "--tcp=127.0.0.2:0",
        "--admin=127.0.0.1:0",
        "--admin=127.0.0.2:0",
    ];
    let mut gateway = GatewayProcess::start(&mut framegate(&args));
    let both = async |gateway: &mut GatewayProcess, service: &str| {
        [gateway.addr(service).await, gateway.addr(service).await]
    };
    let ips = |addrs: [SocketAddr; 2]| addrs.map(|addr| addr.ip().to_string());
    let pages = both(&mut gateway, "page").await;
    assert_eq!(ips(pages), ["127.0.0.1", "127.0.0.2"]);
    let echoes = both(&mut gateway, "echo").await;
    let admins = both(&mut gateway, "admin").await;
    assert_eq!(ips(admins), ["127.0.0.1", "127.0.0.2"]);
    for addr in echoes {
        let mut peer = Peer(TcpStream::connect(addr).await.unwrap());
        peer.check_echo("hello").await;
    }
    for addr in pages.into_iter().chain(admins) {
        TcpStream::connect(addr).await.unwrap();
    }
}

#[tokio::test]
async fn addresses_can_be_a_list_in_the_configuration_file() {
    let config = file("http = [\"127.0.0.1:0\", \"127.0.0.2:0\"]\ntcp = \"127.0.0.1:0\"\n");
    let path = config.path().to_str().unwrap();
    let mut gateway = GatewayProcess::start(&mut framegate(&["--config", path]));
    for ip in ["127.0.0.1", "127.0.0.2"] {
        assert_eq!(gateway.addr("page").await.ip().to_string(), ip);
    }
}

#[tokio::test]
async fn both_unspecified_addresses_may_have_one_port() {
    for order in [["0.0.0.0", "[::]"], ["[::]", "0.0.0.0"]] {
        let reserved = ReservedPort::new().unwrap();
        let port = reserved.addr().port();
        let http = order.map(|host| format!("--http={host}:{port}"));
        let args = [&http[0], &http[1], "--tcp=127.0.0.1:0"];
        let mut gateway = GatewayProcess::start(&mut framegate(&args));
        let pages = [gateway.addr("page").await, gateway.addr("page").await];
        for addr in pages {
            TcpStream::connect(addr).await.unwrap();
        }
        assert_ne!(pages[0].is_ipv4(), pages[1].is_ipv4());
    }
}

#[tokio::test]
async fn address_that_is_given_twice_is_listened_on_once() {
    let reserved = ReservedPort::new().unwrap();
    let port = reserved.addr().port();
    let folder = testkit::tempdir().unwrap();
    let socket = format!("unix:{}/http.sock", folder.path().display());
    let address = format!("127.0.0.1:{port}");
    let http = format!("--http={address},{socket},{address},{socket},localhost:{port}");
    let mut gateway = GatewayProcess::start(&mut framegate(&[&http, "--tcp=127.0.0.1:0"]));
    let addr = gateway.addr("page").await;
    assert_eq!(addr, reserved.addr());
    TcpStream::connect(addr).await.unwrap();
}

/// Clients that prefer the other address of the name would reach the other program.
#[tokio::test]
async fn name_is_not_listened_on_in_part() {
    let other = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = other.local_addr().unwrap().port();
    let http = format!("--http=localhost:{port}");
    let output = output(&[&http, "--tcp=127.0.0.1:0"]).await;
    assert_eq!(output.status.code(), Some(1));
    let expected = format!("cannot listen on localhost:{port}: address in use");
    assert_contains(&text(&output.stderr), &expected);
}

#[tokio::test]
async fn name_without_an_address_is_refused_in_words() {
    let output = output(&["--http=256.0.0.1:3000", "--tcp=127.0.0.1:0"]).await;
    assert_eq!(output.status.code(), Some(1));
    let stderr = text(&output.stderr);
    assert_contains(&stderr, "cannot listen on 256.0.0.1:3000: ");
    assert!(!stderr.contains("failed to lookup"), "{stderr}");
}

#[tokio::test]
async fn two_listeners_with_one_address_are_refused_with_both_options() {
    let folder = testkit::tempdir().unwrap();
    let socket = format!("unix:{}/g.sock", folder.path().display());
    for address in ["127.0.0.1:9", &socket] {
        let (tcp, admin) = (format!("--tcp={address}"), format!("--admin={address}"));
        let output = output(&["--http=127.0.0.1:0", &tcp, &admin]).await;
        assert_eq!(output.status.code(), Some(2));
        let expected = format!("--tcp and --admin have one address, {address}");
        assert_contains(&text(&output.stderr), &expected);
    }
}

#[tokio::test]
async fn off_contradicts_an_address() {
    let output = output(&["--tcp=off,127.0.0.1:0", "--upstream=db:1"]).await;
    assert_eq!(output.status.code(), Some(2));
    assert_contains(&text(&output.stderr), "--tcp off and an address of --tcp");
}
