//! Openings in `send`, `bench`, recordings and `replay`: a first message framed otherwise.

use std::net::SocketAddr;

use protocol::Framing;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;

use crate::echo_targets::{echo_target, tcp_url, ws_url};
use crate::harness::TestServer;
use crate::http_client::fetch;
use crate::process::{assert_contains, output, text};
use crate::recording::{recording_to, records};
use crate::replay::replay;

/// A service that answers eight bytes with eight, and echoes messages of `u64be` after them.
async fn service() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    });
    addr
}

/// Serves a connection to its end, which is no error.
async fn serve(mut stream: TcpStream) -> std::io::Result<()> {
    let mut greeting = [0; 8];
    stream.read_exact(&mut greeting).await?;
    stream.write_all(b"WELCOME!").await?;
    loop {
        let len = stream.read_u64().await?;
        if len > 1 << 20 {
            return Ok(());
        }
        let mut payload = vec![0; len as usize];
        stream.read_exact(&mut payload).await?;
        let frame = [&len.to_be_bytes(), &payload[..]].concat();
        stream.write_all(&frame).await?;
    }
}

async fn gateway(service: SocketAddr, recording: Option<&std::path::Path>) -> TestServer {
    let upstream = format!("{service}?framing=u64be&first=fixed8");
    TestServer::with(|config| {
        config.upstreams = vec![upstream.parse().unwrap()];
        config.recording = recording.map(recording_to);
    })
    .await
}

const OPENING: [&str; 2] = ["--framing=u64be", "--first=fixed8"];

/// Runs the binary with `args`; returns its output if it succeeds.
async fn run(args: &[&[&str]]) -> String {
    let output = output(&args.concat()).await;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    text(&output.stdout)
}

#[tokio::test]
async fn send_frames_the_first_message_otherwise() {
    let service = service().await;
    let target = tcp_url(service);
    let args = ["send", "--to", &target, "HELLO US", "one", "two"];
    assert_eq!(run(&[&args, &OPENING]).await, "WELCOME!\none\ntwo\n");
    let gateway = gateway(service, None).await;
    let target = ws_url(gateway.http());
    let args = ["send", "--to", &target, "HELLO US", "one", "two"];
    assert_eq!(run(&[&args]).await, "WELCOME!\none\ntwo\n");
    let target = tcp_url(service);
    let output = output(&[&["send", "--to", &target, "short"][..], &OPENING].concat()).await;
    assert_contains(&text(&output.stderr), "5 bytes");
    assert_eq!(output.status.code(), Some(1));
}

#[tokio::test]
async fn bench_exchanges_the_first_message_before_the_load() {
    let service = service().await;
    let gateway = gateway(service, None).await;
    for target in [tcp_url(service), ws_url(gateway.http())] {
        let args = [
            "bench", &target, "--json", "-w0", "-c3", "-f4", "-n200", "-s20",
        ];
        let report: Value = serde_json::from_str(&run(&[&args, &OPENING]).await).unwrap();
        assert_eq!(report["messages"], 200, "{target}");
    }
}

#[tokio::test]
async fn bench_has_messages_for_each_framing() {
    let pictures = [
        "1+u32be-inclusive",
        "2+u16be+1...3",
        "whole:1+varint",
        "whole:mllp",
        "fixed64",
        "ascii4",
    ];
    let pictures = pictures.map(|notation| notation.parse::<Framing>().unwrap());
    for framing in Framing::named().chain(pictures) {
        if framing == Framing::Raw {
            continue;
        }
        let (_server, target) = echo_target(framing).await;
        let notation = framing.to_string();
        let args = ["bench", &target, "--json", "-w0", "-f3", "-n40", "-s64"];
        let report = run(&[&args, &["--framing", &notation]]).await;
        let report: Value = serde_json::from_str(&report).unwrap();
        assert_eq!(report["messages"], 40, "{framing}");
    }
}

#[tokio::test]
async fn bench_says_which_sizes_are_impossible() {
    for (framing, size, error) in [
        (
            "json",
            "1",
            "no message of 1 byte has framing json: use another --size",
        ),
        (
            "4+u16be",
            "3",
            "shorter than the 4 that its framing needs; --size",
        ),
        ("fixed8", "9", "--size"),
        (
            "whole:mllp",
            "2",
            "no message of 2 bytes has framing whole:mllp",
        ),
        ("headers", "8", "no message of 8 bytes"),
    ] {
        let args = [
            "bench",
            "tcp://127.0.0.1:9",
            "--framing",
            framing,
            "-s",
            size,
        ];
        let output = output(&args).await;
        assert_contains(&text(&output.stderr), error);
        assert_eq!(output.status.code(), Some(2), "{framing}");
    }
}

#[tokio::test]
async fn session_with_an_opening_is_recorded_and_replayed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recording");
    let service = service().await;
    let server = gateway(service, Some(&path)).await;
    let info = fetch(&server, "GET /api/info", &[]).await;
    let info: Value = serde_json::from_str(info.body()).unwrap();
    let upstream = &info["upstreams"][0];
    assert_eq!(upstream["framing"], "u64be");
    assert_eq!(upstream["first_sent"], "fixed8");
    assert_eq!(upstream["first_received"], "fixed8");

    let mut browser = server.open().await;
    for (message, reply) in [("HELLO US", "WELCOME!"), ("one", "one"), ("", "")] {
        browser.send(message).await;
        assert_eq!(browser.receive().await, Message::text(reply));
    }
    drop(browser);
    server.stop().await;
    let opened = &records(&path)[0];
    assert_eq!(opened["framing"], "u64be");
    assert_eq!(opened["first_sent"], "fixed8");
    assert_eq!(opened["first_received"], "fixed8");

    let recording = std::fs::read_to_string(&path).unwrap();
    for options in [&[][..], &["--fast"]] {
        let (status, stdout, stderr) = replay(&recording, &tcp_url(service), options).await;
        assert_eq!((status, &*stderr), (Some(0), ""), "{stdout}");
        assert_contains(&stdout, "messages sent 3, replies as recorded 3 of 3");
    }
    let other = ["--first=u64be"];
    let (status, ..) = replay(
        &recording,
        &tcp_url(service),
        &[&other[..], &["--timeout=500ms"]].concat(),
    )
    .await;
    assert_eq!(status, Some(1), "options override the recording");
}
