//! Contender axum-split: a bridge with axum's WebSockets, split into two forwarding loops.
//!
//! Usage: axum-bridge UPSTREAM_PORT

use axum::Router;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::any;
use axum::serve::ListenerExt;
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::codec::{Framed, LengthDelimitedCodec};

#[tokio::main]
async fn main() {
    let port = std::env::args().nth(1).and_then(|port| port.parse().ok());
    let port: u16 = port.expect("the upstream's port as the argument");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let addr = listener.local_addr().expect("an address");
    println!("  bridge  ws://{addr}/ws -> 127.0.0.1:{port}");
    let app = Router::new().route("/ws", any(upgrade)).with_state(port);
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, app).await.expect("it serves");
}

async fn upgrade(upgrade: WebSocketUpgrade, State(port): State<u16>) -> Response {
    upgrade
        .max_message_size(64 << 20)
        .max_frame_size(64 << 20)
        .on_upgrade(move |socket| forward(socket, port))
}

async fn forward(socket: WebSocket, port: u16) {
    let Ok(upstream) = TcpStream::connect(("127.0.0.1", port)).await else {
        return;
    };
    let _ = upstream.set_nodelay(true);
    let codec = LengthDelimitedCodec::builder()
        .little_endian()
        .max_frame_length(64 << 20)
        .new_codec();
    let (mut to_upstream, mut from_upstream) = Framed::new(upstream, codec).split();
    let (mut to_client, mut from_client) = socket.split();
    let up = async move {
        while let Some(Ok(message)) = from_client.next().await {
            let payload: Bytes = match message {
                Message::Binary(bytes) => bytes,
                Message::Text(text) => text.into(),
                _ => continue,
            };
            if to_upstream.send(payload).await.is_err() {
                break;
            }
        }
    };
    let down = async move {
        while let Some(Ok(payload)) = from_upstream.next().await {
            let message = Message::Binary(payload.freeze());
            if to_client.send(message).await.is_err() {
                break;
            }
        }
    };
    tokio::select! {
        () = up => {}
        () = down => {}
    }
}
