//! Resumable sessions of a framegate gateway: each message arrives once and in order, although
//! connections are lost.
//!
//! A session has a task that connects, acknowledges and connects again; it ends with the session.
//! It keeps as many bytes of messages as the gateway's window, or one longer message, until the
//! gateway has acknowledged them: then [`send`](Session::send) waits, as it does while there is no
//! connection. Messages that the program has not received yet are held back by the gateway, from
//! the same window on. Either way, the session keeps at most 64 MiB, or one longer message,
//! whatever the window.
//!
//! ```no_run
//! use client::resumable::{MessageKind, Session};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut session = Session::connect("ws://127.0.0.1:3000/ws").await?;
//! session.send(MessageKind::Text, "hello").await?;
//! let reply = session.receive().await?;
//! println!("{:?}, service {:?}", reply.payload, reply.service_time);
//! session.close().await?;
//! # Ok(())
//! # }
//! ```

mod backoff;
mod driver;
mod event;
mod greeting;
mod state;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use protocol::resumable::GATEWAY_HEAD;
use tokio::sync::mpsc;

pub use protocol::MessageKind;

pub use crate::connect::ConnectError;
pub use crate::connection_error::ConnectionError;
pub use crate::resumable::event::{Notice, Received};

use crate::connect::Connector;
use crate::options::ConnectArgs;
use crate::resumable::driver::{Command, Driver, Program};
pub(crate) use crate::resumable::greeting::open;
use crate::resumable::state::State;

/// Time limit of connecting.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Notices that are kept while the program reads none.
const MAX_NOTICES: usize = 16;

/// Options of a session.
#[derive(Debug, Clone)]
pub struct SessionOptions {
    /// Bearer token, if the gateway requires one.
    pub token: Option<String>,
    /// PEM file of CA certificates to trust instead of the system's.
    pub ca: Option<PathBuf>,
    /// Maximum length of a message that is received, in bytes; `None` is no limit. The default is
    /// 64 MiB.
    pub max_len: Option<usize>,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self {
            token: None,
            ca: None,
            max_len: Some(64 << 20),
        }
    }
}

/// An open session.
#[derive(Debug)]
pub struct Session {
    sender: SessionSender,
    receiver: SessionReceiver,
}

/// The sending half of a session.
#[derive(Debug)]
pub struct SessionSender {
    commands: mpsc::Sender<Command>,
}

/// The receiving half of a session.
#[derive(Debug)]
pub struct SessionReceiver {
    messages: mpsc::UnboundedReceiver<Result<Received, ConnectionError>>,
    /// Messages before the end, when that was asked for first.
    early: VecDeque<Received>,
    /// Lengths of messages that the program has received.
    taken: mpsc::UnboundedSender<usize>,
    notices: Option<Notices>,
    has_ended: bool,
}

/// Changes of a session's connection, as they happen. The first few are kept until they are read.
#[derive(Debug)]
pub struct Notices(mpsc::Receiver<Notice>);

impl Session {
    /// Opens a session at a `ws://` or `wss://` URL.
    ///
    /// # Errors
    /// [`ConnectError`]; after the first connection, a loss is no error until the gateway's time
    /// for it is over.
    pub async fn connect(url: &str) -> Result<Self, ConnectError> {
        Self::connect_with(url, SessionOptions::default()).await
    }

    /// Opens a session with options.
    ///
    /// # Errors
    /// As [`connect`](Self::connect); also if the token or the file of CAs is invalid.
    pub async fn connect_with(url: &str, options: SessionOptions) -> Result<Self, ConnectError> {
        let args = ConnectArgs::new(options.token, options.ca, TIMEOUT);
        let connector = Connector::new(&url.parse()?, &args).await?;
        Self::open(connector, options.max_len).await
    }

    /// Opens a session whose messages have up to `max_len` bytes.
    pub(crate) async fn open(
        connector: Connector,
        max_len: Option<usize>,
    ) -> Result<Self, ConnectError> {
        let max_len = max_len.map(|len| len.saturating_add(GATEWAY_HEAD));
        let (socket, hello) = greeting::open(&connector, None, max_len).await?;
        // The driver takes one message at a time, and those that it has are bounded.
        let (commands, next_command) = mpsc::channel(1);
        // Bounded: the driver reads no more while many wait.
        let (message_sender, messages) = mpsc::unbounded_channel();
        let (taken, next_taken) = mpsc::unbounded_channel();
        let (notice_sender, notices) = mpsc::channel(MAX_NOTICES);
        let driver = Driver {
            connector,
            max_len,
            state: State::new(hello),
            program: Program {
                commands: next_command,
                messages: message_sender,
                taken: next_taken,
                notices: notice_sender,
            },
            sends: true,
            receives: true,
            is_closing: false,
            failures: 0,
        };
        tokio::spawn(driver.run(socket));
        Ok(Self {
            sender: SessionSender { commands },
            receiver: SessionReceiver {
                messages,
                early: VecDeque::new(),
                taken,
                notices: Some(Notices(notices)),
                has_ended: false,
            },
        })
    }

