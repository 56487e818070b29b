//! `framegate bench`: loads a service with messages, checks every reply, and measures.
//!
//! It must not be what limits the server. So requests lie prepared and are written many at
//! once, replies are read into one large buffer and compared as they lie there, and the
//! clock is read once for all that one call brought. Handshakes, and the first message, go
//! through tungstenite; under load, frames are only laid out and taken apart by it.

mod args;
mod connections;
mod deframer;
mod error;
mod messages;
mod process_stats;
mod replies;
mod report;
mod worker;

use std::io::{self, Write};
use std::rc::Rc;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use net::timer::timeout_opt;
use protocol::MessageKind;
use tokio::task::LocalSet;
use tokio::try_join;

use crate::bench::connections::Crew;
use crate::bench::messages::{Messages, Shape, payload};
use crate::bench::process_stats::{Process, UsageError, own_cpu};
use crate::bench::replies::Mismatch;
use crate::bench::report::{Latency, Report, ServerReport};
use crate::bench::worker::{Phase, Until};
use crate::connect::Connector;
use crate::connection::{Link, LinkError};

pub use crate::bench::args::BenchArgs;
pub use crate::bench::error::BenchError;

/// A run to be.
struct Bench {
    args: BenchArgs,
    server: Option<Process>,
}

/// Loads a service as `args` say, and prints the figures.
///
/// # Errors
/// [`BenchError`] if anything was not answered as it should be: there are no figures then.
pub(super) async fn run(args: BenchArgs) -> Result<(), BenchError> {
    let bench = Bench {
        server: args.server_pid.map(Process::find).transpose()?,
        args,
    };
    let run = LocalSet::new().run_until(bench.measure()).await?;
    let report = bench.report(&run);
    let figures = if bench.args.json {
        serde_json::to_string_pretty(&report).expect("figures are JSON") + "\n"
    } else {
        report.to_string()
    };
    // A closed pipe is no reason to fail.
    let _ = io::stdout().write_all(figures.as_bytes());
    Ok(())
}

impl Bench {
    async fn measure(&self) -> Result<Run, BenchError> {
        let args = &self.args;
        args.framing().header(args.size.0)?;
        if args.is_raw() && args.size.0 == 0 {
            return Err(BenchError::Nothing);
        }
        let connector = self.look_up().await?;
        raise_open_files(args.connections)?;
        let prefix = self.ask_for_prefix(&connector).await?;
        let messages = Rc::new(Messages::prepare(self.shape(), &prefix)?);

        let before = self.usage()?;
        let begun = Instant::now();
        let mut crew = Crew::open(connector, &messages, args).await?;
        let opening = begun.elapsed();
        let open = self.usage()?;

        let warm_up = Phase::new(Until::Lasted(args.warm_up.0));
        crew.work(&Rc::new(warm_up), "warming up").await?;
        let warm = self.usage()?;
        let phase = Rc::new(Phase::new(match args.count {
            Some(count) => Until::Sent(count),
            None => Until::Lasted(args.duration.0),
        }));
        let working = crew.work(&phase, "measuring").await?;
        let after = self.usage()?;
        crew.close().await;
        Ok(Run {
            before,
            opening,
            open,
            warm,
            phase,
            working,
            after,
        })
    }

    fn report(&self, run: &Run) -> Report {
        let (messages, seconds) = (run.phase.answered(), run.working.as_secs_f64());
        let own = run.warm.client_cpu.zip(run.after.client_cpu);
        let server = self.server.map(|_| {
            let cpu_seconds = seconds_between(run.warm.server_cpu, run.after.server_cpu);
            ServerReport {
                cpu_seconds,
                messages_per_cpu_second: messages as f64 / cpu_seconds,
                memory_before_bytes: run.before.server_memory,
                memory_open_bytes: run.open.server_memory,
                memory_after_bytes: run.after.server_memory,
            }
        });
        Report {
            target: self.args.target.to_string(),
            connections: self.args.connections,
            payload_bytes: self.args.size.0,
            in_flight: self.args.in_flight,
            open_seconds: run.opening.as_secs_f64(),
            messages,
            seconds,
            messages_per_second: messages as f64 / seconds,
            latency_us: Latency::of(&run.phase.latency()),
            client_cpu_seconds: own.map(|(warm, after)| seconds_between(warm, after)),
            server,
        }
    }

