//! `framegate send`: sends messages to a service, and prints its replies.

mod args;
mod error;
mod input;
mod output;
mod prompt;
mod terminal;

use std::future::pending;
use std::time::Duration;

use bytes::Bytes;
use net::timer::timeout_opt;
use protocol::{Framings, MessageKind};
use tokio::time::timeout;

use crate::connect::Connector;
use crate::connection::{CLOSE_TIMEOUT, Connection};
use crate::connection_error::ConnectionError;
use crate::message_socket::Reply;
use crate::output::{OutputError, note};
use crate::resumable::{Notice, Notices};
use crate::send::input::Input;
use crate::send::output::Output;
use crate::target::Target;

pub use crate::send::args::SendArgs;
pub use crate::send::error::SendError;

/// The wait for the end of the input when the server has closed: a service may close right
/// after its last reply.
const END_OF_INPUT: Duration = Duration::from_millis(100);

/// Sends the messages that `args` name, and prints replies until all have arrived.
///
/// # Errors
/// [`SendError`] if a message was not answered. A closed pipe at standard output is no error.
pub(crate) async fn run(args: SendArgs) -> Result<(), SendError> {
    match exchange(args).await {
        Err(SendError::Output(error)) if error.is_closed_pipe() => Ok(()),
        result => result,
    }
}

async fn exchange(args: SendArgs) -> Result<(), SendError> {
    let target = &args.target.to;
    if args.half_close && target.is_websocket() {
        return Err(SendError::HalfClose(target.clone()));
    }
    let connector = Connector::new(target, &args.connect).await?;
    let max_len = args.max_frame.0;
    let format = args.connect.wire_format(Framings::default(), Some(max_len));
    let mut exchange = Exchange {
        target,
        connection: Connection::open(&connector, format).await?,
        notices: None,
        kind: args.kind(),
        output: Output::new(&args, None),
        replies: args.replies(),
        limit: args.connect.timeout.get(),
    };
    if args.verbose {
        exchange.notices = exchange.connection.take_notices();
    }
    let input = match Input::from_args(&args) {
        Some(input) => input,
        None if prompt::is_interactive() => {
            note(format!("connected to {target}, Ctrl-D ends"));
            let (input, printer) = prompt::start()?;
            exchange.output = Output::new(&args, Some(printer));
            // At a prompt, the next message does not wait for replies.
            exchange.replies = 0;
            input
        }
        None => Input::lines(max_len),
    };
    let exchanged = exchange.run(input, &args).await;
    match exchanged {
        Ok(()) => exchange.close(exchange.limit).await,
        // Also answers the server's Close.
        Err(SendError::Connection {
            source: ConnectionError::Closed(_),
            ..
        }) => {
            let _ = exchange.close(Some(CLOSE_TIMEOUT)).await;
            exchanged
        }
        Err(_) => exchanged,
    }
}

/// An exchange of messages and replies on a connection.
struct Exchange<'a> {
    target: &'a Target,
    connection: Connection,
    /// Changes of the connection of a resumable session, which are printed.
    notices: Option<Notices>,
    kind: MessageKind,
    output: Output,
    /// The number of replies to each message.
    replies: u64,
    /// The time limit for sending a message, and for each reply.
    limit: Option<Duration>,
}

