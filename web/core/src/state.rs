//! What the page knows, and how that changes.
//!
//! Pure: no browser, no clock, no chance. They come with the actions.

use std::rc::Rc;

use protocol::Framing;

use crate::action::{Action, Step};
use crate::backoff;
use crate::book::Book;
use crate::connection::{Close, Connection, End, LASTING};
use crate::draft::{Draft, History, Message, Saved};
use crate::export::{self, FileKind};
use crate::figures::Figures;
use crate::gateway::{Bounds, Choice, Gateway, InfoError, Upstream};
use crate::log::{Direction, Row};
use crate::monitor::{Monitor, Tab};
use crate::notice::Notice;
use crate::repeat::{Order, Repeat};
use crate::settings::{Kept, Settings};
use crate::time::Moment;
use crate::view::View;

/// All that the page knows.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// The life of the connection.
    pub connection: Connection,
    /// How often the page set out to connect: tells one attempt from the next.
    pub attempt: u32,
    /// What the person wants to talk to.
    pub choice: Choice,
    /// The gateway as it last described itself.
    pub gateway: Option<Rc<Gateway>>,
    /// What is on the screen.
    pub tab: Tab,
    /// The messages of this page.
    pub own: Book,
    /// Their figures.
    pub figures: Figures,
    /// Everybody's clients and their messages.
    pub monitor: Monitor,
    /// How messages are looked at.
    pub view: View,
    /// The message in the making.
    pub draft: Draft,
    /// What was sent before.
    pub history: History,
    /// What is kept for later.
    pub saved: Rc<Vec<Saved>>,
    /// The message that was last repeated.
    pub repeat: Option<Repeat>,
    /// What the person has set.
    pub settings: Settings,
    /// What there is to tell.
    pub notice: Option<Notice>,
    /// When time last went by.
    pub now: Moment,
    /// Attempts that failed since the last good connection.
    failures: u32,
}

impl State {
    /// The state of a page that sets out to connect to `choice`.
    pub fn new(choice: Choice, kept: Kept) -> Self {
        let mut this = Self {
            connection: Connection::Idle,
            attempt: 0,
            choice,
            gateway: None,
            tab: Tab::default(),
            own: Book::of(kept.settings.max_rows),
            figures: Figures::default(),
            monitor: Monitor::new(kept.settings.max_rows),
            view: View::default(),
            draft: Draft::default(),
            history: History::new(kept.history),
            saved: kept.saved,
            repeat: None,
            settings: kept.settings,
            notice: None,
            now: Moment::default(),
            failures: 0,
        };
        this.connect();
        this
    }

    /// The upstream that is talked to, if it is one of the gateway's.
    pub fn upstream(&self) -> Option<&Upstream> {
        self.gateway.as_ref()?.upstream(&self.choice)
    }

    /// Where the WebSocket is, absolute or relative to the page, as far as that is known.
    pub fn socket_url(&self) -> Option<&str> {
        match &self.choice {
            Choice::Url(url) => Some(url),
            Choice::First | Choice::Upstream(_) => Some(&self.upstream()?.path),
        }
    }

    /// How the upstream frames messages, as far as that is known.
    pub fn framing(&self) -> Framing {
        self.bounds().framing
    }

    /// Which messages can be sent to the upstream.
    pub fn bounds(&self) -> Bounds {
        self.upstream()
            .map_or_else(Bounds::default, |upstream| Bounds {
                framing: upstream.framing,
                max_len: Some(upstream.max_frame),
            })
    }

    /// The messages on the screen.
    pub fn book(&self) -> &Book {
        match self.tab {
            Tab::Console => &self.own,
            Tab::Monitor => &self.monitor.book,
        }
    }

    fn book_mut(&mut self) -> &mut Book {
        match self.tab {
            Tab::Console => &mut self.own,
            Tab::Monitor => &mut self.monitor.book,
        }
    }

    /// How `row` was framed, as far as that is known.
    pub fn framing_of(&self, row: &Row) -> Framing {
        let client = row.session.and_then(|id| self.monitor.client(id));
        match self.tab {
            Tab::Monitor => client.map_or_else(Framing::default, |client| client.framing),
            Tab::Console => self.framing(),
        }
    }

    /// How many messages have no answer, be it that none came yet or never will.
    pub fn unanswered(&self) -> u64 {
        self.figures.never_answered() + self.own.log.pending()
    }

