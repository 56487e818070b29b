//! All connections of a benchmark.

use std::rc::Rc;
use std::time::Duration;

use futures_util::future::try_join_all;
use net::stream::Stream;
use net::timer::timeout_opt;
use tokio::task::{JoinSet, spawn_local};
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::bench::args::BenchArgs;
use crate::bench::error::BenchError;
use crate::bench::load_connection::{LoadConnection, LoadError};
use crate::bench::messages::Messages;
use crate::bench::opening::{Opening, OpeningError};
use crate::bench::phase::Phase;
use crate::bench::progress::Progress;
use crate::bench::replies::ReplyChecker;
use crate::bench::session_replies::SessionReplies;
use crate::connect::Connector;
use crate::connection::CLOSE_TIMEOUT;
use crate::resumable;

/// The interval at which the progress of a phase is checked.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);

/// Open connections, which are idle between two phases.
pub(super) struct Connections {
    connections: Vec<LoadConnection>,
    in_flight: u32,
    /// The longest time without any reply.
    limit: Option<Duration>,
}

impl Connections {
    /// Opens all connections at the same time.
    pub(super) async fn open(
        connector: Connector,
        messages: &Rc<Messages>,
        args: &BenchArgs,
    ) -> Result<Self, BenchError> {
        let count = args.connections as usize;
        let resumable = args.connect.resume;
        let opening = Rc::new(Opening::prepare(args)?);
        let (limit, max_len) = (args.connect.timeout.get(), args.max_reply());
        let connector = Rc::new(connector);
        let mut opening_all = JoinSet::new();
        for index in 0..count {
            let (connector, messages) = (Rc::clone(&connector), Rc::clone(messages));
            let opening = Rc::clone(&opening);
            opening_all.spawn_local(async move {
                let opening = opening.as_ref().as_ref();
                let (stream, session) = match resumable {
                    true => open_session(&connector, opening, limit, max_len).await?,
                    false => (open(&connector, opening, limit, max_len).await?, None),
                };
                let is_websocket = connector.target().is_websocket();
                let replies = ReplyChecker::new(Rc::clone(&messages), index, is_websocket, session);
                Ok::<_, BenchError>(LoadConnection::new(index, stream, messages, replies))
            });
        }
        let mut connections = Vec::with_capacity(count);
        while let Some(opened) = opening_all.join_next().await {
            connections.push(opened.expect("opening does not panic")?);
        }
        Ok(Self {
            connections,
            in_flight: args.in_flight,
            limit: args.connect.timeout.get(),
        })
    }

    /// Runs `phase` to its end, and returns how long it took.
    pub(super) async fn load(
        &mut self,
        phase: &Rc<Phase>,
        name: &'static str,
    ) -> Result<Duration, BenchError> {
        let mut loading = JoinSet::new();
        for mut connection in self.connections.drain(..) {
            let (phase, in_flight) = (Rc::clone(phase), self.in_flight);
            loading.spawn_local(async move {
                let result = connection.load(&phase, in_flight).await;
                (connection, result)
            });
        }
        let mut progress = Progress::new(name, phase, self.limit);
        let mut tick = interval(PROGRESS_INTERVAL);
        tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                ended = loading.join_next() => match ended {
                    Some(ended) => {
                        let (connection, result) = ended.expect("loading does not panic");
                        result.map_err(|error| lost(connection.index(), phase, &error))?;
                        self.connections.push(connection);
                    }
                    None => return Ok(phase.elapsed()),
                },
                _ = tick.tick() => progress.update(loading.len())?,
            }
        }
    }

    /// Sends no messages for `time` after `phase`, and answers keep-alive pings.
    pub(super) async fn stay_idle(
        &mut self,
        phase: &Phase,
        time: Duration,
    ) -> Result<(), BenchError> {
        let idle = self.connections.iter_mut().map(async |connection| {
            let ended = connection.stay_idle(phase).await;
            ended.map_err(|error| lost(connection.index(), phase, &error))
        });
        match timeout(time, try_join_all(idle)).await {
            Ok(ended) => ended.map(|_| ()),
            Err(_) => Ok(()),
        }
    }

    /// Closes all connections, and waits for the server to do so, for at most
    /// [`CLOSE_TIMEOUT`].
    ///
    /// # Errors
    /// [`BenchError::End`] if one of them has an abnormal end.
    pub(super) async fn close(self) -> Result<(), BenchError> {
        let closing: Vec<_> = self
            .connections
            .into_iter()
            .map(|connection| spawn_local(connection.close()))
            .collect();
        let all = async {
            for closed in closing {
                closed.await.expect("closing does not panic")?;
            }
            Ok::<_, LoadError>(())
        };
        // All is measured: a server that closes slowly does not change the report.
        let closed = timeout(CLOSE_TIMEOUT, all).await.unwrap_or(Ok(()));
        closed.map_err(|error| BenchError::End(error.to_string()))
    }
}

/// The error of the connection at `index` in `phase`.
fn lost(index: usize, phase: &Phase, error: &LoadError) -> BenchError {
    BenchError::Connection {
        number: index + 1,
        answered: phase.answered(),
        cause: error.to_string(),
    }
}

/// Opens a connection, and exchanges the first message if it is framed otherwise; its reply, on a
/// WebSocket, has at most `max_len` bytes.
async fn open(
    connector: &Connector,
    opening: Option<&Opening>,
    limit: Option<Duration>,
    max_len: usize,
) -> Result<Stream, BenchError> {
    let opened = async {
        if connector.target().is_websocket() {
            let mut socket = connector.connect_websocket(Some(max_len)).await?;
            if let Some(opening) = opening {
                opening
                    .exchange_on(&mut socket)
                    .await
                    .map_err(|error| first_reply(&error))?;
            }
            // Discards what tungstenite has read: no reply is due yet.
            return Ok(socket.into_inner());
        }
        let mut stream = connector.connect_stream().await?;
        if let Some(opening) = opening {
            opening
                .exchange(&mut stream)
                .await
                .map_err(|error| first_reply(&error))?;
        }
        Ok(stream)
    };
    match opening {
        None => opened.await,
        Some(_) => timeout_opt(limit, opened)
            .await
            .unwrap_or_else(|| Err(stalled(limit))),
    }
}

/// Opens a resumable session, as [`open`] does a connection.
async fn open_session(
    connector: &Connector,
    opening: Option<&Opening>,
    limit: Option<Duration>,
    max_len: usize,
) -> Result<(Stream, Option<SessionReplies>), BenchError> {
    let (mut socket, hello) = resumable::open(connector, None, Some(max_len)).await?;
    if let Some(opening) = opening {
        let exchanged = timeout_opt(limit, opening.exchange_on(&mut socket)).await;
        let exchanged = exchanged.ok_or_else(|| stalled(limit))?;
        exchanged.map_err(|error| first_reply(&error))?;
    }
    let session = SessionReplies::new(&hello, u64::from(opening.is_some()));
    // Discards what tungstenite has read: acknowledgements at most.
    Ok((socket.into_inner(), Some(session)))
}

fn stalled(limit: Option<Duration>) -> BenchError {
    BenchError::Stalled {
        limit: limit.unwrap_or_default(),
        answered: 0,
        waiting: 1,
    }
}

fn first_reply(error: &OpeningError) -> BenchError {
    BenchError::FirstReply(error.to_string())
}
