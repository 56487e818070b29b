//! Sends lines of standard input over a resumable session, and prints the replies.
//!
//! ```sh
//! cargo run -p framegate-client --example resumable ws://127.0.0.1:3000/ws
//! ```
//!
//! Cut the connection, and type on: no message is lost or doubled.

use std::error::Error;

use client::resumable::{MessageKind, Session};
use tokio::io::{AsyncBufReadExt, BufReader, stdin};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1);
    let url = url.unwrap_or_else(|| "ws://127.0.0.1:3000/ws".into());
    let (mut sender, mut receiver) = Session::connect(&url).await?.split();
    let mut notices = receiver.take_notices().expect("taken once");
    let mut lines = BufReader::new(stdin()).lines();
    loop {
        tokio::select! {
            line = lines.next_line() => match line? {
                Some(line) => sender.send(MessageKind::Text, line).await?,
                None => break,
            },
            received = receiver.receive() => {
                let received = received?;
                let text = String::from_utf8_lossy(&received.payload);
                println!("{text}  (service {:?})", received.service_time);
            }
            Some(notice) = notices.next() => eprintln!("{notice}"),
        }
    }
    sender.close().await;
    // The replies to the last lines, and the answer to the Close.
    while let Ok(received) = receiver.receive().await {
        println!("{}", String::from_utf8_lossy(&received.payload));
    }
    Ok(())
}