    /// The messages as a file: all, or those that pass the filter. `offset_ms` is what
    /// local time is ahead of UTC.
    pub fn export(&self, kind: FileKind, filtered: bool, offset_ms: f64) -> String {
        let Book { log, listing, .. } = self.book();
        let filter = listing.current_filter();
        let rows = log.rows().map(|row| &**row);
        let rows = rows.filter(|row| !filtered || filter.passes(row));
        export::export(kind, rows, offset_ms)
    }

    /// What is to be kept for the next visit.
    pub fn kept(&self) -> Kept {
        Kept {
            settings: self.settings,
            history: self.history.drafts().clone(),
            saved: self.saved.clone(),
        }
    }

    /// Lets `action` happen.
    pub fn apply(&mut self, action: Action) {
        let Book { log, listing, .. } = self.book_mut();
        match action {
            Action::Connect => self.connect_now(),
            Action::Disconnect => self.end(Connection::Idle),
            Action::Choose(choice) => self.choose(choice),
            Action::Informed { answer, at, chance } => self.informed(answer, at, chance),
            Action::Opened { at } => self.opened(at),
            Action::Closed { close, at, chance } => self.closed(close, at, chance),
            Action::Waited | Action::Online => self.waited(),
            Action::Sent { message, at } => self.sent(message, at),
            Action::Received { message, at } => self.received(message, at),
            Action::Select(id) => self.book_mut().select(id),
            Action::Move(step) => self.book_mut().move_selection(step),
            Action::View(view) => self.view = view,
            Action::Clear => self.clear(),
            Action::Filter(filter) => listing.filter(filter, log),
            Action::Search { text, matcher } => listing.search(text, matcher, log),
            Action::Direction(direction) => listing.direct(direction, log),
            Action::Client(client) => listing.only(client, log),
            Action::Pause(paused) => listing.pause(paused, log),
            Action::Scrolled { viewport, at_end } => listing.scrolled(viewport, at_end, log),
            Action::LeaveEnd => listing.stay(true, log),
            Action::ToEnd => listing.stay(false, log),
            Action::Tab(tab) => self.tab = tab,
            Action::Watch(life) => self.monitor.lives(life),
            Action::Told { line, offset_ms } => self.monitor.told(&line, offset_ms),
            Action::Write(text) => self.write(text),
            Action::Format(format) => self.draft.format = format,
            Action::Submitted(draft) => self.history.add(draft),
            Action::Recall(step) => self.recall(step),
            Action::Save(name) => self.save(name),
            Action::Take(draft) => self.draft = draft,
            Action::Forget(name) => Rc::make_mut(&mut self.saved).retain(|it| it.name != name),
            Action::Repeat(order) => self.repeat(order),
            Action::Repeated(times) => self.repeated(times),
            Action::StopRepeat => self.stop_repeat(),
            Action::Import { file, offset_ms } => self.import(&file, offset_ms),
            Action::Notice(notice) => self.notice = notice,
            Action::Language(language) => self.settings.language = Some(language),
            Action::Theme(theme) => self.settings.theme = theme,
            Action::Keep(max_rows) => self.keep(max_rows),
            Action::Tick(now) => self.now = now,
        }
        self.book_mut().forget_what_went();
    }

    /// The person does not wait, whatever failed before.
    fn connect_now(&mut self) {
        self.failures = 0;
        self.connect();
    }

    fn waited(&mut self) {
        if let Connection::Waiting { .. } = self.connection {
            self.connect();
        }
    }

    /// A WebSocket of the person's own needs nothing that the gateway could tell.
    fn connect(&mut self) {
        if !self.connection.is_live() {
            self.attempt += 1;
            self.connection = match self.choice {
                Choice::First | Choice::Upstream(_) => Connection::Asking,
                Choice::Url(_) => Connection::Connecting,
            };
        }
    }

    /// Who chose to have no connection goes on having none; who is about to write
    /// a URL has none until then.
    fn choose(&mut self, choice: Choice) {
        if self.choice == choice {
            return;
        }
        let unwritten = Choice::Url(String::new());
        let wanted = self.connection != Connection::Idle || self.choice == unwritten;
        self.end(Connection::Idle);
        self.choice = choice;
        if wanted && self.choice != unwritten {
            self.connect_now();
        }
    }

    fn informed(&mut self, answer: Result<Gateway, InfoError>, at: Moment, chance: f64) {
        if self.connection != Connection::Asking {
            return;
        }
        let gateway = match answer {
            Ok(gateway) => gateway,
            Err(error) => return self.ended(End::Unavailable(error), at, chance),
        };
        let is_there = gateway.upstream(&self.choice).is_some();
        self.gateway = Some(Rc::new(gateway));
        match &self.choice {
            Choice::Upstream(name) if !is_there => {
                let error = InfoError::NoUpstream(name.clone());
                self.ended(End::Unavailable(error), at, chance);
            }
            _ => self.connection = Connection::Connecting,
        }
    }

