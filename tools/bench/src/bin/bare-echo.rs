//! Contender tokio-bare-echo: the least work for an echo service on tokio, one write for each
//! read.
//!
//! Usage: `bare-echo [PREFIX]`

#[path = "../bare.rs"]
mod bare;

use std::io;

use tokio::net::TcpStream;

use crate::bare::{Header, Translate};

fn main() {
    let prefix = std::env::args().nth(1).unwrap_or_else(|| "echo : ".into());
    let prefix: &str = prefix.leak();
    bare::serve(
        |addr| println!("  echo    tcp://{addr}"),
        |stream| echo(stream, prefix),
    );
}

async fn echo(mut stream: TcpStream, prefix: &str) -> io::Result<()> {
    let (from, to) = stream.split();
    bare::forward(from, to, Replies { prefix }).await
}

struct Replies<'a> {
    prefix: &'a str,
}

impl Translate for Replies<'_> {
    fn header(&mut self, bytes: &[u8], replies: &mut Vec<u8>) -> io::Result<Option<Header>> {
        let header = Header::of_frame(bytes);
        if let Some(Header { payload_len, .. }) = header {
            bare::push_header(replies, self.prefix.len() + payload_len);
            replies.extend_from_slice(self.prefix.as_bytes());
        }
        Ok(header)
    }
}
