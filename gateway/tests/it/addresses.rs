//! Addresses of listeners: several of each, and host names with several addresses.

use std::net::SocketAddr;

use tokio::net::TcpStream;

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
async fn off_contradicts_an_address() {
    let output = output(&["--tcp=off,127.0.0.1:0", "--upstream=db:1"]).await;
    assert_eq!(output.status.code(), Some(2));
    assert_contains(&text(&output.stderr), "--tcp off and an address of --tcp");
}
