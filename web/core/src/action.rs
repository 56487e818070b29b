//! What can happen.

use crate::connection::Close;
use crate::draft::{Draft, Format, Message};
use crate::filter::{Filter, Matcher};
use crate::gateway::{Choice, Gateway, InfoError};
use crate::listing::Viewport;
use crate::log::{Direction, Id};
use crate::monitor::{Life, Tab};
use crate::notice::Notice;
use crate::repeat::Order;
use crate::settings::Theme;
use crate::text::Language;
use crate::time::Moment;
use crate::view::View;

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// The person wants a connection, and now.
    Connect,
    /// The person wants none.
    Disconnect,
    /// The person wants to talk to this.
    Choose(Choice),
    /// The gateway said what it offers, or did not.
    Informed {
        /// What it said.
        answer: Result<Gateway, InfoError>,
        /// When.
        at: Moment,
        /// A random number from 0 to 1.
        chance: f64,
    },
    /// The WebSocket is open.
    Opened {
        /// When.
        at: Moment,
    },
    /// The WebSocket is closed.
    Closed {
        /// How.
        close: Close,
        /// When.
        at: Moment,
        /// A random number from 0 to 1.
        chance: f64,
    },
    /// The wait before the next attempt is over.
    Waited,
    /// The network is there again.
    Online,
    /// A message was given to the WebSocket.
    Sent {
        /// Which.
        message: Message,
        /// When.
        at: Moment,
    },
    /// A message came in.
    Received {
        /// Which.
        message: Message,
        /// When.
        at: Moment,
    },
    /// The person chose a message, or none: then the latest is shown.
    Select(Option<Id>),
    /// The person moved through the messages.
    Move(Step),
    /// The person wants to see messages in this way.
    View(View),
    /// The person wants an empty log.
    Clear,
    /// The person wants to see some messages alone.
    Filter(Filter),
    /// The person has written in the filter: what, and what that means.
    Search {
        /// What is written.
        text: String,
        /// See [`Filter::matcher`].
        matcher: Option<Result<Matcher, String>>,
    },
    /// The person wants to see messages of one direction, or of both.
    Direction(Option<Direction>),
    /// The person wants to see the messages of one client, or of all.
    Client(Option<u64>),
    /// The person wants the log to hold still, or to go on.
    Pause(bool),
    /// The log was scrolled, or changed its size.
    Scrolled {
        /// To where.
        viewport: Viewport,
        /// Whether that is the end.
        at_end: bool,
    },
    /// The person is scrolling away from the end of the log.
    LeaveEnd,
    /// The person wants to see the end of the log.
    ToEnd,
    /// The person wrote.
    Write(String),
    /// The person chose a notation.
    Format(Format),
    /// This draft was sent.
    Submitted(Draft),
    /// The person wants an earlier draft, or a later one.
    Recall(Step),
    /// The person wants to keep the draft under this name.
    Save(String),
    /// The person wants to write this.
    Take(Draft),
    /// The person wants to keep a saved draft no longer.
    Forget(String),
    /// The person wants a message to be sent many times.
    Repeat(Order),
    /// The message that is being repeated was sent so many times more.
    Repeated(u32),
    /// It is to be sent no more.
    StopRepeat,
    /// The person read in what was exported, or recorded.
    Import {
        /// The file.
        file: String,
        /// What local time is ahead of UTC, in milliseconds.
        offset_ms: f64,
    },
    /// The person wants to see this.
    Tab(Tab),
    /// The gateway can be watched, or no longer.
    Watch(Life),
    /// The gateway told what it saw.
    Told {
        /// A line, as in a recording.
        line: String,
        /// What local time is ahead of UTC, in milliseconds.
        offset_ms: f64,
    },
    /// There is something to tell, or no longer.
    Notice(Option<Notice>),
    /// The person chose a language.
    Language(Language),
    /// The person chose a theme.
    Theme(Theme),
    /// The person chose how many messages the log keeps.
    Keep(usize),
    /// Time went by.
    Tick(Moment),
}

/// A way to go through a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// To the one before.
    Earlier,
    /// To the one after.
    Later,
    /// To the oldest.
    First,
    /// To the latest.
    Last,
}
