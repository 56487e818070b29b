//! `framegate send`: sends messages to a service, and prints its replies.

mod args;
mod error;
mod input;
mod output;
mod prompt;
mod terminal;

use std::io;
use std::time::Duration;

use bytes::Bytes;
use net::timer::timeout_opt;
use protocol::MessageKind;
use tokio::time::timeout;

use crate::connect::Connector;
use crate::connection::{Link, LinkError, Reply};
use crate::send::input::Input;
use crate::send::output::Output;
use crate::target::Target;

pub use crate::send::args::SendArgs;
pub use crate::send::error::SendError;

/// A service may close right behind its last reply, as the input ends.
const END_OF_INPUT: Duration = Duration::from_millis(100);

/// Sends what `args` name, and prints what comes, until all is answered.
///
/// # Errors
/// [`SendError`] if a message was not answered. That nobody reads the replies any longer is
/// none.
pub(super) async fn run(args: SendArgs) -> Result<(), SendError> {
    match talk(args).await {
        Err(SendError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

async fn talk(args: SendArgs) -> Result<(), SendError> {
    let connector = Connector::new(&args.target.to, &args.connect).await?;
    let link = Link::open(&connector, args.wire()).await?;
    let mut talk = Talk {
        target: &args.target.to,
        link,
        kind: args.kind(),
        output: Output::new(args.output, None),
        replies: args.replies(),
        limit: args.connect.timeout.limit(),
    };
    match Input::given(&args) {
        Some(input) => talk.exchange_all(input, args.count).await?,
        None if prompt::is_wanted() => {
            eprintln!("connected to {}, Ctrl-D ends", args.target.to);
            let (input, printer) = prompt::start()?;
            talk.output = Output::new(args.output, Some(printer));
            // Whoever types does not wait for an answer.
            talk.replies = 0;
            talk.exchange_all(input, args.count).await?;
        }
        None => talk.exchange_all(Input::lines(), args.count).await?,
    }
    if let Some(silence) = args.wait {
        talk.listen(silence.limit()).await?;
    }
    talk.link.close(talk.replies == 0).await;
    Ok(())
}

/// A connection in use.
struct Talk<'a> {
    target: &'a Target,
    link: Link,
    kind: MessageKind,
    output: Output,
    /// How many each message has.
    replies: u64,
    /// How long sending, and waiting for a reply, may take.
    limit: Option<Duration>,
}

impl Talk<'_> {
    /// Sends each message of `input` `count` times, and prints what comes meanwhile.
    async fn exchange_all(&mut self, mut input: Input, count: u64) -> Result<(), SendError> {
        loop {
            tokio::select! {
                biased;
                message = input.next() => match message {
                    Some(message) => self.repeat(message?, count).await?,
                    None => return Ok(()),
                },
                reply = self.link.receiver.receive() => match reply {
                    Err(LinkError::Closed(_)) if ends(&mut input).await => return Ok(()),
                    reply => self.show(reply)?,
                },
            }
        }
    }

    /// Sends `message` `count` times; whoever types may mend one that does not fit.
    async fn repeat(&mut self, message: Bytes, count: u64) -> Result<(), SendError> {
        for _ in 0..count {
            match self.exchange(message.clone()).await {
                Err(error @ SendError::Unfit { .. }) if self.output.is_prompt() => {
                    return self.output.tell(&error).map_err(SendError::Output);
                }
                result => result?,
            }
        }
        Ok(())
    }

    /// Sends `message`, and prints what comes until it has all its replies.
    async fn exchange(&mut self, message: Bytes) -> Result<(), SendError> {
        let shown = self.transmit(message).await?;
        for _ in shown..self.replies {
            let reply = timeout_opt(self.limit, self.link.receiver.receive()).await;
            self.show(reply.ok_or_else(|| self.late())?)?;
        }
        Ok(())
    }

    /// Sends `message`, and prints what comes meanwhile; returns how much that was.
    async fn transmit(&mut self, message: Bytes) -> Result<u64, SendError> {
        let mut shown = 0;
        let (target, output) = (self.target, &mut self.output);
        let sent = self.link.send(message, self.kind, self.limit, |reply| {
            shown += 1;
            show(target, output, reply)
        });
        match sent.await? {
            Some(Ok(())) => Ok(shown),
            Some(Err(LinkError::Frame(source))) => Err(SendError::Unfit {
                target: self.target.clone(),
                source,
            }),
            Some(Err(source)) => Err(lost(self.target, source)),
            None => Err(self.late()),
        }
    }

    /// Prints what comes until there was nothing for `silence`, or the service closes.
    async fn listen(&mut self, silence: Option<Duration>) -> Result<(), SendError> {
        while let Some(reply) = timeout_opt(silence, self.link.receiver.receive()).await {
            match reply {
                Err(LinkError::Closed(_)) => break,
                reply => self.show(reply)?,
            }
        }
        Ok(())
    }

    fn show(&mut self, reply: Result<Reply, LinkError>) -> Result<(), SendError> {
        show(self.target, &mut self.output, reply)
    }

    fn late(&self) -> SendError {
        SendError::Late {
            target: self.target.clone(),
            limit: self.limit.unwrap_or_default(),
        }
    }
}

fn show(
    target: &Target,
    output: &mut Output,
    reply: Result<Reply, LinkError>,
) -> Result<(), SendError> {
    let reply = reply.map_err(|source| lost(target, source))?;
    output.show(&reply.payload).map_err(SendError::Output)
}

/// Whether there was no message left to send.
async fn ends(input: &mut Input) -> bool {
    matches!(timeout(END_OF_INPUT, input.next()).await, Ok(None))
}

fn lost(target: &Target, source: LinkError) -> SendError {
    SendError::Link {
        target: target.clone(),
        source,
    }
}