    /// Sends a message, as [`SessionSender::send`].
    ///
    /// # Errors
    /// [`ConnectionError`] if the session has ended; what has arrived before can be received.
    pub async fn send(
        &mut self,
        kind: MessageKind,
        payload: impl Into<Bytes>,
    ) -> Result<(), ConnectionError> {
        match self.sender.send(kind, payload).await {
            Ok(()) => Ok(()),
            Err(_) => Err(self.receiver.end().await),
        }
    }

    /// Receives the next message, as [`SessionReceiver::receive`].
    ///
    /// # Errors
    /// [`ConnectionError`] once the session has ended.
    pub async fn receive(&mut self) -> Result<Received, ConnectionError> {
        self.receiver.receive().await
    }

    /// Ends the session: sends a Close after the last message, and passes over what arrives until
    /// the gateway answers it.
    ///
    /// # Errors
    /// [`ConnectionError`] if the end is abnormal: the last messages may not have arrived.
    pub async fn close(mut self) -> Result<(), ConnectionError> {
        self.sender.close().await;
        loop {
            match self.receiver.receive().await {
                Ok(_) => {}
                Err(end) if end.is_normal_end() => return Ok(()),
                Err(end) => return Err(end),
            }
        }
    }

    /// Returns the halves, which may be used at the same time. The session ends when both are
    /// dropped.
    pub fn split(self) -> (SessionSender, SessionReceiver) {
        (self.sender, self.receiver)
    }
}

impl SessionSender {
    /// Sends a message; text that is not UTF-8 is sent as binary. Waits while as many are kept as
    /// fit, or there is no connection.
    ///
    /// # Errors
    /// [`ConnectionError::Closed`] if the session has ended: the receiving half has the cause.
    ///
    /// # Cancel safety
    /// A message whose call is dropped is not sent.
    pub async fn send(
        &mut self,
        kind: MessageKind,
        payload: impl Into<Bytes>,
    ) -> Result<(), ConnectionError> {
        let payload = payload.into();
        let kind = match kind {
            MessageKind::Text if std::str::from_utf8(&payload).is_ok() => MessageKind::Text,
            _ => MessageKind::Binary,
        };
        let sent = self.commands.send(Command::Send { kind, payload }).await;
        sent.map_err(|_| ConnectionError::Closed(None))
    }

    /// Ends the session after the messages that are sent.
    pub async fn close(&mut self) {
        // An error means that it has ended already.
        let _ = self.commands.send(Command::Close).await;
    }
}

impl SessionReceiver {
    /// Receives the next message, which is acknowledged then.
    ///
    /// # Errors
    /// [`ConnectionError`] once the session has ended: [`Closed`](ConnectionError::Closed) by the
    /// gateway, or [`Lost`](ConnectionError::Lost).
    ///
    /// # Cancel safety
    /// No message is lost.
    pub async fn receive(&mut self) -> Result<Received, ConnectionError> {
        if let Some(message) = self.early.pop_front() {
            return Ok(message);
        }
        if self.has_ended {
            return Err(ConnectionError::Closed(None));
        }
        let message = self.messages.recv().await;
        let received = message.unwrap_or(Err(ConnectionError::Closed(None)));
        match &received {
            // An error means that nothing is acknowledged any more.
            Ok(message) => drop(self.taken.send(message.payload.len() + GATEWAY_HEAD)),
            Err(_) => self.has_ended = true,
        }
        received
    }

    /// Waits for the end of the session, and keeps the messages before it.
    async fn end(&mut self) -> ConnectionError {
        self.has_ended = true;
        loop {
            match self.messages.recv().await {
                Some(Ok(message)) => self.early.push_back(message),
                Some(Err(end)) => return end,
                None => return ConnectionError::Closed(None),
            }
        }
    }

    /// Takes the changes of the connection, which can be awaited beside messages; `None` if they
    /// are taken already.
    pub fn take_notices(&mut self) -> Option<Notices> {
        self.notices.take()
    }
}

impl Notices {
    /// Returns the next change; `None` after the end of the session.
    ///
    /// # Cancel safety
    /// No notice is lost.
    pub async fn next(&mut self) -> Option<Notice> {
        self.0.recv().await
    }
}
