//! Contender tokio-framed: an echo service with tokio-util's length-delimited codec, one
//! message at a time.
//!
//! Usage: `framed-echo [PREFIX]`

use bytes::BytesMut;
use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::codec::{Framed, LengthDelimitedCodec};

#[tokio::main]
async fn main() {
    let prefix = std::env::args().nth(1).unwrap_or_else(|| "echo : ".into());
    let prefix: &str = prefix.leak();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let addr = listener.local_addr().expect("an address");
    println!("  echo    tcp://{addr}");
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(echo(stream, prefix));
        }
    }
}

async fn echo(stream: TcpStream, prefix: &str) {
    let _ = stream.set_nodelay(true);
    let codec = LengthDelimitedCodec::builder()
        .little_endian()
        .max_frame_length(64 << 20)
        .new_codec();
    let mut framed = Framed::new(stream, codec);
    while let Some(Ok(payload)) = framed.next().await {
        let mut reply = BytesMut::with_capacity(prefix.len() + payload.len());
        reply.extend_from_slice(prefix.as_bytes());
        reply.extend_from_slice(&payload);
        if framed.send(reply.freeze()).await.is_err() {
            break;
        }
    }
}
