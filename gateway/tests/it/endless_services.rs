//! Services that send without end: `send`, `replay`, `bench` and sessions read a bounded part of
//! it, and go on with what they have to do.

use std::process::Stdio;
use std::time::Duration;

use client::resumable::{MessageKind, Session};
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::{WebSocketStream, accept_async, accept_hdr_async};

use crate::echo_targets::{tcp_url, ws_url};
use crate::harness::{TestServer, Upstream, frame, within};
use crate::process::{assert_contains, framegate, output, text};
use crate::replay::{close, message, open, replay};

const MIB: usize = 1 << 20;

/// More than the buffers between two sockets hold.
const SOCKET_BUFFERS: usize = 16 * MIB;

/// Writes `chunk` again and again until that fails; returns the number of bytes written.
async fn write_on(stream: &mut (impl AsyncWrite + Unpin), chunk: &[u8]) -> usize {
    let mut written = 0;
    while stream.write_all(chunk).await.is_ok() {
        written += chunk.len();
    }
    written
}

/// Serves the first connection of `upstream`.
fn serve<T: Send + 'static, F>(
    upstream: Upstream,
    serve: impl FnOnce(TcpStream) -> F + Send + 'static,
) -> JoinHandle<T>
where
    F: Future<Output = T> + Send,
{
    tokio::spawn(async move { serve(upstream.accept().await.0).await })
}

/// Opens a WebSocket with a client of resumable sessions, and greets it with a huge window.
#[expect(clippy::result_large_err, reason = "the type is tungstenite's")]
async fn greet(stream: TcpStream) -> WebSocketStream<TcpStream> {
    let confirm = |_: &Request, mut response: Response| {
        let name = "framegate.1".parse().unwrap();
        response
            .headers_mut()
            .insert("sec-websocket-protocol", name);
        Ok(response)
    };
    let mut socket = accept_hdr_async(stream, confirm).await.unwrap();
    let hello = r#"{"session":"x","received":0,"window":9000000000000000000,"keep":60}"#;
    socket.send(Message::text(hello)).await.unwrap();
    socket
}

/// A fragment of a binary message, the first or a later one.
fn fragment(first_byte: u8) -> Vec<u8> {
    [
        &[first_byte, 127][..],
        &(MIB as u64).to_be_bytes(),
        &[7; MIB],
    ]
    .concat()
}

/// Sends a message of fragments without end on `stream`; returns its length.
async fn send_endless_message(stream: &mut TcpStream) -> usize {
    stream.write_all(&fragment(0x02)).await.unwrap();
    write_on(stream, &fragment(0x00)).await
}

#[tokio::test]
async fn replay_keeps_64_mib_of_replies_to_a_message_that_it_cannot_send() {
    let upstream = Upstream::bind().await;
    let target = tcp_url(upstream.addr());
    let written = serve(upstream, async |mut stream| {
        write_on(&mut stream, &frame([7; 64 << 10])).await
    });
    let long = message(0.0, 1, "sent", vec![7; SOCKET_BUFFERS]);
    let recording = [open(0.0, 1), long, close(0.0, 1)].concat();
    let (status, stdout, _) = replay(&recording, &target, &["--timeout=2s"]).await;
    assert_eq!(status, Some(1));
    let cause = "cannot be sent: timed out after 2s, with 64 MiB of replies before their turn";
    assert_contains(&stdout, cause);
    // Before it closes the connection, it drops what else comes.
    assert!(within(written).await.unwrap() > 64 * MIB);
}

#[tokio::test]
async fn replies_without_end_keep_no_message_from_being_sent() {
    let upstream = Upstream::bind().await;
    let target = tcp_url(upstream.addr());
    let received = tokio::spawn(async move {
        let (mut input, mut output) = upstream.accept().await.0.into_split();
        let endless = tokio::spawn(async move { write_on(&mut output, b"yes\n").await });
        let mut message = [0; 6];
        input.read_exact(&mut message).await.unwrap();
        endless.abort();
        message
    });
    let args = [
        "send",
        "-t",
        &target,
        "--framing=lines",
        "--no-reply",
        "hello",
    ];
    let mut sending = framegate(&args).stdout(Stdio::null()).spawn().unwrap();
    assert_eq!(&within(received).await.unwrap(), b"hello\n");
    within(sending.wait()).await.unwrap();
}

#[tokio::test]
async fn head_of_a_response_is_limited() {
    let upstream = Upstream::bind().await;
    let target = ws_url(upstream.addr());
    let written = serve(upstream, async |mut stream| {
        stream.write_all(b"HTTP/1.1 101 Yes\r\n").await.unwrap();
        write_on(&mut stream, b"X: y\r\n").await
    });
    let output = output(&["send", "-t", &target, "hello"]).await;
    assert_eq!(output.status.code(), Some(1));
    let expected = format!(
        "framegate: the WebSocket handshake with {target} failed: \
         the head of its response is too long\n"
    );
    assert_eq!(text(&output.stderr), expected);
    assert!(within(written).await.unwrap() < SOCKET_BUFFERS);
}

