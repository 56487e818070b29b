//! What the page knows, and how that changes.
//!
//! Pure: no browser, no clock, no chance. They come with the actions.

use std::rc::Rc;

use protocol::Framing;

use crate::action::{Action, Step};
use crate::backoff;
use crate::connection::{Close, Connection, End, LASTING};
use crate::draft::{Draft, History, Message, Saved};
use crate::export::{self, FileKind};
use crate::figures::Figures;
use crate::gateway::{Bounds, Choice, Gateway, InfoError, Upstream};
use crate::listing::Listing;
use crate::log::{Direction, Id, Log, Row};
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
    /// The messages.
    pub log: Log,
    /// The part of them that is on the screen.
    pub listing: Listing,
    /// Their figures.
    pub figures: Figures,
    /// The message that the person chose to look at.
    pub selected: Option<Id>,
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
        let mut log = Log::default();
        log.limit(kept.settings.max_rows);
        let mut this = Self {
            connection: Connection::Idle,
            attempt: 0,
            choice,
            gateway: None,
            log,
            listing: Listing::default(),
            figures: Figures::default(),
            selected: None,
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

    /// The message to show in detail: the chosen one, otherwise the latest.
    pub fn shown(&self) -> Option<&Rc<Row>> {
        self.selected
            .and_then(|id| self.log.row(id))
            .or_else(|| self.log.latest())
    }

    /// How many messages have no answer, be it that none came yet or never will.
    pub fn unanswered(&self) -> u64 {
        self.figures.never_answered() + self.log.pending()
    }

    /// The messages as a file: all, or those that pass the filter. `offset_ms` is what
    /// local time is ahead of UTC.
    pub fn export(&self, kind: FileKind, filtered: bool, offset_ms: f64) -> String {
        let filter = self.listing.current_filter();
        let rows = self.log.rows().map(|row| &**row);
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
            Action::Select(id) => self.selected = id.filter(|&id| self.log.row(id).is_some()),
            Action::Move(step) => self.move_selection(step),
            Action::View(view) => self.view = view,
            Action::Clear => self.clear(),
            Action::Filter(filter) => self.listing.filter(filter, &self.log),
            Action::Search { text, matcher } => self.listing.search(text, matcher, &self.log),
            Action::Direction(direction) => self.listing.direct(direction, &self.log),
            Action::Pause(paused) => self.listing.pause(paused, &self.log),
            Action::Scrolled { viewport, at_end } => {
                self.listing.scrolled(viewport, at_end, &self.log);
            }
            Action::LeaveEnd => self.listing.stay(true, &self.log),
            Action::ToEnd => self.listing.stay(false, &self.log),
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
            Action::Import(file) => self.import(&file),
            Action::Notice(notice) => self.notice = notice,
            Action::Language(language) => self.settings.language = Some(language),
            Action::Theme(theme) => self.settings.theme = theme,
            Action::Keep(max_rows) => self.keep(max_rows),
            Action::Tick(now) => self.now = now,
        }
        self.selected = self.selected.filter(|&id| self.log.row(id).is_some());
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

    /// Who chose to have no connection goes on having none.
    fn choose(&mut self, choice: Choice) {
        if self.choice == choice {
            return;
        }
        let wanted = self.connection != Connection::Idle;
        self.end(Connection::Idle);
        self.choice = choice;
        if wanted {
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
        close.unanswered = self.log.pending();
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
        self.figures.lost(self.log.abandon_pending());
    }

    fn sent(&mut self, Message { kind, payload }: Message, at: Moment) {
        self.figures.sent(payload.len(), at);
        self.log.sent(kind, payload, at);
        self.listing.follow(&self.log);
    }

    fn received(&mut self, Message { kind, payload }: Message, at: Moment) {
        let len = payload.len();
        let round_trip = self.log.received(kind, payload, at);
        self.figures.received(len, at, round_trip);
        self.listing.follow(&self.log);
    }

    fn move_selection(&mut self, step: Step) {
        let Some(last) = self.listing.len(&self.log).checked_sub(1) else {
            return;
        };
        let selected = self
            .selected
            .and_then(|id| self.listing.index(id, &self.log));
        let index = match (step, selected) {
            (Step::First, _) => 0,
            (Step::Last, _) | (_, None) => last,
            (Step::Earlier, Some(index)) => index.saturating_sub(1),
            (Step::Later, Some(index)) => (index + 1).min(last),
        };
        self.selected = self.listing.id(index, &self.log);
        self.listing.stay(index < last, &self.log);
    }

    fn clear(&mut self) {
        self.log.clear();
        self.figures = Figures::default();
        self.listing.list_anew(&self.log);
    }

    fn keep(&mut self, max_rows: usize) {
        self.settings.max_rows = max_rows;
        self.log.limit(max_rows);
        self.listing.follow(&self.log);
    }

    fn import(&mut self, file: &str) {
        self.notice = Some(match export::import(file, self.log.ids().end) {
            Ok(rows) => {
                let sent = rows.iter().filter(|row| row.direction == Direction::Sent);
                let imported = Notice::Imported {
                    rows: rows.len(),
                    sent: Order::replay(sent.map(Row::message).collect()),
                };
                rows.into_iter().for_each(|row| self.log.restore(row));
                self.listing.list_anew(&self.log);
                imported
            }
            Err(line) => Notice::NotExport(line),
        });
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

    fn repeat(&mut self, order: Order) {
        if self.connection.is_open() {
            let run = self.repeat.as_ref().map_or(1, |repeat| repeat.run + 1);
            self.repeat = Some(Repeat {
                run,
                running: order.count > 0,
                sent: 0,
                order,
            });
        }
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