    fn opened(&mut self, at: Moment) {
        if self.connection == Connection::Connecting {
            self.connection = Connection::Open { since: at };
        }
    }

    fn closed(&mut self, mut close: Close, at: Moment, chance: f64) {
        close.opened = match self.connection {
            Connection::Connecting => false,
            Connection::Open { since } => {
                if at.since(since) >= LASTING {
                    self.failures = 0;
                }
                true
            }
            _ => return,
        };
        close.unanswered = self.own.log.pending();
        self.ended(End::Closed(close), at, chance);
    }

    /// Tries again by itself if there is hope.
    fn ended(&mut self, end: End, at: Moment, chance: f64) {
        let attempt = self.failures;
        self.failures += 1;
        self.end(if end.may_pass() {
            Connection::Waiting {
                attempt,
                delay: backoff::delay(attempt, chance),
                since: at,
                end,
            }
        } else {
            Connection::Ended(end)
        });
        self.now = at;
    }

    fn end(&mut self, connection: Connection) {
        self.connection = connection;
        self.stop_repeat();
        self.figures.lost(self.own.log.abandon_pending());
    }

    fn sent(&mut self, Message { kind, payload }: Message, at: Moment) {
        self.figures.sent(payload.len(), at);
        self.own.log.sent(kind, payload, at);
        self.own.follow();
    }

    fn received(&mut self, Message { kind, payload }: Message, at: Moment) {
        let len = payload.len();
        let round_trip = self.own.log.received(kind, payload, at);
        self.figures.received(len, at, round_trip);
        self.own.follow();
    }

    /// The figures are of this page's messages.
    fn clear(&mut self) {
        self.book_mut().clear();
        if self.tab == Tab::Console {
            self.figures = Figures::default();
        }
    }

    fn keep(&mut self, max_rows: usize) {
        self.settings.max_rows = max_rows;
        self.own.keep(max_rows);
        self.monitor.book.keep(max_rows);
    }

    /// What is read in stands among this page's messages, where it can be sent again.
    fn import(&mut self, file: &str, offset_ms: f64) {
        self.notice = Some(
            match export::import(file, self.own.log.ids().end, offset_ms) {
                Ok(rows) => {
                    let sent = rows.iter().filter(|row| row.direction == Direction::Sent);
                    let imported = Notice::Imported {
                        rows: rows.len(),
                        sent: Order::replay(sent.map(Row::message).collect()),
                    };
                    self.tab = Tab::Console;
                    self.own.restore(rows);
                    imported
                }
                Err(line) => Notice::NotExport(line),
            },
        );
    }

    fn write(&mut self, text: String) {
        if self.draft.text != text {
            self.draft.text = text;
            self.history.edited();
        }
    }

    fn recall(&mut self, step: Step) {
        let recalled = match step {
            Step::Earlier | Step::First => self.history.earlier(&self.draft),
            Step::Later | Step::Last => self.history.later(),
        };
        if let Some(draft) = recalled {
            self.draft = draft;
        }
    }

    /// A name that is taken gets what it stands for now.
    fn save(&mut self, name: String) {
        let saved = Rc::make_mut(&mut self.saved);
        saved.retain(|it| it.name != name);
        let draft = self.draft.clone();
        saved.push(Saved { name, draft });
    }

    /// All of it or nothing: what lacks a message is another conversation.
    fn repeat(&mut self, order: Order) {
        if !self.connection.is_open() {
            return;
        }
        if let Some((place, error)) = order.refusal(self.bounds()) {
            self.notice = Some(Notice::OrderRefused {
                order,
                place,
                error,
            });
            return;
        }
        self.notice
            .take_if(|it| matches!(it, Notice::OrderRefused { .. }));
        let run = self.repeat.as_ref().map_or(1, |repeat| repeat.run + 1);
        self.repeat = Some(Repeat {
            run,
            running: order.count > 0,
            sent: 0,
            order,
        });
    }

    fn repeated(&mut self, times: u32) {
        if let Some(repeat) = &mut self.repeat {
            repeat.sent = repeat.sent.saturating_add(times).min(repeat.order.count);
            repeat.running &= repeat.sent < repeat.order.count;
        }
    }

    fn stop_repeat(&mut self) {
        if let Some(repeat) = &mut self.repeat {
            repeat.running = false;
        }
    }
}

#[cfg(test)]
mod tests;