#[tokio::test]
async fn chunk_of_a_byte_stream_is_limited() {
    let upstream = Upstream::bind().await;
    let target = ws_url(upstream.addr());
    let sent = serve(upstream, async |stream| {
        let mut socket = accept_async(stream).await.unwrap();
        send_endless_message(socket.get_mut()).await
    });
    let output = output(&["send", "-t", &target, "--stream", "hello"]).await;
    assert_eq!(output.status.code(), Some(1));
    assert_contains(&text(&output.stderr), "over the limit of 67108864 bytes");
    let sent = within(sent).await.unwrap();
    assert!(sent < 64 * MIB + SOCKET_BUFFERS, "{sent}");
}

#[tokio::test]
async fn first_reply_to_a_benchmark_is_limited() {
    for (args, expected) in [
        (
            &["--framing=lines"][..],
            "no delimiter within the limit of 67108896 bytes",
        ),
        (&["--framing=u64le"], "over the limit of 67108896 bytes"),
    ] {
        let upstream = Upstream::bind().await;
        let target = tcp_url(upstream.addr());
        let written = serve(upstream, async |mut stream| {
            write_on(&mut stream, &[7; MIB]).await
        });
        let output = output(&[&["bench", &target], args].concat()).await;
        assert_eq!(output.status.code(), Some(1));
        assert_contains(&text(&output.stderr), expected);
        let written = within(written).await.unwrap();
        assert!(written < 64 * MIB + SOCKET_BUFFERS, "{written}");
    }
}

#[tokio::test]
async fn endless_message_in_place_of_a_reply_ends_a_benchmark() {
    for args in [&[][..], &["--resume"]] {
        let upstream = Upstream::bind().await;
        let target = ws_url(upstream.addr());
        let resume = !args.is_empty();
        let sent = serve(upstream, async move |stream| {
            let mut socket = match resume {
                true => greet(stream).await,
                false => accept_async(stream).await.unwrap(),
            };
            send_endless_message(socket.get_mut()).await
        });
        let output = output(&[&["bench", &target], args].concat()).await;
        assert_eq!(output.status.code(), Some(1));
        assert_contains(&text(&output.stderr), "over the limit of 67108");
        let sent = within(sent).await.unwrap();
        assert!(sent < 64 * MIB + SOCKET_BUFFERS, "{sent}");
    }
}

/// Answers the first message, whose connection ends; then sends `chunk` without end to the next
/// client, and reads nothing.
async fn bench_against(chunk: &'static [u8]) -> (String, usize) {
    let upstream = Upstream::bind().await;
    let target = ws_url(upstream.addr());
    let written = tokio::spawn(async move {
        let mut first = accept_async(upstream.accept().await.0).await.unwrap();
        let request = first.next().await.unwrap();
        first.send(request.unwrap()).await.unwrap();
        while let Some(Ok(_)) = first.next().await {}
        let mut second = accept_async(upstream.accept().await.0).await.unwrap();
        second.next().await.unwrap().unwrap();
        write_on(second.get_mut(), chunk).await
    });
    let args = ["bench", &target, "-w0", "-n1", "--timeout=2s"];
    let output = output(&args).await;
    assert_eq!(output.status.code(), Some(1));
    (text(&output.stderr), within(written).await.unwrap())
}

#[tokio::test]
async fn pings_without_end_are_read_no_further_than_their_pongs_are_taken() {
    let ping = [&[0x89, 125][..], &[7; 125]].concat().repeat(64).leak();
    let (stderr, written) = bench_against(ping).await;
    assert_contains(&stderr, "no reply");
    assert!(written < 4 * SOCKET_BUFFERS, "{written}");
}

#[tokio::test]
async fn long_ping_is_refused_as_it_arrives() {
    let ping = [&[0x89, 127][..], &u64::MAX.to_be_bytes()[..], &[7; MIB]].concat();
    let (stderr, written) = bench_against(ping.leak()).await;
    assert_contains(&stderr, "invalid WebSocket frame");
    assert!(written < SOCKET_BUFFERS, "{written}");
}

#[tokio::test]
async fn session_reads_64_mib_ahead_of_its_program_whatever_the_window() {
    let upstream = Upstream::bind().await;
    let url = ws_url(upstream.addr());
    let (count, mut counts) = watch::channel(0);
    let gateway = tokio::spawn(async move {
        let mut socket = greet(upstream.accept().await.0).await;
        let message = [&[0x02, 0xff, 0xff, 0xff, 0xff][..], &[7; MIB]].concat();
        loop {
            socket.send(Message::binary(message.clone())).await.unwrap();
            count.send_modify(|count| *count += 1);
        }
    });
    let mut session = within(Session::connect(&url)).await.unwrap();
    within(counts.wait_for(|count| *count >= 64)).await.unwrap();
    let further = counts.wait_for(|count| *count > 64 + SOCKET_BUFFERS / MIB);
    assert!(timeout(Duration::from_millis(500), further).await.is_err());
    // The gateway goes on as the program takes messages.
    for _ in 0..64 + 64 {
        let message = within(session.receive()).await.unwrap();
        assert_eq!(message.payload.len(), MIB);
    }
    gateway.abort();
}

#[tokio::test]
async fn program_that_only_sends_goes_on() {
    let server = TestServer::start().await;
    let session = Session::connect(&ws_url(server.http())).await.unwrap();
    let (mut sender, receiver) = session.split();
    drop(receiver);
    // The replies are several windows, which nobody takes.
    for _ in 0..32 {
        let sent = sender.send(MessageKind::Binary, vec![7; 64 << 10]);
        within(sent).await.unwrap();
    }
}
