//! WebSocket client that sends any bytes, valid or not.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::within;
use crate::http_client::HANDSHAKE;

pub(crate) const FIN: u8 = 0x80;
pub(crate) const CONTINUATION: u8 = 0x0;
pub(crate) const TEXT: u8 = 0x1;
pub(crate) const BINARY: u8 = 0x2;
pub(crate) const CLOSE: u8 = 0x8;
pub(crate) const PING: u8 = 0x9;
pub(crate) const PONG: u8 = 0xa;

/// A masked frame, as clients send it (section 5.2); `first` is its first byte.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
    let mut bytes = vec![first];
    match payload.len() {
        len @ 0..=125 => bytes.push(0x80 | len as u8),
        len @ 126..=0xffff => {
            bytes.push(0x80 | 126);
            bytes.extend((len as u16).to_be_bytes());
        }
        len => {
            bytes.push(0x80 | 127);
            bytes.extend((len as u64).to_be_bytes());
        }
    }
    bytes.extend(MASK);
    bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(b, m)| b ^ m));
    bytes
}

pub(crate) fn close(code: u16, reason: &[u8]) -> Vec<u8> {
    frame(FIN | CLOSE, &[&code.to_be_bytes(), reason].concat())
}

/// A WebSocket client that sends any bytes, valid or not.
pub(crate) struct RawClient {
    pub(crate) stream: TcpStream,
    /// Header of the response with the extensions that the server agrees to.
    pub(crate) extensions: Option<String>,
}

impl RawClient {
    /// Opens a WebSocket at `path`, and offers `extensions` if there are any.
    pub(crate) async fn open(server: SocketAddr, path: &str, extensions: &str) -> Self {
        Self::open_with(server, path, &[("sec-websocket-extensions", extensions)]).await
    }

    /// Opens a WebSocket at `path` with those of the `offers` that are not empty.
    pub(crate) async fn open_with(server: SocketAddr, path: &str, offers: &[(&str, &str)]) -> Self {
        let mut stream = TcpStream::connect(server).await.unwrap();
        let offers = offers.iter().filter(|(_, offer)| !offer.is_empty());
        let headers: String = HANDSHAKE
            .iter()
            .chain(offers)
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        let head = format!("GET /{path} HTTP/1.1\r\nhost: localhost\r\n{headers}\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut response = Vec::new();
        while !response.ends_with(b"\r\n\r\n") {
            response.push(within(stream.read_u8()).await.unwrap());
        }
        let response = String::from_utf8(response).unwrap();
        assert!(response.starts_with("HTTP/1.1 101"), "{response}");
        let mut lines = response.lines();
        let extensions = lines.find_map(|line| line.strip_prefix("sec-websocket-extensions: "));
        Self {
            stream,
            extensions: extensions.map(Into::into),
        }
    }

    pub(crate) async fn send(&mut self, frames: &[Vec<u8>]) {
        self.stream.write_all(&frames.concat()).await.unwrap();
    }

    /// Receives a frame: its first byte and its payload. A server's frames are not masked.
    pub(crate) async fn receive(&mut self) -> (u8, Vec<u8>) {
        within(async {
            let first = self.stream.read_u8().await.unwrap();
            let len = match self.stream.read_u8().await.unwrap() {
                126 => usize::from(self.stream.read_u16().await.unwrap()),
                127 => self.stream.read_u64().await.unwrap() as usize,
                len => usize::from(len),
            };
            let mut payload = vec![0; len];
            self.stream.read_exact(&mut payload).await.unwrap();
            (first, payload)
        })
        .await
    }

    /// Receives a Close and the end of the stream; returns the code.
    pub(crate) async fn closed(&mut self) -> Option<u16> {
        let (first, payload) = self.receive().await;
        assert_eq!(first, FIN | CLOSE, "{}", payload.escape_ascii());
        // The server closes the connection first (section 7.1.1).
        let mut rest = Vec::new();
        within(self.stream.read_to_end(&mut rest)).await.unwrap();
        assert_eq!(rest, b"");
        Some(u16::from_be_bytes(*payload.first_chunk()?))
    }
}
