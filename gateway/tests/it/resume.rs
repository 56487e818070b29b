//! Resumable sessions (subprotocol framegate.1): what a client that loses its connection finds.

use std::time::Duration;

use futures_util::StreamExt;
use gateway::Config;
use testkit::{FREE_PORTS, Signal};
use tokio::io::AsyncReadExt;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::harness::{Browser, Peer, TestServer, Upstream, frame, within};
use crate::http_client::{HANDSHAKE, fetch, wait_for_metric};
use crate::process::{GatewayProcess, assert_contains, framegate};
use crate::resumable_client::{ResumableClient, open_with};
use crate::token;

/// Starts a gateway with one unnamed upstream, after `change` to its configuration.
async fn server_for(upstream: &Upstream, change: impl FnOnce(&mut Config)) -> TestServer {
    TestServer::with(|config| {
        config.upstreams = vec![upstream.addr().to_string().parse().unwrap()];
        change(config);
    })
    .await
}

async fn open() -> (TestServer, ResumableClient, Peer) {
    open_after(|_| {}).await
}

async fn open_after(change: impl FnOnce(&mut Config)) -> (TestServer, ResumableClient, Peer) {
    let upstream = Upstream::bind().await;
    let server = server_for(&upstream, change).await;
    let client = ResumableClient::open(&server, "ws").await;
    let peer = upstream.accept().await;
    (server, client, peer)
}

async fn check_refused(mut browser: Browser, reason: &str) {
    assert_eq!(browser.closed().await, (4404, reason.into()));
}

const UNKNOWN: &str = "unknown session: it has ended, was kept no longer, or is another gateway's";

#[tokio::test]
async fn hello_has_a_token_and_the_options() {
    let (_server, client, _peer) = open_after(|config| {
        config.resume.gateway_id = Some("gate-1".parse().unwrap());
        config.resume.buffer = 100_000;
        config.resume.timeout = Some(Duration::from_secs(7));
    })
    .await;
    let (id, secret) = client.token().split_once('.').unwrap();
    assert_eq!((id, secret.len()), ("gate-1", 43));
    let expected = serde_json::json!({
        "session": client.token(), "received": 0, "window": 100_000, "keep": 7,
    });
    assert_eq!(client.hello, expected);
}

#[tokio::test]
async fn messages_pass_both_ways_and_are_acknowledged() {
    let (_server, mut client, mut peer) = open().await;
    client.send("hello").await;
    client.browser.send(b"\x02\xff\0".to_vec()).await;
    assert_eq!(peer.receive_text().await, "hello");
    assert_eq!(peer.receive().await.unwrap(), b"\xff\0");
    client.acknowledged(2).await;
    peer.send("welcome").await;
    let received = client.receive().await;
    assert_eq!((received.kind, &received.payload[..]), (2, &b"welcome"[..]));
    client.send("text").await;
    assert_eq!(peer.receive_text().await, "text");
    peer.send("reply").await;
    peer.send("news").await;
    assert_eq!(client.receive_text().await, "reply");
    assert_eq!(client.receive_text().await, "news");
}

#[tokio::test]
async fn session_outlives_its_connection() {
    let (server, mut client, mut peer) = open().await;
    client.send("one").await;
    assert_eq!(peer.receive_text().await, "one");
    peer.write([frame("1"), frame("2")].concat()).await;
    assert_eq!(client.receive_text().await, "1");
    assert_eq!(client.receive_text().await, "2");

    drop(client.browser);
    peer.send("3").await;
    let browser = open_with(&server, "ws", client.hello["session"].as_str().unwrap(), 1).await;
    let mut client = ResumableClient::greeted(browser, 1).await;
    assert_eq!(client.hello["received"], 1);
    client.acknowledge().await;
    assert_eq!(client.receive_text().await, "2");
    assert_eq!(client.receive_text().await, "3");
    client.send("two").await;
    assert_eq!(peer.receive_text().await, "two");
    client.acknowledged(2).await;
}

#[tokio::test]
async fn token_is_good_until_the_client_has_used_the_next_one() {
    let (server, client, mut peer) = open().await;
    // The hello of the second connection may have been lost.
    let second = client.resume_silently(&server).await;
    let mut third = client.resume(&server, "ws").await;
    third.send("hello").await;
    assert_eq!(peer.receive_text().await, "hello");
    check_refused(client.knock(&server, "ws").await, UNKNOWN).await;
    check_refused(second.knock(&server, "ws").await, UNKNOWN).await;
    let fourth = third.resume(&server, "ws").await;
    assert_eq!(fourth.hello["received"], 1);
}

