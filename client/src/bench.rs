//! `framegate bench`: a load generator that checks every reply, and measures.
//!
//! The load is closed-loop: each connection keeps a fixed number of messages in flight. The
//! client must not be the bottleneck, so requests are prepared beforehand and written many at
//! once, replies are read into one large buffer and compared in place, and the clock is read
//! once for each read. tungstenite does handshakes and the first message; under load, it only
//! formats and parses frames.

mod args;
mod connections;
mod deframer;
mod error;
mod load_connection;
mod messages;
mod opening;
mod phase;
mod prefix;
mod process_stats;
mod progress;
mod replies;
mod report;
mod session_replies;
mod sized;

use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::task::LocalSet;

use crate::bench::connections::Connections;
use crate::bench::messages::{MessageFormat, Messages};
use crate::bench::phase::{Phase, PhaseEnd};
use crate::bench::prefix::detect_prefix;
use crate::bench::process_stats::{Process, ProcessError, own_cpu};
use crate::bench::report::{Latency, Report, ServerReport};
use crate::connect::Connector;
use crate::output::print_report;

pub use crate::bench::args::BenchArgs;
pub use crate::bench::error::BenchError;

/// A benchmark, before it runs.
struct Bench {
    args: BenchArgs,
    server: Option<Process>,
}

/// Loads a service as `args` say, and prints the report.
///
/// # Errors
/// [`BenchError`] if any reply is missing or wrong: there is no report then.
pub(crate) async fn run(args: BenchArgs) -> Result<(), BenchError> {
    let bench = Bench {
        server: args.server_pid.map(Process::find).transpose()?,
        args,
    };
    let measurements = LocalSet::new().run_until(bench.measure()).await?;
    let report = bench.report(&measurements);
    let text = if bench.args.json {
        serde_json::to_string_pretty(&report).expect("a report is valid JSON") + "\n"
    } else {
        report.to_string()
    };
    Ok(print_report(&text)?)
}

impl Bench {
    async fn measure(&self) -> Result<Measurements, BenchError> {
        let args = &self.args;
        args.check_size()?;
        if args.is_raw() && args.size.0 == 0 {
            return Err(BenchError::EmptyRawMessage);
        }
        sized::message(args.framing(), 0, args.size.0)?;
        let connector = self.connector().await?;
        raise_open_files(args.connections)?;
        let prefix = detect_prefix(&connector, args).await?;
        let format = MessageFormat {
            payload_len: args.size.0,
            framing: args.framing(),
            transport: args.transport(),
            resumable: args.connect.resume,
        };
        let messages = Rc::new(Messages::prepare(format, &prefix)?);

        let before = self.usage()?;
        let started = Instant::now();
        let mut connections = Connections::open(connector, &messages, args).await?;
        let opening = started.elapsed();
        let open = self.usage()?;

        let warm_up = Phase::new(PhaseEnd::Elapsed(args.warm_up.0));
        connections.load(&Rc::new(warm_up), "warming up").await?;
        let warm = self.usage()?;
        let phase = Rc::new(Phase::new(match args.count {
            Some(count) => PhaseEnd::Sent(count),
            None => PhaseEnd::Elapsed(args.duration),
        }));
        let loading = connections.load(&phase, "measuring").await?;
        let after = self.usage()?;
        if let Some(time) = args.idle.get() {
            connections.stay_idle(&phase, time).await?;
        }
        let idle = self.usage()?;
        connections.close().await?;
        Ok(Measurements {
            before,
            opening,
            open,
            warm,
            phase,
            loading,
            after,
            idle,
        })
    }

    fn report(&self, run: &Measurements) -> Report {
        let (messages, seconds) = (run.phase.answered(), run.loading.as_secs_f64());
        let client_cpu = run.warm.client_cpu.zip(run.after.client_cpu);
        let server = self.server.map(|_| {
            let cpu_seconds = seconds_between(run.warm.server_cpu, run.after.server_cpu);
            ServerReport {
                cpu_seconds,
                messages_per_cpu_second: messages as f64 / cpu_seconds,
                memory_before_bytes: run.before.server_memory,
                memory_open_bytes: run.open.server_memory,
                memory_after_bytes: run.idle.server_memory,
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
            service_us: (self.args.connect.resume).then(|| Latency::of(&run.phase.service_time())),
            client_cpu_seconds: client_cpu.map(|(warm, after)| seconds_between(warm, after)),
            server,
        }
    }

    /// Looks up the target, which has to be loopback or allowed by `--i-own-this-host`.
    async fn connector(&self) -> Result<Connector, BenchError> {
        let target = &self.args.target;
        let connector = Connector::new(target, &self.args.connect).await?;
        match connector.non_loopback_addr() {
            Some(addr) if !self.args.i_own_this_host => Err(BenchError::RemoteHost {
                target: target.clone(),
                addr,
            }),
            _ => Ok(connector),
        }
    }

    /// The resources used so far; zero for the server without `--server-pid`.
    fn usage(&self) -> Result<ResourceUsage, ProcessError> {
        let of_server = |server: Process| Ok((server.cpu()?, server.memory()?));
        let (server_cpu, server_memory) = self.server.map_or(Ok(Default::default()), of_server)?;
        Ok(ResourceUsage {
            client_cpu: own_cpu(),
            server_cpu,
            server_memory,
        })
    }
}

/// The measurements of a benchmark, in their order.
struct Measurements {
    before: ResourceUsage,
    opening: Duration,
    open: ResourceUsage,
    warm: ResourceUsage,
    /// The measured phase, after the warm-up.
    phase: Rc<Phase>,
    /// The length of that phase.
    loading: Duration,
    after: ResourceUsage,
    /// After the time without load.
    idle: ResourceUsage,
}

/// The resources used until some moment.
struct ResourceUsage {
    client_cpu: Option<Duration>,
    server_cpu: Duration,
    /// In bytes, at that moment.
    server_memory: u64,
}

fn seconds_between(before: Duration, after: Duration) -> f64 {
    // The sum falls when a child process ends.
    after.saturating_sub(before).as_secs_f64()
}

fn raise_open_files(connections: u32) -> Result<(), BenchError> {
    const OTHER_FILES: u64 = 100;
    let wanted = u64::from(connections) + OTHER_FILES;
    match rlimit::increase_nofile_limit(wanted) {
        Ok(limit) if limit < wanted => Err(BenchError::OpenFiles {
            connections,
            wanted,
            limit,
        }),
        // If the limit cannot be read, opening a connection fails with its own error.
        _ => Ok(()),
    }
}
