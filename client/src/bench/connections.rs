//! All connections of a run.

use std::rc::Rc;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use tokio::task::{JoinSet, spawn_local};
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::bench::args::BenchArgs;
use crate::bench::error::BenchError;
use crate::bench::messages::Messages;
use crate::bench::report::short;
use crate::bench::worker::{Phase, WorkError, Worker};
use crate::connect::{ConnectError, Connector};

/// How often it is looked at how far a phase has come.
const TICK: Duration = Duration::from_millis(100);

/// How long servers may take to see that all connections end.
const GOODBYE: Duration = Duration::from_secs(1);

/// Connections that are open, and idle between two phases.
pub(super) struct Crew {
    workers: Vec<Worker>,
    in_flight: u32,
    /// How long no reply may come.
    patience: Option<Duration>,
}

impl Crew {
    /// Opens as many connections as `args` say, all at once.
    pub(super) async fn open(
        connector: Connector,
        messages: &Rc<Messages>,
        args: &BenchArgs,
    ) -> Result<Self, ConnectError> {
        let count = args.connections as usize;
        let connector = Rc::new(connector);
        let mut opening = JoinSet::new();
        for number in 0..count {
            let (connector, messages) = (Rc::clone(&connector), Rc::clone(messages));
            opening.spawn_local(async move {
                // Nothing that a server says unasked is lost: it has not been asked.
                let is_websocket = connector.target().is_websocket();
                let stream = match is_websocket {
                    true => connector.websocket(None).await?.into_inner(),
                    false => connector.stream().await?,
                };
                Ok::<_, ConnectError>(Worker::new(number, stream, messages, is_websocket))
            });
        }
        let mut workers = Vec::with_capacity(count);
        while let Some(opened) = opening.join_next().await {
            workers.push(opened.expect("opening does not panic")?);
        }
        Ok(Self {
            workers,
            in_flight: args.in_flight,
            patience: args.connect.timeout.limit(),
        })
    }

    /// Works until `phase` is over, and returns how long it took.
    pub(super) async fn work(
        &mut self,
        phase: &Rc<Phase>,
        name: &'static str,
    ) -> Result<Duration, BenchError> {
        let mut working = JoinSet::new();
        for mut worker in self.workers.drain(..) {
            let (phase, in_flight) = (Rc::clone(phase), self.in_flight);
            working.spawn_local(async move {
                let result = worker.exchange(&phase, in_flight).await;
                (worker, result)
            });
        }
        let mut watch = Watch::new(name, phase, self.patience);
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                done = working.join_next() => match done {
                    Some(done) => {
                        let (worker, result) = done.expect("work does not panic");
                        result.map_err(|error| failed(worker.number(), phase, &error))?;
                        self.workers.push(worker);
                    }
                    None => return Ok(phase.elapsed()),
                },
                _ = tick.tick() => watch.look(working.len())?,
            }
        }
    }

    /// Ends all connections in order.
    pub(super) async fn close(self) {
        let ends: Vec<_> = self
            .workers
            .into_iter()
            .map(|worker| spawn_local(worker.close()))
            .collect();
        let all = async {
            for end in ends {
                let _ = end.await;
            }
        };
        // The figures are there by now: a server that is slow to let go changes nothing.
        let _ = timeout(GOODBYE, all).await;
    }
}

fn failed(number: usize, phase: &Phase, error: &WorkError) -> BenchError {
    BenchError::Failed {
        connection: number + 1,
        answered: phase.answered(),
        what: error.to_string(),
    }
}

/// Looks at how far a phase has come, and shows it to whoever sits at a terminal.
struct Watch<'a> {
    phase: &'a Phase,
    patience: Option<Duration>,
    bar: ProgressBar,
    /// How many were answered, and when that was last seen to change.
    seen: (u64, Instant),
}

impl<'a> Watch<'a> {
    fn new(name: &'static str, phase: &'a Phase, patience: Option<Duration>) -> Self {
        let style = ProgressStyle::with_template("{prefix} {elapsed:>4}  {msg}");
        // It draws nothing where standard error is no terminal.
        let bar = ProgressBar::new_spinner()
            .with_style(style.expect("a valid template"))
            .with_prefix(name);
        Self {
            phase,
            patience,
            bar,
            seen: (0, Instant::now()),
        }
    }

    fn look(&mut self, waiting: usize) -> Result<(), BenchError> {
        let (answered, now) = (self.phase.answered(), Instant::now());
        let (before, at) = self.seen;
        if answered > before {
            let rate = (answered - before) as f64 / (now - at).as_secs_f64();
            self.bar
                .set_message(format!("{answered} answered, {} a second", short(rate)));
            self.seen = (answered, now);
        } else if let Some(limit) = self.patience.filter(|limit| now - at > *limit) {
            return Err(BenchError::Stalled {
                limit,
                answered,
                waiting,
            });
        }
        self.bar.tick();
        Ok(())
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