#[tokio::test]
async fn second_connection_takes_the_session_over() {
    let (server, mut first, mut peer) = open().await;
    let mut second = first.resume(&server, "ws").await;
    let reason = "another connection has resumed the session";
    assert_eq!(first.closed().await, (4409, reason.into()));
    second.send("hello").await;
    assert_eq!(peer.receive_text().await, "hello");
}

#[tokio::test]
async fn client_that_does_not_come_back_in_time_loses_its_session() {
    let timeout = Duration::from_millis(50);
    let (server, client, mut peer) =
        open_after(|config| config.resume.timeout = Some(timeout)).await;
    let token = client.token().to_owned();
    drop(client);
    assert_eq!(peer.receive().await, None);
    check_refused(open_with(&server, "ws", &token, 0).await, UNKNOWN).await;
    let expired = "framegate_sessions_ended_total{end=\"resume_expired\"} 1";
    wait_for_metric(&server, expired).await;
}

#[tokio::test]
async fn resume_that_names_no_session_of_the_upstream_is_refused() {
    let upstream = Upstream::bind().await;
    let server = TestServer::with(|config| {
        let named = |name: &str| format!("{name}={}", upstream.addr()).parse().unwrap();
        config.upstreams = vec![named("one"), named("two")];
    })
    .await;
    let client = ResumableClient::open(&server, "ws/one").await;
    let other = "the session is with another upstream";
    check_refused(client.knock(&server, "ws/two").await, other).await;
    let malformed = "malformed: a resume needs ?resume=TOKEN&received=COUNT";
    for received in ["-1", "+0"] {
        let refused = open_with(&server, "ws/one", client.token(), received).await;
        check_refused(refused, malformed).await;
    }
    check_refused(open_with(&server, "ws/one", "gate.none", 0).await, UNKNOWN).await;
    wait_for_metric(&server, "framegate_refused_total{limit=\"session\"} 4").await;
    assert_eq!(client.resume(&server, "ws/one").await.hello["received"], 0);
}

#[tokio::test]
async fn message_cut_in_the_middle_arrives_once_it_is_sent_again() {
    let (server, mut client, mut peer) = open().await;
    client.send("one").await;
    // The head of a masked frame, and half of its payload.
    client.browser.write_raw(b"\x82\x84\0\0\0\0\x01t").await;
    assert_eq!(peer.receive_text().await, "one");
    let mut client = client.lose_and_resume(&server, "ws").await;
    assert_eq!(client.hello["received"], 1);
    client.send("two").await;
    assert_eq!(peer.receive_text().await, "two");
    client.acknowledged(2).await;
    client.browser.0.close(None).await.unwrap();
    // All of it came on one connection of the service.
    assert_eq!(peer.rest().await, b"");
}

#[tokio::test]
async fn count_of_messages_that_were_never_sent_ends_the_session_with_1002() {
    let (server, client, mut peer) = open().await;
    peer.send("one").await;
    let mut browser = open_with(&server, "ws", client.token(), 7).await;
    let reason = "resumable session violated: 7 messages acknowledged, and only 1 were sent";
    // It may not have been read yet.
    let (code, text) = browser.closed().await;
    assert_eq!(code, 1002);
    assert!(
        text == reason || text == reason.replace("only 1", "only 0"),
        "{text}"
    );
    assert_eq!(peer.receive().await, None);
}

#[tokio::test]
async fn client_that_closes_ends_its_session() {
    let (server, mut client, mut peer) = open().await;
    client.send("last").await;
    client.browser.0.close(None).await.unwrap();
    assert_eq!(peer.receive_text().await, "last");
    assert_eq!(peer.receive().await, None);
    while let Some(Ok(_)) = within(client.browser.0.next()).await {}
    let refused = open_with(&server, "ws", client.token(), 0).await;
    check_refused(refused, UNKNOWN).await;
}

