//! `framegate replay`: sends recorded messages again, and compares the replies.

mod args;
mod difference;
mod error;
mod player;
mod script;

use std::collections::VecDeque;
use std::io::{self, Write};
use std::rc::Rc;

use tokio::task::{JoinHandle, LocalSet, spawn_local};
use tokio::time::Instant;

use crate::connect::Connector;
use crate::connection::Link;
use crate::replay::player::{Clock, Played, Player};
use crate::replay::script::{Script, Session};

pub use crate::replay::args::ReplayArgs;
pub use crate::replay::error::ReplayError;

/// Replays what `args` name, and prints the differences, and then how it went.
///
/// # Errors
/// [`ReplayError`] if the recording cannot be read, or replies are not as recorded.
pub(super) async fn run(args: ReplayArgs) -> Result<(), ReplayError> {
    let script = Script::read(&args.file)?;
    let sessions = chosen(&args, script)?;
    let connector = Connector::new(&args.target.to, &args.connect).await?;
    let total = LocalSet::new()
        .run_until(play(&args, sessions, &connector))
        .await?;
    match total.finish() {
        0 => Ok(()),
        differences => Err(ReplayError::Differs { differences }),
    }
}

/// The sessions that are asked for; says what is missing of them.
fn chosen(args: &ReplayArgs, script: Script) -> Result<Vec<Rc<Session>>, ReplayError> {
    let path = &args.file;
    for &id in &args.session {
        if script.sessions.iter().all(|session| session.id != id) {
            let path = path.clone();
            return Err(ReplayError::NoSession { path, id });
        }
    }
    for gap in &script.gaps {
        note(
            args,
            gap.line,
            &format!("{} messages are missing before this line", gap.messages),
        );
    }
    let all = script.sessions.into_iter();
    let wanted = |session: &Session| args.session.is_empty() || args.session.contains(&session.id);
    let sessions: Vec<_> = all.filter(wanted).map(Rc::new).collect();
    for session in &sessions {
        let id = session.id;
        if session.is_rest {
            note(
                args,
                session.line,
                &format!("session {id} begins in an earlier file"),
            );
        }
        if session.end.is_none() {
            note(
                args,
                session.line,
                &format!("session {id} does not end in this file"),
            );
        }
    }
    match sessions.is_empty() {
        true => Err(ReplayError::Nothing { path: path.clone() }),
        false => Ok(sessions),
    }
}

fn note(args: &ReplayArgs, line: usize, what: &str) {
    eprintln!("framegate: {}:{line}: {what}", args.file.display());
}

/// Plays `sessions`, each begun when it was.
async fn play(
    args: &ReplayArgs,
    sessions: Vec<Rc<Session>>,
    connector: &Connector,
) -> Result<Total, ReplayError> {
    let mut total = Total::default();
    let mut under_way: VecDeque<(Rc<Session>, JoinHandle<Played>)> = VecDeque::new();
    let begins = sessions.iter().map(|session| session.time).min();
    let clock = Clock {
        begins: begins
            .filter(|_| !args.fast)
            .map(|begins| (begins, Instant::now())),
    };
    for session in sessions {
        let (over, open) = match args.fast {
            true => under_way
                .into_iter()
                .partition(|(other, _)| other.is_over_before(&session)),
            false => (VecDeque::new(), under_way),
        };
        under_way = open;
        total.add_all(over).await?;
        clock.wait(session.time).await;
        let link = Link::open(connector, args.wire(session.framing)).await?;
        let limit = args.connect.timeout.limit();
        let bytes_only = args.bytes_only;
        let recorded = Rc::clone(&session);
        let playing = spawn_local(async move {
            let player = Player::new(&recorded, link, clock, limit, bytes_only);
            player.play().await
        });
        under_way.push_back((session, playing));
    }
    total.add_all(under_way).await?;
    Ok(total)
}

impl Session {
    /// Whether it had ended before `later` began.
    fn is_over_before(&self, later: &Self) -> bool {
        self.end.as_ref().is_some_and(|end| end.line < later.line)
    }
}

/// What came of all sessions.
#[derive(Default)]
struct Total {
    sessions: u64,
    sent: u64,
    replies: u64,
    same: u64,
    differences: u64,
}

impl Total {
    /// Waits for sessions to be over, and prints their differences.
    async fn add_all(
        &mut self,
        sessions: VecDeque<(Rc<Session>, JoinHandle<Played>)>,
    ) -> Result<(), ReplayError> {
        for (session, playing) in sessions {
            let played = playing.await.expect("playing does not panic");
            self.sessions += 1;
            self.sent += played.sent;
            self.replies += session.replies();
            self.same += played.same;
            self.differences += played.differences.len() as u64;
            for difference in &played.differences {
                writeln!(io::stdout(), "{difference}").map_err(ReplayError::Output)?;
            }
        }
        Ok(())
    }

    /// Prints how it went; returns how many differences there are.
    fn finish(self) -> u64 {
        let Self {
            sessions,
            sent,
            replies,
            same,
            differences,
        } = self;
        // A closed pipe is no reason to fail.
        let _ = writeln!(
            io::stdout(),
            "sessions {sessions}, messages sent {sent}, replies as recorded {same} of {replies}"
        );
        differences
    }
}
