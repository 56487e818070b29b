//! `framegate replay`: sends recorded messages again, and compares the replies.

mod args;
mod difference;
mod early_replies;
mod error;
mod player;
mod script;
mod summary;

use std::collections::VecDeque;
use std::rc::Rc;

use tokio::task::{LocalSet, spawn_local};
use tokio::time::Instant;

use crate::connect::Connector;
use crate::connection::Connection;
use crate::output::note;
use crate::replay::player::{Player, Schedule};
use crate::replay::script::{DroppedMessages, RecordedSession, Script};
use crate::replay::summary::{RunningSession, Summary};

pub use crate::replay::args::ReplayArgs;
pub use crate::replay::error::ReplayError;

/// Replays the recording that `args` name, and prints the differences and a summary.
///
/// # Errors
/// [`ReplayError`] if the recording cannot be read, or replies differ.
pub(crate) async fn run(args: ReplayArgs) -> Result<(), ReplayError> {
    let script = Script::read(&args.file, args.max_frame.0)?;
    let sessions = select_sessions(&args, script)?;
    let connector = Connector::new(&args.target.to, &args.connect).await?;
    let summary = LocalSet::new()
        .run_until(play(&args, sessions, &connector))
        .await?;
    summary.print()?;
    match summary.differences {
        0 => Ok(()),
        differences => Err(ReplayError::Differs { differences }),
    }
}

/// Returns the sessions that `args` select, and warns of messages that are missing.
fn select_sessions(
    args: &ReplayArgs,
    script: Script,
) -> Result<Vec<Rc<RecordedSession>>, ReplayError> {
    let path = &args.file;
    for &id in &args.session {
        if script.sessions.iter().all(|session| session.id != id) {
            let path = path.clone();
            return Err(ReplayError::NoSession { path, id });
        }
    }
    let warn = |line, text| note(format!("framegate: {}:{line}: {text}", path.display()));
    for DroppedMessages { line, count } in script.dropped {
        warn(
            line,
            format!("{count} messages are missing before this line"),
        );
    }
    for line in script.cut {
        warn(line, "the record is cut, and left out".into());
    }
    let all = script.sessions.into_iter();
    let is_selected =
        |session: &RecordedSession| args.session.is_empty() || args.session.contains(&session.id);
    let sessions: Vec<_> = all.filter(is_selected).map(Rc::new).collect();
    for session in &sessions {
        let id = session.id;
        if session.lacks_start {
            warn(
                session.line,
                format!("session {id} begins in an earlier file"),
            );
        }
        if session.end.is_none() {
            warn(
                session.line,
                format!("session {id} does not end in this file"),
            );
        }
    }
    match sessions.is_empty() {
        true => Err(ReplayError::NoSessions { path: path.clone() }),
        false => Ok(sessions),
    }
}

/// Plays `sessions`, each started at its recorded time; with `--fast`, once the sessions that
/// had ended before it are over.
async fn play(
    args: &ReplayArgs,
    sessions: Vec<Rc<RecordedSession>>,
    connector: &Connector,
) -> Result<Summary, ReplayError> {
    let mut summary = Summary::default();
    let mut running: VecDeque<RunningSession> = VecDeque::new();
    let recording_start = sessions.iter().map(|session| session.start_time).min();
    let schedule = Schedule {
        start: recording_start
            .filter(|_| !args.fast)
            .map(|start| (start, Instant::now())),
    };
    for session in sessions {
        if args.fast {
            let (ended, open) = running
                .into_iter()
                .partition(|(other, _)| other.ended_before(&session));
            running = open;
            summary.add_all(ended).await?;
        }
        schedule.wait_for(session.start_time).await;
        let format = args
            .connect
            .wire_format(session.framings.clone(), Some(args.max_frame.0));
        let connection = Connection::open(connector, format).await?;
        let limit = args.connect.timeout.get();
        let bytes_only = args.bytes_only;
        let recorded = Rc::clone(&session);
        let playing = spawn_local(async move {
            let player = Player::new(&recorded, connection, schedule, limit, bytes_only);
            player.play().await
        });
        running.push_back((session, playing));
    }
    summary.add_all(running).await?;
    Ok(summary)
}