#[tokio::test]
async fn end_of_the_upstream_is_told_to_a_client_that_comes_back() {
    let (server, client, mut peer) = open().await;
    let token = client.token().to_owned();
    drop(client);
    wait_for_metric(&server, "framegate_sessions_detached 1").await;
    peer.send("last").await;
    drop(peer);
    let browser = open_with(&server, "ws", &token, 0).await;
    let mut client = ResumableClient::greeted(browser, 0).await;
    assert_eq!(client.receive().await.payload, b"last");
    let reason = "upstream closed the connection";
    assert_eq!(client.closed().await, (1011, reason.into()));
}

#[tokio::test]
async fn stop_tells_clients_that_their_sessions_end() {
    let upstream = Upstream::bind().await;
    let server = server_for(&upstream, |_| {}).await;
    let mut client = ResumableClient::open(&server, "ws").await;
    let mut peer = upstream.accept().await;
    client.send("one").await;
    assert_eq!(peer.receive_text().await, "one");
    let mut detached = ResumableClient::open(&server, "ws").await;
    detached.acknowledge().await;
    drop(detached);
    wait_for_metric(&server, "framegate_sessions_detached 1").await;
    server.ask_to_stop();
    peer.send("1").await;
    assert_eq!(client.receive_text().await, "1");
    let mut control = Vec::new();
    let close = loop {
        match client.browser.receive().await {
            Message::Text(text) => control.push(text.to_string()),
            other => break other,
        }
    };
    assert!(
        control.contains(&r#"{"resume":false}"#.into()),
        "{control:?}"
    );
    assert_eq!(close.into_text().unwrap(), "gateway is shutting down");
    drop((client, peer));
    // The detached session does not hold it up.
    server.stopped().await;
}

#[tokio::test]
async fn raw_stream_keeps_its_order_over_a_resume() {
    let upstream = Upstream::bind().await;
    let server = TestServer::in_front_of(&upstream, "framing=raw").await;
    let mut client = ResumableClient::open(&server, "ws").await;
    let mut peer = upstream.accept().await;
    client.send("abc").await;
    let mut bytes = [0; 3];
    peer.0.read_exact(&mut bytes).await.unwrap();
    assert_eq!(&bytes, b"abc");
    let mut stream = Vec::new();
    for round in 0..20_u8 {
        peer.write(vec![round; 1000]).await;
        while stream.len() < (usize::from(round) + 1) * 1000 {
            let chunk = client.receive().await;
            assert_eq!((chunk.kind, chunk.micros), (2, None));
            stream.extend(chunk.payload);
        }
        peer.write(vec![round; 5]).await;
        client = client.lose_and_resume(&server, "ws").await;
        stream.extend(client.receive().await.payload);
        stream.truncate((usize::from(round) + 1) * 1000);
    }
    let expected: Vec<_> = (0..20).flat_map(|round| [round; 1000]).collect();
    assert_eq!(stream, expected);
}

#[tokio::test]
async fn access_is_checked_when_a_session_is_resumed() {
    let server = token::server().await;
    let open = async |path: &str, bearer: &str| {
        let url = format!("ws://{}/{path}", server.http());
        let mut request = url.into_client_request().unwrap();
        let headers = request.headers_mut();
        headers.insert("sec-websocket-protocol", "framegate.1".parse().unwrap());
        let bearer = format!("Bearer {bearer}").parse().unwrap();
        headers.insert("authorization", bearer);
        within(tokio_tungstenite::connect_async(request)).await
    };
    let (socket, _) = open("ws", token::TOKEN).await.unwrap();
    let client = ResumableClient::greeted(Browser(socket), 0).await;
    let path = format!("ws?resume={}&received=0", client.token());
    let refused = open(&path, "another-token-altogether").await.unwrap_err();
    assert_contains(&refused.to_string(), "401");
    let (socket, _) = open(&path, token::TOKEN).await.unwrap();
    let mut client = ResumableClient::greeted(Browser(socket), 0).await;
    client.acknowledge().await;
    client.send("hello").await;
    assert_eq!(client.receive_text().await, "echo : hello");
}

#[tokio::test]
async fn detached_session_counts_as_a_connection() {
    let (server, client, _peer) =
        open_after(|config| config.limits.max_connections = Some(2)).await;
    let client = client.resume(&server, "ws").await;
    let token = client.token().to_owned();
    drop(client);
    wait_for_metric(&server, "framegate_sessions_detached 1").await;
    let other = server.open().await;
    assert_eq!(fetch(&server, "GET /", &[]).await.status(), 503);
    drop(other);
    let resumed = async {
        while fetch(&server, "GET /", &[]).await.status() == 503 {}
        open_with(&server, "ws", &token, 0).await
    };
    let client = ResumableClient::greeted(resumed.await, 0).await;
    assert_eq!(client.hello["received"], 0);
}

#[tokio::test]
async fn oldest_detached_session_gives_way_if_all_keep_too_much() {
    let upstream = Upstream::bind().await;
    let server = server_for(&upstream, |config| {
        config.resume.buffer = 50_000;
        config.resume.memory = 100_000;
    })
    .await;
    let mut peers = Vec::new();
    let mut tokens = Vec::new();
    for number in 1..=3 {
        let client = ResumableClient::open(&server, "ws").await;
        let mut peer = upstream.accept().await;
        tokens.push(client.token().to_owned());
        drop(client);
        let detached = format!("framegate_sessions_detached {number}");
        wait_for_metric(&server, &detached).await;
        peer.send(vec![0; 40_000]).await;
        if number < 3 {
            let kept = format!("framegate_sessions_detached_kept_bytes {}", number * 40_005);
            wait_for_metric(&server, &kept).await;
        }
        peers.push(peer);
    }
    assert_eq!(peers[0].receive().await, None);
    wait_for_metric(&server, "framegate_sessions_detached_kept_bytes 80010").await;
    let evicted = "framegate_sessions_ended_total{end=\"resume_evicted\"} 1";
    wait_for_metric(&server, evicted).await;
    check_refused(open_with(&server, "ws", &tokens[0], 0).await, UNKNOWN).await;
    for token in &tokens[1..] {
        let browser = open_with(&server, "ws", token, 0).await;
        let mut client = ResumableClient::greeted(browser, 0).await;
        assert_eq!(client.receive().await.payload.len(), 40_000);
    }
}

#[tokio::test]
async fn resumable_sessions_can_be_disabled() {
    let server = TestServer::with(|config| config.resume.timeout = None).await;
    let offers = [&HANDSHAKE[..], &[("sec-websocket-protocol", "framegate.1")]].concat();
    let response = fetch(&server, "GET /ws", &offers).await;
    assert_eq!(response.header("sec-websocket-protocol"), None);
    let info = fetch(&server, "GET /api/info", &[]).await;
    assert_contains(info.body(), "\"resume\":null");
    let server = TestServer::start().await;
    let info = fetch(&server, "GET /api/info", &[]).await;
    let resume = r#""resume":{"subprotocol":"framegate.1","timeout_seconds":60.0}"#;
    assert_contains(info.body(), resume);
}

#[tokio::test]
async fn plain_session_ignores_the_query() {
    let server = TestServer::start().await;
    let mut browser = server.open_at("ws?resume=x&received=y").await;
    browser.check_echo("hello").await;
}

#[tokio::test]
async fn log_has_each_detach_and_resume_under_one_id_and_no_token() {
    let mut command = framegate(&FREE_PORTS);
    command.env("RUST_LOG", "trace");
    let mut gateway = GatewayProcess::start(&mut command);
    let url = gateway.url("bridge").await;
    let open = async |query: &str| {
        let mut request = format!("{url}{query}").into_client_request().unwrap();
        let offer = "framegate.1".parse().unwrap();
        request
            .headers_mut()
            .insert("sec-websocket-protocol", offer);
        let opened = within(tokio_tungstenite::connect_async(request)).await;
        ResumableClient::greeted(Browser(opened.unwrap().0), 0).await
    };
    let mut client = open("").await;
    client.send("hello").await;
    assert_eq!(client.receive_text().await, "echo : hello");
    let first = client.token().to_owned();
    drop(client);
    gateway
        .logged("session detached: client left without closing")
        .await;
    let client = open(&format!("?resume={first}&received=0")).await;
    let resumed = gateway.logged("session resumed").await;
    assert_contains(&resumed, "id=1");
    assert_contains(&resumed, "again=1");
    let second = client.token().to_owned();
    let _third = open(&format!("?resume={second}&received=0")).await;
    let taken_over = gateway.logged("session taken over").await;
    assert_contains(&taken_over, "id=1");
    gateway.signal(Signal::SIGTERM);
    let (_, log) = gateway.ended().await;
    for token in [first, second] {
        let (_, secret) = token.split_once('.').unwrap();
        assert!(!log.contains(secret), "{log}");
    }
}
