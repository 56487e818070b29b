//! The echo service over TCP.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::{Peer, TestServer, frame, within};

#[tokio::test]
async fn frame_is_echoed_with_the_prefix() {
    let server = TestServer::start().await;
    let mut client = server.connect().await;
    client.write(b"\x05\0\0\0hello").await;
    client.half_close().await;
    assert_eq!(client.rest().await, b"\x0c\0\0\0echo : hello");
}

#[tokio::test]
async fn prefix_is_configurable_and_may_be_empty() {
    for (prefix, expected) in [("", "日本"), ("> ", "> 日本")] {
        let server = TestServer::with(|config| config.prefix = prefix.into()).await;
        let mut client = server.connect().await;
        client.send("日本").await;
        assert_eq!(client.receive_text().await, expected);
    }
}

#[tokio::test]
async fn empty_frame_is_answered_with_the_prefix() {
    let server = TestServer::start().await;
    let mut client = server.connect().await;
    client.check_echo("").await;
}

#[tokio::test]
async fn invalid_utf8_is_echoed_unchanged() {
    let server = TestServer::start().await;
    let mut client = server.connect().await;
    client.send(b"\xff\xfe\0\x80").await;
    assert_eq!(client.receive().await.unwrap(), b"echo : \xff\xfe\0\x80");
}

#[tokio::test]
async fn pipelined_frames_are_answered_in_order() {
    let server = TestServer::start().await;
    let mut client = server.connect().await;
    let stream: Vec<u8> = (0..1000).flat_map(|n| frame(n.to_string())).collect();
    client.write(stream).await;
    for n in 0..1000 {
        assert_eq!(client.receive_text().await, format!("echo : {n}"));
    }
}

#[tokio::test]
async fn frame_may_arrive_byte_by_byte() {
    let server = TestServer::start().await;
    let mut client = server.connect().await;
    for byte in frame("hello") {
        client.write([byte]).await;
    }
    assert_eq!(client.receive_text().await, "echo : hello");
}

#[tokio::test]
async fn partial_frame_does_not_delay_earlier_replies() {
    let server = TestServer::start().await;
    let mut client = server.connect().await;
    client
        .write([&frame("one")[..], &frame("two")[..5]].concat())
        .await;
    assert_eq!(client.receive_text().await, "echo : one");
    client.write(&frame("two")[5..]).await;
    assert_eq!(client.receive_text().await, "echo : two");
}

#[tokio::test]
async fn half_close_is_followed_by_all_replies_and_eof() {
    let server = TestServer::start().await;
    let mut client = server.connect().await;
    let payload = vec![b'x'; 300_000];
    for _ in 0..3 {
        client.send(&payload).await;
    }
    client.half_close().await;
    for _ in 0..3 {
        let reply = client.receive().await.unwrap();
        assert_eq!(reply.len(), 7 + payload.len());
    }
    assert_eq!(client.receive().await, None);
}

#[tokio::test]
async fn payload_at_the_size_limit_is_answered() {
    let server = TestServer::with(|config| config.limits.max_frame = 1000).await;
    let mut client = server.connect().await;
    client.send(vec![b'x'; 1000]).await;
    assert_eq!(client.receive().await.unwrap().len(), 1007);
}

#[tokio::test]
async fn payload_over_the_size_limit_closes_after_pending_replies() {
    let server = TestServer::with(|config| config.limits.max_frame = 1000).await;
    let mut client = server.connect().await;
    let too_long = 1001_u32.to_le_bytes();
    client
        .write([&frame("one")[..], &frame("two"), &too_long].concat())
        .await;
    assert_eq!(client.receive_text().await, "echo : one");
    assert_eq!(client.receive_text().await, "echo : two");
    assert_eq!(client.receive().await, None);
}

#[tokio::test]
async fn eof_inside_a_frame_does_not_affect_other_clients() {
    let server = TestServer::start().await;
    let mut truncated = server.connect().await;
    let mut other = server.connect().await;
    truncated.write(b"\x05\0\0\0he").await;
    truncated.half_close().await;
    assert_eq!(truncated.rest().await, b"");
    other.check_echo("still here").await;
}

#[tokio::test]
async fn slow_reader_loses_nothing_and_delays_no_other_client() {
    let server = TestServer::start().await;
    let slow = server.connect().await;
    let (mut read, mut write) = slow.0.into_split();

    // More than the socket buffers hold: the service has to wait for the reader.
    const COUNT: usize = 400;
    let writer = tokio::spawn(async move {
        let frame = frame(vec![b'x'; 64 * 1024]);
        for _ in 0..COUNT {
            write.write_all(&frame).await.unwrap();
        }
        write
    });

    let mut other = server.connect().await;
    for _ in 0..100 {
        other.check_echo("quick").await;
    }

    let mut received = vec![0; COUNT * (4 + 7 + 64 * 1024)];
    within(read.read_exact(&mut received)).await.unwrap();
    within(writer).await.unwrap();
}

#[tokio::test]
async fn many_clients_are_served_concurrently() {
    let server = TestServer::start().await;
    let mut clients = Vec::new();
    for n in 0..300 {
        let mut client = server.connect().await;
        client.send(format!("client {n}")).await;
        clients.push(client);
    }
    for (n, client) in clients.iter_mut().enumerate() {
        assert_eq!(client.receive_text().await, format!("echo : client {n}"));
    }
}

#[tokio::test]
async fn drain_answers_received_frames_and_closes() {
    let server = TestServer::start().await;
    let mut client = server.connect().await;
    client.check_echo("first").await;

    client.send("last").await;
    client.0.writable().await.unwrap();
    server.ask_to_stop();
    assert_eq!(client.receive_text().await, "echo : last");
    assert_eq!(client.receive().await, None);
    drop(client);
    server.stopped().await;
}

#[tokio::test]
async fn drain_answers_clients_in_the_accept_queue() {
    let server = TestServer::start().await;
    // The runtime has a single thread: nothing is accepted before the next await.
    let mut client = std::net::TcpStream::connect(server.tcp()).unwrap();
    std::io::Write::write_all(&mut client, &frame("x")).unwrap();
    server.ask_to_stop();
    client.set_nonblocking(true).unwrap();
    let mut client = Peer(TcpStream::from_std(client).unwrap());
    assert_eq!(client.receive_text().await, "echo : x");
    assert_eq!(client.receive().await, None);
}

#[tokio::test]
async fn drain_closes_a_flooding_client_without_a_reset() {
    let server = TestServer::with(|config| {
        config.limits.drain_timeout = Some(Duration::from_secs(2));
    })
    .await;
    let (mut read, mut write) = server.connect().await.0.into_split();
    let flood = tokio::spawn(async move {
        let frames = frame("x").repeat(1000);
        while write.write_all(&frames).await.is_ok() {}
    });
    let mut first = [0; 12];
    within(read.read_exact(&mut first)).await.unwrap();
    server.ask_to_stop();
    let mut replies = Vec::new();
    // EOF without a reset: no reply is lost.
    within(read.read_to_end(&mut replies)).await.unwrap();
    assert_eq!(replies.len() % frame("echo : x").len(), 0);
    flood.abort();
    server.stopped().await;
}
