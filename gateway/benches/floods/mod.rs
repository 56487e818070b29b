//! Floods: clients that keep a gateway as busy as they can.

use std::pin::Pin;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::Target;

/// A kind of flood.
#[derive(Debug)]
pub(crate) struct Flood {
    pub(crate) name: &'static str,
    /// Runs one client of it, for ever.
    pub(crate) run: fn(Target) -> Pin<Box<dyn Future<Output = ()> + Send>>,
}

pub(crate) const FLOODS: &[Flood] = &[
    Flood {
        name: "empty messages",
        run: |target| Box::pin(messages(target, b"", b"\x82\x80\0\0\0\0")),
    },
    Flood {
        name: "messages of one byte",
        run: |target| Box::pin(messages(target, b"", b"\x82\x81\0\0\0\0x")),
    },
    Flood {
        name: "empty fragments",
        run: |target| Box::pin(messages(target, b"\x02\x80\0\0\0\0", b"\0\x80\0\0\0\0")),
    },
    Flood {
        name: "16 MiB in fragments of 16 KiB",
        run: |target| Box::pin(fragments(target)),
    },
    Flood {
        name: "pings",
        run: |target| Box::pin(messages(target, b"", b"\x89\x80\0\0\0\0")),
    },
    Flood {
        name: "handshakes",
        run: |target| Box::pin(handshakes(target)),
    },
    Flood {
        name: "slow HTTP bodies",
        run: |target| Box::pin(slow_bodies(target)),
    },
    Flood {
        name: "empty frames over TCP",
        run: |target| Box::pin(frames(target)),
    },
];

/// Length of one write, in bytes.
const WRITE: usize = 256 << 10;
/// Slow HTTP requests of each client.
const BODIES: usize = 20;

/// Opens a session without a WebSocket library, whose checks would slow the flood down.
async fn open(target: Target) -> TcpStream {
    let mut stream = TcpStream::connect(target.http).await.expect("a connection");
    let request = format!(
        "GET /ws HTTP/1.1\r\nhost: {}\r\nupgrade: websocket\r\nconnection: upgrade\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        target.http
    );
    stream
        .write_all(request.as_bytes())
        .await
        .expect("a request");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.expect("an answer"));
    }
    assert!(head.starts_with(b"HTTP/1.1 101"), "{}", head.escape_ascii());
    stream
}

/// Writes `first`, then `rest` for ever, and discards the replies.
async fn pour(stream: TcpStream, first: &[u8], rest: &[u8]) {
    let (mut read, mut write) = stream.into_split();
    let discard = async {
        let mut buffer = vec![0; WRITE];
        while read.read(&mut buffer).await.is_ok_and(|count| count > 0) {}
    };
    let write = async {
        write.write_all(first).await?;
        loop {
            write.write_all(rest).await?;
        }
    };
    let (_, written): ((), std::io::Result<()>) = tokio::join!(discard, write);
    written.expect("an open session");
}

async fn messages(target: Target, first: &[u8], frame: &[u8]) {
    let frames = frame.repeat(WRITE / frame.len());
    pour(open(target).await, first, &frames).await;
}

async fn fragments(target: Target) {
    let fragment = |first: u8| {
        let header = [first, 0x80 | 126, 0x40, 0, 0, 0, 0, 0];
        [&header[..], &[b'x'; 16 << 10]].concat()
    };
    let message = [fragment(0x02), fragment(0x00).repeat(1022), fragment(0x80)].concat();
    pour(open(target).await, b"", &message).await;
}

async fn frames(target: Target) {
    let stream = TcpStream::connect(target.tcp).await.expect("a connection");
    pour(stream, b"", &[0; WRITE]).await;
}

async fn handshakes(target: Target) {
    loop {
        drop(open(target).await);
    }
}

/// Sends the bodies of requests a byte at a time, each anew once it is refused.
async fn slow_bodies(target: Target) {
    let mut bodies = JoinSet::new();
    for _ in 0..BODIES {
        bodies.spawn(async move {
            loop {
                // The gateway may end the request at any point.
                let _: std::io::Result<()> = slow_body(target).await;
                sleep(Duration::from_millis(10)).await;
            }
        });
    }
    bodies.join_all().await;
}

async fn slow_body(target: Target) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(target.http).await?;
    let request = format!(
        "POST /login HTTP/1.1\r\nhost: {}\r\ncontent-length: 1000\r\n\
         content-type: application/x-www-form-urlencoded\r\n\r\n",
        target.http
    );
    stream.write_all(request.as_bytes()).await?;
    for _ in 0..1000 {
        stream.write_all(b"x").await?;
        sleep(Duration::from_millis(10)).await;
    }
    Ok(())
}
