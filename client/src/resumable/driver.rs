//! Driver of a session: the task that sends, receives, acknowledges, and connects again.

use std::convert::Infallible;
use std::future::{pending, poll_fn};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use net::stream::Stream;
use protocol::MessageKind;
use protocol::resumable::{ACK_DELAY, AckDue, Control, SessionError};
use tokio::sync::mpsc::{Receiver, Sender, UnboundedReceiver, UnboundedSender};
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error as WsError, Message};

use crate::connect::{ConnectError, Connector};
use crate::connection_error::ConnectionError;
use crate::resumable::event::{Notice, Received};
use crate::resumable::state::State;
use crate::resumable::{backoff, greeting};

/// Silence after which a connection that owes an acknowledgement is given up.
const SILENCE: Duration = Duration::from_secs(15);

/// Longest wait for the end of a connection.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// Longest time of an attempt to connect again.
const ATTEMPT: Duration = Duration::from_secs(10);

/// Cause of a loss without an error of the system.
const NO_CLOSE: &str = "connection lost: it ended without a Close";

/// Order of the program.
#[derive(Debug)]
pub(super) enum Command {
    Send { kind: MessageKind, payload: Bytes },
    Close,
}

type Socket = WebSocketStream<Stream>;

/// A session, and its program's ends.
pub(super) struct Driver {
    pub(super) connector: Connector,
    /// Maximum length of a message that is received, with its head.
    pub(super) max_len: Option<usize>,
    pub(super) state: State,
    pub(super) program: Program,
    /// Set while the program has its sending half, and its receiving half.
    pub(super) sends: bool,
    pub(super) receives: bool,
    /// Set once the session is to be closed after the messages that are kept.
    pub(super) is_closing: bool,
    /// Attempts to connect since the gateway last said more than its greeting.
    pub(super) failures: u32,
}

/// Channels from and to the program.
pub(super) struct Program {
    pub(super) commands: Receiver<Command>,
    pub(super) messages: UnboundedSender<Result<Received, ConnectionError>>,
    /// Lengths of messages that the program has received, with their heads.
    pub(super) taken: UnboundedReceiver<usize>,
    /// A notice is dropped while nobody reads them.
    pub(super) notices: Sender<Notice>,
}

/// End of a connection.
enum Ended {
    /// The session goes on.
    Lost(String),
    Session(ConnectionError),
}

/// Progress of a connection.
enum Progress {
    /// Everything is written.
    Flushed,
    Received(Option<Result<Message, WsError>>),
}

/// A connection of a session.
struct Attached<'a> {
    driver: &'a mut Driver,
    socket: &'a mut Socket,
    needs_flush: bool,
    /// Set once the Close is sent, which is the last message.
    is_closed: bool,
    /// Time of the next acknowledgement.
    ack_at: Option<Instant>,
    /// Time of the last sign of life, or of the first message that waits for one.
    heard: Instant,
}

impl Driver {
    /// Runs the session to its end, which it reports to the program.
    pub(super) async fn run(mut self, mut socket: Socket) {
        let mut is_resumed = false;
        let end = loop {
            match Attached::new(&mut self, &mut socket).run(is_resumed).await {
                Ended::Session(end) => {
                    // Also sends the answer to the gateway's Close.
                    let _ = timeout(CLOSE_TIMEOUT, socket.close(close_frame(&end))).await;
                    break end;
                }
                // The Close or its answer was lost: there is nothing that could be missing.
                Ended::Lost(_) if self.is_closing && self.state.outbox.unacknowledged() == 0 => {
                    break ConnectionError::Closed(None);
                }
                Ended::Lost(cause) => match self.resume(cause).await {
                    Ok(resumed) => (socket, is_resumed) = (resumed, true),
                    Err(end) => break end,
                },
            }
        };
        // A program that is gone needs no end.
        let _ = self.program.messages.send(Err(end));
    }

    /// Connects again, until the gateway's time for it is over.
    ///
    /// # Errors
    /// The end of the session.
    async fn resume(&mut self, cause: String) -> Result<Socket, ConnectionError> {
        let since = Instant::now();
        self.notify(Notice::Detached { cause });
        loop {
            sleep(backoff::delay(self.failures, backoff::random())).await;
            self.failures += 1;
            let query = self.state.query();
            let attempt = greeting::open(&self.connector, Some(&query), self.max_len);
            let cause = match timeout(ATTEMPT, attempt).await {
                Ok(Ok((socket, hello))) => {
                    let sent_again = self.state.resume(hello)?;
                    let detached_for = since.elapsed();
                    self.notify(Notice::Resumed {
                        sent_again,
                        detached_for,
                    });
                    return Ok(socket);
                }
                Ok(Err(error)) => match ends_session(&error) {
                    Some(cause) => return Err(self.state.lost(cause)),
                    None => error.to_string(),
                },
                Err(_) => "no greeting in time".into(),
            };
            if since.elapsed() > self.state.keep {
                return Err(self.state.lost(cause));
            }
        }
    }

