//! Contender tokio-bare-bridge: the least work for a bridge on tokio, one write for each read.
//!
//! It rejects fragmented messages, replies in binary messages, and ends at any control frame.
//!
//! Usage: bare-bridge UPSTREAM_PORT

#[path = "../bare.rs"]
mod bare;

use std::io;
use std::net::Ipv4Addr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tungstenite::handshake::machine::TryParse;
use tungstenite::handshake::server::{Request, create_response, write_response};

use crate::bare::{Header, Translate};

// The first byte of a message in one frame (RFC 6455, section 5.2).
const TEXT: u8 = 0x81;
const BINARY: u8 = 0x82;

fn main() {
    let port = std::env::args().nth(1).and_then(|port| port.parse().ok());
    let port: u16 = port.expect("the upstream's port as the argument");
    bare::serve(
        |addr| println!("  bridge  ws://{addr}/ws -> 127.0.0.1:{port}"),
        move |client| bridge(client, port),
    );
}

async fn bridge(mut client: TcpStream, port: u16) -> tungstenite::Result<()> {
    let response = handshake(&mut client).await?;
    let mut upstream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    upstream.set_nodelay(true)?;
    client.write_all(&response).await?;
    let (from_client, to_client) = client.split();
    let (from_upstream, to_upstream) = upstream.split();
    let ended = tokio::select! {
        biased;
        ended = bare::forward(from_client, to_upstream, ToFrames::default()) => ended,
        ended = bare::forward(from_upstream, to_client, ToMessages) => ended,
    };
    Ok(ended?)
}

/// Reads the client's handshake, and returns the response.
async fn handshake(client: &mut TcpStream) -> tungstenite::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(1024);
    while client.read_buf(&mut bytes).await? > 0 {
        if let Some((_, request)) = Request::try_parse(&bytes)? {
            let mut response = Vec::new();
            write_response(&mut response, &create_response(&request)?)?;
            return Ok(response);
        }
    }
    Err(io::Error::from(io::ErrorKind::UnexpectedEof).into())
}

#[derive(Default)]
struct ToFrames {
    /// The masking key, rotated to the next byte.
    mask: [u8; 4],
}

impl Translate for ToFrames {
    fn header(&mut self, bytes: &[u8], frames: &mut Vec<u8>) -> io::Result<Option<Header>> {
        if !matches!(bytes, [TEXT | BINARY, ..]) {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        let Some((header, mask)) = split_header(bytes) else {
            return Ok(None);
        };
        self.mask = mask;
        bare::push_header(frames, header.payload_len);
        Ok(Some(header))
    }

    /// Unmasks (section 5.3).
    fn payload(&mut self, bytes: &mut [u8]) {
        let [a, b, c, d] = self.mask;
        let mask = [a, b, c, d, a, b, c, d];
        let (words, rest) = bytes.as_chunks_mut();
        for word in words {
            *word = (u64::from_ne_bytes(*word) ^ u64::from_ne_bytes(mask)).to_ne_bytes();
        }
        for (byte, key) in rest.iter_mut().zip(mask) {
            *byte ^= key;
        }
        self.mask.rotate_left(bytes.len() % 4);
    }
}

/// Parses a client's header and masking key (section 5.2); `None` if it is incomplete.
fn split_header(bytes: &[u8]) -> Option<(Header, [u8; 4])> {
    let (payload_len, at) = match bytes.get(1)? & 0x7f {
        126 => (u16::from_be_bytes(*bytes[2..].first_chunk()?).into(), 4),
        127 => (u64::from_be_bytes(*bytes[2..].first_chunk()?), 10),
        len => (len.into(), 2),
    };
    let mask = bytes[at..].first_chunk()?;
    let header = Header {
        len: at + mask.len(),
        payload_len: usize::try_from(payload_len).ok()?,
    };
    Some((header, *mask))
}

struct ToMessages;

impl Translate for ToMessages {
    fn header(&mut self, bytes: &[u8], messages: &mut Vec<u8>) -> io::Result<Option<Header>> {
        let header = Header::of_frame(bytes);
        if let Some(Header { payload_len, .. }) = header {
            push_message_header(messages, payload_len);
        }
        Ok(header)
    }
}

fn push_message_header(messages: &mut Vec<u8>, payload_len: usize) {
    messages.push(BINARY);
    match payload_len {
        ..126 => messages.push(payload_len as u8),
        126..0x1_0000 => {
            messages.push(126);
            messages.extend_from_slice(&(payload_len as u16).to_be_bytes());
        }
        _ => {
            messages.push(127);
            messages.extend_from_slice(&(payload_len as u64).to_be_bytes());
        }
    }
}
