//! WebSocket client with permessage-deflate, which compares each reply and counts all bytes.

use std::io::{self, Cursor};
use std::net::SocketAddr;

use fastrand::Rng;
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::deflate::json;

/// Text before each message in its reply.
const PREFIX: &str = "echo : ";

/// Bytes at the end of each compressed message, which are not sent (RFC 7692, section 7.2.1).
const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

const OFFER: &str = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";

/// A connection.
pub(super) struct Client {
    stream: TcpStream,
    rng: Rng,
    deflate: Option<Deflate>,
    /// Bytes that are read, and not yet taken.
    input: Vec<u8>,
    /// Bytes of frames, sent and received.
    bytes: u64,
}

/// Both directions of the extension.
struct Deflate {
    compress: Compress,
    decompress: Decompress,
    /// Set if messages are compressed with those before as their context.
    takeover: bool,
}

impl Client {
    /// Connects. The name's end, `off`, `messages` or `takeover`, tells what the server has to
    /// agree to.
    pub(super) async fn connect(addr: SocketAddr, name: &str, seed: u64) -> Result<Self, String> {
        let text = |error: io::Error| error.to_string();
        let mut stream = TcpStream::connect(addr).await.map_err(text)?;
        stream.set_nodelay(true).map_err(text)?;
        let request = format!(
            "GET /ws HTTP/1.1\r\nHost: {addr}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{OFFER}\r\n"
        );
        stream.write_all(request.as_bytes()).await.map_err(text)?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.map_err(text)?);
        }
        let head = String::from_utf8_lossy(&head);
        let agreed = head.contains("permessage-deflate");
        let takeover = agreed && !head.contains("no_context_takeover");
        let setting = match (agreed, takeover) {
            (false, _) => "off",
            (true, false) => "messages",
            (true, true) => "takeover",
        };
        if !head.starts_with("HTTP/1.1 101 ") || !name.ends_with(setting) {
            return Err(format!("the server answers: {head}"));
        }
        Ok(Self {
            stream,
            rng: Rng::with_seed(seed),
            deflate: agreed.then(|| Deflate::new(takeover)),
            input: Vec::new(),
            bytes: 0,
        })
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Sends `count` messages of `len` bytes in one write, and reads their replies.
    pub(super) async fn exchange(&mut self, len: usize, count: usize) -> Result<(), String> {
        let messages: Vec<_> = (0..count)
            .map(|_| json::message(&mut self.rng, len))
            .collect();
        let mut frames = Vec::new();
        for message in &messages {
            self.push_frame(message, &mut frames);
        }
        self.bytes += frames.len() as u64;
        let written = self.stream.write_all(&frames).await;
        written.map_err(|error| error.to_string())?;
        for message in &messages {
            let reply = self.receive().await?;
            let echoed = reply.strip_prefix(PREFIX.as_bytes());
            if echoed != Some(message.as_bytes()) {
                return Err("the reply is wrong".into());
            }
        }
        Ok(())
    }

    fn push_frame(&mut self, message: &str, frames: &mut Vec<u8>) {
        let compressed = self.deflate.as_mut().map(|it| it.compress(message));
        let payload = compressed.as_deref().unwrap_or(message.as_bytes());
        let mask = self.rng.u32(1..).to_ne_bytes();
        let header = FrameHeader {
            is_final: true,
            rsv1: compressed.is_some(),
            opcode: OpCode::Data(Data::Text),
            mask: Some(mask),
            ..FrameHeader::default()
        };
        header
            .format(payload.len() as u64, frames)
            .expect("memory has room");
        frames.extend(payload.iter().zip(mask.iter().cycle()).map(|(a, b)| a ^ b));
    }

    /// Reads the next message, which is one frame.
    async fn receive(&mut self) -> Result<Vec<u8>, String> {
        loop {
            let mut cursor = Cursor::new(&self.input);
            let parsed = FrameHeader::parse(&mut cursor).map_err(|error| error.to_string())?;
            if let Some((header, len)) = parsed {
                let begin = cursor.position() as usize;
                let end = begin + len as usize;
                if self.input.len() >= end {
                    self.bytes += end as u64;
                    let payload = self.input[begin..end].to_vec();
                    self.input.drain(..end);
                    return self.open(&header, payload);
                }
            }
            let read = self.stream.read_buf(&mut self.input).await;
            if read.map_err(|error| error.to_string())? == 0 {
                return Err("the server has closed the connection".into());
            }
        }
    }

    fn open(&mut self, header: &FrameHeader, payload: Vec<u8>) -> Result<Vec<u8>, String> {
        if !header.is_final || !matches!(header.opcode, OpCode::Data(Data::Text)) {
            return Err(format!("the server sends {header:?}"));
        }
        match (header.rsv1, &mut self.deflate) {
            (false, _) => Ok(payload),
            (true, Some(deflate)) => deflate.decompress(payload),
            (true, None) => Err("the server compresses without agreement".into()),
        }
    }
}

impl Deflate {
    fn new(takeover: bool) -> Self {
        Self {
            compress: Compress::new(Compression::fast(), false),
            decompress: Decompress::new(false),
            takeover,
        }
    }

    fn compress(&mut self, message: &str) -> Vec<u8> {
        if !self.takeover {
            self.compress.reset();
        }
        let mut output = Vec::with_capacity(message.len() + message.len() / 8 + 64);
        self.compress
            .compress_vec(message.as_bytes(), &mut output, FlushCompress::Sync)
            .expect("the stream has no end");
        assert!(output.ends_with(&TAIL) && output.len() < output.capacity());
        output.truncate(output.len() - TAIL.len());
        output
    }

    fn decompress(&mut self, mut payload: Vec<u8>) -> Result<Vec<u8>, String> {
        if !self.takeover {
            self.decompress.reset(false);
        }
        payload.extend_from_slice(&TAIL);
        let mut output = Vec::with_capacity(64 * payload.len() + 1024);
        let before = self.decompress.total_in();
        self.decompress
            .decompress_vec(&payload, &mut output, FlushDecompress::Sync)
            .map_err(|error| error.to_string())?;
        let taken = self.decompress.total_in() - before;
        match taken == payload.len() as u64 {
            true => Ok(output),
            false => Err("the reply is longer than what was sent".into()),
        }
    }
}