    fn notify(&self, notice: Notice) {
        let _ = self.program.notices.try_send(notice);
    }
}

/// Returns the cause if an attempt to resume shows that the session is lost.
fn ends_session(error: &ConnectError) -> Option<String> {
    match error {
        ConnectError::NotResumable(_) => Some(error.to_string()),
        ConnectError::Greeting {
            cause: ConnectionError::Closed(Some(frame)),
            ..
        } if !is_temporary(frame) => Some(ConnectionError::Closed(Some(frame.clone())).to_string()),
        _ => None,
    }
}

/// Returns true for a Close before the greeting that another attempt may not meet: the gateway is
/// shutting down or full.
fn is_temporary(frame: &CloseFrame) -> bool {
    matches!(
        frame.code,
        CloseCode::Away | CloseCode::Restart | CloseCode::Again
    )
}

impl<'a> Attached<'a> {
    fn new(driver: &'a mut Driver, socket: &'a mut Socket) -> Self {
        Self {
            driver,
            socket,
            needs_flush: false,
            is_closed: false,
            ack_at: None,
            heard: Instant::now(),
        }
    }

    async fn run(mut self, is_resumed: bool) -> Ended {
        let Err(ended) = self.exchange(is_resumed).await;
        ended
    }

    /// Sends and receives until the connection ends.
    async fn exchange(&mut self, is_resumed: bool) -> Result<Infallible, Ended> {
        self.begin(is_resumed)?;
        loop {
            let accepts = self.accepts();
            let receives = self.driver.receives;
            let (reads, is_flushed) = (self.driver.state.has_room(), !self.needs_flush);
            let (ack_at, silent_at) = (self.ack_at, self.silent_at());
            let Self {
                driver,
                socket,
                needs_flush,
                ..
            } = self;
            let Program {
                commands, taken, ..
            } = &mut driver.program;
            tokio::select! {
                len = taken.recv(), if receives => match len {
                    Some(len) => {
                        // The gateway could not be heard until now.
                        if !reads {
                            self.heard = Instant::now();
                        }
                        self.driver.state.take(len);
                    }
                    None => self.driver.receives = false,
                },
                progress = progress(socket, needs_flush, reads) => self.on_progress(progress)?,
                command = commands.recv(), if accepts => match command {
                    Some(command) => self.on_command(command)?,
                    None => driver.sends = false,
                },
                () = at(ack_at), if is_flushed => self.send_ack()?,
                () = at(silent_at) => return Err(Ended::Lost(format!("silent for {SILENCE:?}"))),
            }
            // A program that is gone needs no session.
            self.driver.is_closing |= !self.driver.sends && !self.driver.receives;
            self.acknowledge()?;
            self.close_after_last()?;
        }
    }

    /// Begins a connection. On one that resumes, the acknowledgement makes the old token void, so
    /// it is sent even if the count has not changed.
    fn begin(&mut self, is_resumed: bool) -> Result<(), Ended> {
        if is_resumed {
            self.send_ack()?;
            self.send_kept()?;
        }
        self.close_after_last()
    }

    /// Sends the Close of a session that is to be closed, once all messages are sent.
    fn close_after_last(&mut self) -> Result<(), Ended> {
        let is_due = self.driver.is_closing && !self.is_closed;
        match is_due && !self.driver.state.outbox.has_unsent() {
            true => {
                self.is_closed = true;
                self.write(Message::Close(None))
            }
            false => Ok(()),
        }
    }

    /// Returns true while the program's next message may be taken: this is the backpressure.
    fn accepts(&self) -> bool {
        let Driver {
            sends, is_closing, ..
        } = *self.driver;
        sends && !is_closing && !self.needs_flush && self.driver.state.outbox.has_room()
    }

    /// Time at which the connection is given up; none while the gateway is not read from.
    fn silent_at(&self) -> Option<Instant> {
        let state = &self.driver.state;
        let owes = state.outbox.unacknowledged() > 0;
        (owes && state.has_room()).then(|| self.heard + SILENCE)
    }