impl Exchange<'_> {
    /// Sends the messages of `input`, and prints replies to the end that `args` ask for.
    async fn run(&mut self, input: Input, args: &SendArgs) -> Result<(), SendError> {
        self.send_all(input, args.count).await?;
        if args.half_close {
            self.connection.sender.shutdown().await;
        }
        let silence = match args.wait {
            Some(wait) => wait.get(),
            None if args.half_close => self.limit,
            None => return Ok(()),
        };
        let has_closed = self.print_until_closed(silence).await?;
        match has_closed || args.wait.is_some() {
            true => Ok(()),
            false => Err(self.timed_out()),
        }
    }

    /// Closes the connection.
    async fn close(&mut self, limit: Option<Duration>) -> Result<(), SendError> {
        let closed = self.connection.close(self.replies == 0, limit).await;
        closed.map_err(|source| connection_error(self.target, source))
    }

    /// Sends each message of `input` `count` times, and prints replies as they arrive.
    async fn send_all(&mut self, mut input: Input, count: u64) -> Result<(), SendError> {
        loop {
            tokio::select! {
                biased;
                message = input.next() => match message {
                    Some(message) => self.send_times(message?, count).await?,
                    None => return Ok(()),
                },
                reply = self.connection.receiver.receive() => match reply {
                    Err(end) if end.is_normal_end() && is_at_end(&mut input).await => return Ok(()),
                    reply => print(self.target, &mut self.output, reply)?,
                },
                notice = next_notice(&mut self.notices) => self.output.note(notice.to_string())?,
            }
        }
    }

    /// Sends `message` `count` times. At a prompt, an invalid message is reported, and the user
    /// may correct it.
    async fn send_times(&mut self, message: Bytes, count: u64) -> Result<(), SendError> {
        for _ in 0..count {
            match self.send_and_await_replies(message.clone()).await {
                Err(error @ SendError::Message { .. }) if self.output.is_interactive() => {
                    return Ok(self.output.report(&error)?);
                }
                result => result?,
            }
        }
        Ok(())
    }

    async fn send_and_await_replies(&mut self, message: Bytes) -> Result<(), SendError> {
        let printed = self.send(message).await?;
        for _ in printed..self.replies {
            let reply = timeout_opt(self.limit, self.receive()).await;
            let reply = reply.ok_or_else(|| self.timed_out())??;
            print(self.target, &mut self.output, reply)?;
        }
        Ok(())
    }

    /// Receives the next reply, and prints notices until it arrives.
    async fn receive(&mut self) -> Result<Result<Reply, ConnectionError>, OutputError> {
        loop {
            tokio::select! {
                biased;
                notice = next_notice(&mut self.notices) => self.output.note(notice.to_string())?,
                reply = self.connection.receiver.receive() => return Ok(reply),
            }
        }
    }

    /// Sends `message`, and prints replies that arrive meanwhile; returns their number.
    async fn send(&mut self, message: Bytes) -> Result<u64, SendError> {
        let mut printed = 0;
        let (target, output) = (self.target, &mut self.output);
        let sending = self
            .connection
            .send(message, self.kind, self.limit, |reply| {
                printed += 1;
                print(target, output, reply)
            });
        match sending.await? {
            Some(Ok(())) => Ok(printed),
            Some(Err(ConnectionError::Frame(source))) => Err(SendError::Message {
                target: target.clone(),
                source,
            }),
            Some(Err(source)) => Err(connection_error(target, source)),
            None => Err(self.timed_out()),
        }
    }

    /// Prints replies until the service closes, which returns true, or none arrives for
    /// `silence`.
    async fn print_until_closed(&mut self, silence: Option<Duration>) -> Result<bool, SendError> {
        while let Some(reply) = timeout_opt(silence, self.receive()).await {
            match reply? {
                Err(end) if end.is_normal_end() => return Ok(true),
                reply => print(self.target, &mut self.output, reply)?,
            }
        }
        Ok(false)
    }

    fn timed_out(&self) -> SendError {
        SendError::TimedOut {
            target: self.target.clone(),
            limit: self.limit.unwrap_or_default(),
        }
    }
}

fn print(
    target: &Target,
    output: &mut Output,
    reply: Result<Reply, ConnectionError>,
) -> Result<(), SendError> {
    let reply = reply.map_err(|source| connection_error(target, source))?;
    output.print_reply(&reply.payload)?;
    Ok(output.note_service_time(reply.service_time)?)
}

/// Waits for a notice; forever if none are printed.
async fn next_notice(notices: &mut Option<Notices>) -> Notice {
    let next = match notices {
        Some(notices) => notices.next().await,
        None => None,
    };
    match next {
        Some(notice) => notice,
        None => pending().await,
    }
}

/// Returns true if `input` has no more messages.
async fn is_at_end(input: &mut Input) -> bool {
    matches!(timeout(END_OF_INPUT, input.next()).await, Ok(None))
}

fn connection_error(target: &Target, source: ConnectionError) -> SendError {
    SendError::Connection {
        target: target.clone(),
        source,
    }
}