    /// The target's addresses, which are this machine's own or allowed.
    async fn look_up(&self) -> Result<Connector, BenchError> {
        let target = &self.args.target;
        let connector = Connector::new(target, &self.args.connect).await?;
        match connector.foreign_addr() {
            Some(addr) if !self.args.i_own_this_host => Err(BenchError::Foreign {
                target: target.clone(),
                addr,
            }),
            _ => Ok(connector),
        }
    }

    fn shape(&self) -> Shape {
        Shape {
            payload_len: self.args.size.0,
            framing: self.args.framing(),
            carriage: self.args.carriage(),
        }
    }

    /// Sends one message on a connection of its own, to learn what replies look like.
    async fn ask_for_prefix(&self, connector: &Connector) -> Result<Bytes, BenchError> {
        let mut link = Link::open(connector, self.args.wire()).await?;
        let sent = payload(0, self.args.size.0);
        let limit = self.args.connect.timeout.limit();
        let reply = match timeout_opt(limit, self.ask(&mut link, sent.clone())).await {
            Some(reply) => reply.map_err(|error| BenchError::First(error.to_string()))?,
            None => {
                return Err(BenchError::Stalled {
                    limit: limit.unwrap_or_default(),
                    answered: 0,
                    waiting: 1,
                });
            }
        };
        link.close(false).await;
        let given = self.args.prefix.as_ref().map(String::as_bytes);
        match reply.strip_suffix(&sent[..]) {
            Some(prefix) if given.is_none_or(|given| given == prefix) => {
                Ok(reply.slice_ref(prefix))
            }
            _ => {
                let expected = [given.unwrap_or_default(), &sent].concat();
                let what = Mismatch::new(&expected, &reply, Some(reply.len()));
                let before = if given.is_none() {
                    ", after any prefix"
                } else {
                    ""
                };
                Err(BenchError::First(format!("{what}{before}")))
            }
        }
    }

    /// Sends `payload`, and returns what answers it, which may begin before all is sent.
    async fn ask(&self, link: &mut Link, payload: Bytes) -> Result<Bytes, LinkError> {
        let len = payload.len();
        let (sender, receiver) = (&mut link.sender, &mut link.receiver);
        let answer = async {
            let mut reply = BytesMut::from(receiver.receive().await?.payload);
            // What is raw comes in pieces.
            while self.args.is_raw() && reply.len() < len {
                reply.extend_from_slice(&receiver.receive().await?.payload);
            }
            Ok(reply.freeze())
        };
        let ((), reply) = try_join!(sender.send(payload, MessageKind::Binary), answer)?;
        Ok(reply)
    }

    /// What was taken so far; nothing of a server that is not to be looked at.
    fn usage(&self) -> Result<Usage, UsageError> {
        let of_server = |server: Process| Ok((server.cpu()?, server.memory()?));
        let (server_cpu, server_memory) = self.server.map_or(Ok(Default::default()), of_server)?;
        Ok(Usage {
            client_cpu: own_cpu(),
            server_cpu,
            server_memory,
        })
    }
}

/// A run that is over, in the order in which it went.
struct Run {
    before: Usage,
    opening: Duration,
    open: Usage,
    warm: Usage,
    /// What was measured, and how long it took.
    phase: Rc<Phase>,
    working: Duration,
    after: Usage,
}

/// What was taken of the machine until some moment.
struct Usage {
    client_cpu: Option<Duration>,
    server_cpu: Duration,
    /// In bytes, at that moment.
    server_memory: u64,
}

fn seconds_between(before: Duration, after: Duration) -> f64 {
    // Processes that end meanwhile take their time with them.
    after.saturating_sub(before).as_secs_f64()
}

fn raise_open_files(connections: u32) -> Result<(), BenchError> {
    const FILES_ELSE: u64 = 100;
    let wanted = u64::from(connections) + FILES_ELSE;
    match rlimit::increase_nofile_limit(wanted) {
        Ok(limit) if limit < wanted => Err(BenchError::OpenFiles {
            connections,
            wanted,
            limit,
        }),
        // Where there is no such limit to raise, opening tells.
        _ => Ok(()),
    }
}