    fn on_command(&mut self, command: Command) -> Result<(), Ended> {
        match command {
            Command::Send { kind, payload } => {
                if self.driver.state.outbox.unacknowledged() == 0 {
                    self.heard = Instant::now();
                }
                match self.driver.state.push(kind, payload) {
                    Some(message) => self.write(message),
                    None => Ok(()),
                }
            }
            Command::Close => {
                self.driver.is_closing = true;
                Ok(())
            }
        }
    }

    fn on_progress(&mut self, progress: Progress) -> Result<(), Ended> {
        let message = match progress {
            Progress::Flushed => return Ok(()),
            Progress::Received(None) => return Err(Ended::Lost(NO_CLOSE.into())),
            Progress::Received(Some(message)) => message?,
        };
        self.heard = Instant::now();
        self.driver.failures = 0;
        match message {
            Message::Text(text) => match Control::parse(&text)? {
                Control::Ack(count) => {
                    self.driver.state.outbox.acknowledge(count)?;
                    self.send_kept()
                }
                Control::Hello(_) | Control::Ending | Control::Unknown => Ok(()),
            },
            Message::Binary(bytes) => {
                let received = self.driver.state.receive(&bytes)?;
                let told = self.driver.program.messages.send(Ok(received));
                self.driver.receives &= told.is_ok();
                Ok(())
            }
            Message::Close(frame) => Err(ConnectionError::Closed(frame).into()),
            // tungstenite has queued the answer to a ping.
            _ => {
                self.needs_flush = true;
                Ok(())
            }
        }
    }

    /// Acknowledges what the program has taken, when it is time and the last acknowledgement is
    /// written: a gateway may take none. A program that receives no more has taken everything.
    fn acknowledge(&mut self) -> Result<(), Ended> {
        if !self.driver.receives {
            self.driver.state.take_all();
        }
        match self.driver.state.inbox.ack_due() {
            AckDue::Never => self.ack_at = None,
            AckDue::Later => {
                self.ack_at.get_or_insert(Instant::now() + ACK_DELAY);
            }
            AckDue::Now if self.needs_flush => {}
            AckDue::Now => self.send_ack()?,
        }
        Ok(())
    }

    fn send_ack(&mut self) -> Result<(), Ended> {
        self.ack_at = None;
        let ack = self.driver.state.acknowledge();
        match self.is_closed {
            true => Ok(()),
            false => self.write(ack),
        }
    }

    /// Sends the kept messages that the window has room for.
    fn send_kept(&mut self) -> Result<(), Ended> {
        while let Some(message) = self.driver.state.next() {
            self.write(message)?;
        }
        Ok(())
    }

    /// Queues a message; the next [`progress`] writes it.
    fn write(&mut self, message: Message) -> Result<(), Ended> {
        self.needs_flush = true;
        Ok(self.socket.start_send_unpin(message)?)
    }
}

/// Writes what is queued, and receives the next message if that may be `read`.
async fn progress(socket: &mut Socket, needs_flush: &mut bool, read: bool) -> Progress {
    poll_fn(|cx| {
        if *needs_flush {
            match socket.poll_flush_unpin(cx) {
                Poll::Ready(Ok(())) => {
                    *needs_flush = false;
                    return Poll::Ready(Progress::Flushed);
                }
                Poll::Ready(Err(error)) => {
                    return Poll::Ready(Progress::Received(Some(Err(error))));
                }
                Poll::Pending => {}
            }
        }
        match read {
            true => socket.poll_next_unpin(cx).map(Progress::Received),
            false => Poll::Pending,
        }
    })
    .await
}

/// Waits for a time; forever without one.
async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => pending().await,
    }
}

/// Returns the Close for an end that the gateway has not caused by one.
fn close_frame(end: &ConnectionError) -> Option<CloseFrame> {
    let is_violation = matches!(
        end,
        ConnectionError::Session(_) | ConnectionError::WindowExceeded
    );
    is_violation.then(|| CloseFrame {
        code: CloseCode::Protocol,
        reason: end.to_string().into(),
    })
}

impl From<WsError> for Ended {
    fn from(error: WsError) -> Self {
        match error {
            WsError::Io(error) => Self::Lost(ConnectionError::Io(error).to_string()),
            WsError::ConnectionClosed
            | WsError::AlreadyClosed
            | WsError::Protocol(
                ProtocolError::ResetWithoutClosingHandshake | ProtocolError::SendAfterClosing,
            ) => Self::Lost(NO_CLOSE.into()),
            error => Self::Session(error.into()),
        }
    }
}

impl From<ConnectionError> for Ended {
    fn from(error: ConnectionError) -> Self {
        Self::Session(error)
    }
}

impl From<SessionError> for Ended {
    fn from(error: SessionError) -> Self {
        Self::Session(error.into())
    }
}
