//! Resumable sessions (subprotocol framegate.1): what a client that loses its connection finds.

use std::time::Duration;

use gateway::Config;

use crate::harness::{Browser, Peer, TestServer, Upstream, frame, within};
use crate::http_client::fetch;
use crate::resumable_client::{ResumableClient, open_with};

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

/// Waits until the gateway reports this metric.
async fn await_metric(server: &TestServer, metric: &str) {
    let line = format!("\nframegate_{metric}\n");
    let reported = async {
        while !fetch(server, "GET /metrics", &[])
            .await
            .body()
            .contains(&line)
        {
            tokio::task::yield_now().await;
        }
    };
    within(reported).await;
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
    await_metric(&server, "sessions_ended_total{end=\"resume_expired\"} 1").await;
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
    check_refused(
        open_with(&server, "ws/one", client.token(), -1).await,
        malformed,
    )
    .await;
    check_refused(open_with(&server, "ws/one", "gate.none", 0).await, UNKNOWN).await;
    await_metric(&server, "refused_total{limit=\"session\"} 3").await;
    assert_eq!(client.resume(&server, "ws/one").await.hello["received"], 0);
}
