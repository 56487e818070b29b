//! Client of resumable sessions, by hand: the tests share no code with the gateway.

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_tungstenite::MaybeTlsStream;
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{Browser, TestServer};

/// Client of a resumable session, after its hello.
pub(crate) struct ResumableClient<S = MaybeTlsStream<TcpStream>> {
    pub(crate) browser: Browser<S>,
    pub(crate) hello: Value,
    /// Messages received, in this session.
    pub(crate) received: u64,
    /// The gateway's last acknowledgement.
    pub(crate) acknowledged: u64,
}

/// Message of a service, with its service time in microseconds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Received {
    pub(crate) kind: u8,
    pub(crate) micros: Option<u32>,
    pub(crate) payload: Vec<u8>,
}

impl ResumableClient {
    /// Opens a session at `path`.
    pub(crate) async fn open(server: &TestServer, path: &str) -> Self {
        let (browser, confirmed) = server.open_offering(path, "framegate.1").await;
        assert_eq!(confirmed.as_deref(), Some("framegate.1"));
        Self::greeted(browser, 0).await
    }

    /// Resumes this session on another connection; this one stays as it is.
    pub(crate) async fn resume(&self, server: &TestServer, path: &str) -> Self {
        let browser = self.knock(server, path).await;
        let mut client = Self::greeted(browser, self.received).await;
        client.acknowledge().await;
        client
    }

    /// Resumes this session on another connection, and says nothing on it.
    pub(crate) async fn resume_silently(&self, server: &TestServer) -> Self {
        Self::greeted(self.knock(server, "ws").await, self.received).await
    }

    /// Loses the connection, and resumes the session on another.
    pub(crate) async fn lose_and_resume(self, server: &TestServer, path: &str) -> Self {
        let Self {
            browser,
            hello,
            received,
            ..
        } = self;
        drop(browser);
        let browser = open_with(server, path, token(&hello), received).await;
        let mut client = Self::greeted(browser, received).await;
        client.acknowledge().await;
        client
    }

    /// Asks for the session on another connection.
    pub(crate) async fn knock(&self, server: &TestServer, path: &str) -> Browser {
        open_with(server, path, self.token(), self.received).await
    }
}

/// Opens a connection that asks for a session.
pub(crate) async fn open_with(
    server: &TestServer,
    path: &str,
    token: &str,
    received: impl std::fmt::Display,
) -> Browser {
    let path = format!("{path}?resume={token}&received={received}");
    server.open_offering(&path, "framegate.1").await.0
}

fn token(hello: &Value) -> &str {
    hello["session"].as_str().expect("a token")
}

impl<S: AsyncRead + AsyncWrite + Unpin> ResumableClient<S> {
    pub(crate) async fn greeted(mut browser: Browser<S>, received: u64) -> Self {
        let hello = match browser.receive().await {
            Message::Text(text) => serde_json::from_str(&text).unwrap(),
            other => panic!("expected a hello, got {other:?}"),
        };
        Self {
            browser,
            hello,
            received,
            acknowledged: 0,
        }
    }

    pub(crate) fn token(&self) -> &str {
        token(&self.hello)
    }

    /// Sends a text.
    pub(crate) async fn send(&mut self, text: &str) {
        let message = [&b"\x01"[..], text.as_bytes()].concat();
        self.browser.send(message).await;
    }

    /// Acknowledges everything received.
    pub(crate) async fn acknowledge(&mut self) {
        let control = format!("{{\"ack\":{}}}", self.received);
        self.browser.send(control.as_str()).await;
    }

    /// Receives a message, past acknowledgements.
    pub(crate) async fn receive(&mut self) -> Received {
        loop {
            match self.browser.receive().await {
                Message::Binary(message) => {
                    self.received += 1;
                    let micros = u32::from_le_bytes(message[1..5].try_into().unwrap());
                    return Received {
                        kind: message[0],
                        micros: (micros != u32::MAX).then_some(micros),
                        payload: message[5..].to_vec(),
                    };
                }
                message => self.note_acknowledgement(&message),
            }
        }
    }

    pub(crate) async fn receive_text(&mut self) -> String {
        let received = self.receive().await;
        assert_eq!(received.kind, 1);
        String::from_utf8(received.payload).unwrap()
    }

    /// Waits until the gateway has acknowledged `count` messages.
    pub(crate) async fn acknowledged(&mut self, count: u64) {
        while self.acknowledged < count {
            let message = self.browser.receive().await;
            self.note_acknowledgement(&message);
        }
        assert_eq!(self.acknowledged, count);
    }

    /// Receives the Close, past acknowledgements.
    pub(crate) async fn closed(&mut self) -> (u16, String) {
        loop {
            match self.browser.receive().await {
                Message::Close(Some(close)) => {
                    return (close.code.into(), close.reason.to_string());
                }
                message => self.note_acknowledgement(&message),
            }
        }
    }

    fn note_acknowledgement(&mut self, message: &Message) {
        let Message::Text(text) = message else {
            panic!("expected an acknowledgement, got {message:?}");
        };
        let control: Value = serde_json::from_str(text).unwrap();
        let count = control["ack"].as_u64().expect("an acknowledgement");
        assert!(count >= self.acknowledged, "{text}");
        self.acknowledged = count;
    }
}
