//! The state of the page, and the reducer that changes it.
//!
//! `Action -> State`: no browser, clock or random number generator is used here. Times and
//! random numbers come with the actions.

use std::rc::Rc;

use protocol::Framing;

use crate::action::Action;
use crate::backoff;
use crate::batch::{Batch, BatchRun};
use crate::connection::{Close, Connection, ConnectionEnd, STABLE_AFTER};
use crate::draft::{Draft, History, SavedDraft};
use crate::export::{self, ExportFormat};
use crate::gateway_info::{GatewayInfo, InfoError, SendLimits, Upstream, UpstreamChoice};
use crate::import;
use crate::live_feed::LiveFeed;
use crate::message::{Direction, Message};
use crate::message_log::Row;
use crate::message_pane::MessagePane;
use crate::notice::Notice;
use crate::page_tab::PageTab;
use crate::settings::{Settings, StoredState};
use crate::stats::Stats;
use crate::step::Step;
use crate::time::Moment;
use crate::wire_view_tab::WireViewTab;

/// The whole state of the page.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// The connection's life cycle.
    pub connection: Connection,
    /// The number of the current connection attempt.
    pub attempt: u32,
    /// The upstream to connect to.
    pub choice: UpstreamChoice,
    /// The gateway's latest answer to `api/info`.
    pub gateway: Option<Rc<GatewayInfo>>,
    /// The open tab of the page.
    pub tab: PageTab,
    /// The messages of the console: this page's own.
    pub console: MessagePane,
    /// Statistics of the console's messages.
    pub stats: Stats,
    /// All clients of the gateway, and their messages.
    pub live_feed: LiveFeed,
    /// The open tab of the wire view.
    pub wire_view_tab: WireViewTab,
    /// The composer's draft.
    pub draft: Draft,
    /// The drafts sent before.
    pub history: History,
    /// The saved drafts.
    pub saved: Rc<Vec<SavedDraft>>,
    /// The last batch and its progress.
    pub batch_run: Option<BatchRun>,
    /// Language, theme and the log's size.
    pub settings: Settings,
    /// The notice that is shown.
    pub notice: Option<Notice>,
    /// The time of the last tick.
    pub now: Moment,
    /// Failed attempts since the last stable connection.
    failures: u32,
}

impl State {
    /// Creates the state of a page that starts to connect to `choice`.
    pub fn new(choice: UpstreamChoice, stored: StoredState) -> Self {
        let mut this = Self {
            connection: Connection::Idle,
            attempt: 0,
            choice,
            gateway: None,
            tab: PageTab::default(),
            console: MessagePane::new(stored.settings.max_rows),
            stats: Stats::default(),
            live_feed: LiveFeed::new(stored.settings.max_rows),
            wire_view_tab: WireViewTab::default(),
            draft: Draft::default(),
            history: History::new(stored.history),
            saved: stored.saved,
            batch_run: None,
            settings: stored.settings,
            notice: None,
            now: Moment::default(),
            failures: 0,
        };
        this.connect();
        this
    }

    /// Returns the chosen upstream, if the gateway offers it.
    pub fn upstream(&self) -> Option<&Upstream> {
        self.gateway.as_ref()?.upstream(&self.choice)
    }

    /// Returns the WebSocket's URL, absolute or relative to the page, once it is known.
    pub fn socket_url(&self) -> Option<&str> {
        match &self.choice {
            UpstreamChoice::Url(url) => Some(url),
            UpstreamChoice::First | UpstreamChoice::Named(_) => Some(&self.upstream()?.path),
        }
    }

    /// Returns the upstream's framing, or the default if it is unknown.
    pub fn framing(&self) -> Framing {
        self.send_limits().framing
    }

    /// Returns the limits for messages to the upstream.
    pub fn send_limits(&self) -> SendLimits {
        self.upstream()
            .map_or_else(SendLimits::default, |upstream| SendLimits {
                framing: upstream.framing,
                max_len: Some(upstream.max_frame),
            })
    }

    /// Returns the message pane of the open tab.
    pub fn pane(&self) -> &MessagePane {
        match self.tab {
            PageTab::Console => &self.console,
            PageTab::LiveFeed => &self.live_feed.pane,
        }
    }

    fn pane_mut(&mut self) -> &mut MessagePane {
        match self.tab {
            PageTab::Console => &mut self.console,
            PageTab::LiveFeed => &mut self.live_feed.pane,
        }
    }

    /// Returns the framing of a row, or the default if it is unknown.
    pub fn framing_of(&self, row: &Row) -> Framing {
        let client = row.session.and_then(|id| self.live_feed.client(id));
        match self.tab {
            PageTab::LiveFeed => client.map_or_else(Framing::default, |client| client.framing),
            PageTab::Console => self.framing(),
        }
    }

    /// Returns the number of requests without a reply, pending ones included.
    pub fn unanswered(&self) -> u64 {
        self.stats.unanswered() + self.console.log.pending()
    }

    /// Exports the open tab's messages: all, or those that pass the filter.
    /// `utc_offset_ms` is local time minus UTC.
    pub fn export(&self, format: ExportFormat, filtered: bool, utc_offset_ms: f64) -> String {
        let MessagePane { log, view, .. } = self.pane();
        let rows = log.rows().map(|row| &**row);
        let rows = rows.filter(|row| !filtered || view.filter().passes(row));
        export::export(format, rows, utc_offset_ms)
    }

    /// Returns the part of the state that the browser stores for the next visit.
    pub fn to_stored(&self) -> StoredState {
        StoredState {
            settings: self.settings,
            history: self.history.drafts().clone(),
            saved: self.saved.clone(),
        }
    }

    /// Applies an action: the reducer.
    pub fn apply(&mut self, action: Action) {
        let MessagePane { log, view, .. } = self.pane_mut();
        match action {
            Action::Connect => self.connect_now(),
            Action::Disconnect => self.disconnect(Connection::Idle),
            Action::ChooseUpstream(choice) => self.choose_upstream(choice),
            Action::InfoLoaded { answer, at, random } => self.info_loaded(answer, at, random),
            Action::SocketOpened { at } => self.socket_opened(at),
            Action::SocketClosed { close, at, random } => self.socket_closed(close, at, random),
            Action::RetryDue | Action::NetworkOnline => self.retry(),
            Action::MessageSent { message, at } => self.message_sent(message, at),
            Action::MessageReceived { message, at } => self.message_received(message, at),
            Action::SelectRow(id) => self.pane_mut().select(id),
            Action::MoveSelection(step) => self.pane_mut().move_selection(step),
            Action::SelectWireViewTab(tab) => self.wire_view_tab = tab,
            Action::ClearLog => self.clear_log(),
            Action::SetFilter(filter) => view.update_filter(log, |it| *it = filter),
            Action::SetSearch { text, matcher } => view.update_filter(log, |filter| {
                filter.text = text;
                filter.matcher = matcher;
            }),
            Action::SetDirectionFilter(it) => view.update_filter(log, |f| f.direction = it),
            Action::SetClientFilter(it) => view.update_filter(log, |f| f.client = it),
            Action::SetPaused(paused) => view.set_paused(paused, log),
            Action::Scrolled { viewport, at_end } => view.set_viewport(viewport, at_end, log),
            Action::LeaveEnd => view.follow_end(false, log),
            Action::ScrollToEnd => view.follow_end(true, log),
            Action::SelectPageTab(tab) => self.tab = tab,
            Action::FeedStatus(status) => self.live_feed.set_status(status),
            Action::FeedEvent {
                line,
                utc_offset_ms,
            } => self.live_feed.apply_event(&line, utc_offset_ms),
            Action::EditDraft(text) => self.edit_draft(text),
            Action::SetInputFormat(format) => self.draft.format = format,
            Action::DraftSent(draft) => self.history.add(draft),
            Action::RecallDraft(step) => self.recall_draft(step),
            Action::SaveDraft(name) => self.save_draft(name),
            Action::LoadDraft(draft) => self.draft = draft,
            Action::DeleteSaved(name) => Rc::make_mut(&mut self.saved).retain(|it| it.name != name),
            Action::StartBatch(batch) => self.start_batch(batch),
            Action::BatchProgress(sent) => self.batch_progress(sent),
            Action::StopBatch => self.stop_batch(),
            Action::ImportFile {
                file,
                utc_offset_ms,
            } => self.import_file(&file, utc_offset_ms),
            Action::ShowNotice(notice) => self.notice = notice,
            Action::SetLanguage(language) => self.settings.language = Some(language),
            Action::SetTheme(theme) => self.settings.theme = theme,
            Action::SetMaxRows(max_rows) => self.set_max_rows(max_rows),
            Action::Tick(now) => self.now = now,
        }
    }

    /// Connects at once, and resets the backoff.
    fn connect_now(&mut self) {
        self.failures = 0;
        self.connect();
    }

    fn retry(&mut self) {
        if let Connection::Waiting { .. } = self.connection {
            self.connect();
        }
    }

    /// Starts an attempt. A URL that the user entered needs no `api/info`.
    fn connect(&mut self) {
        if !self.connection.is_active() {
            self.attempt += 1;
            self.connection = match self.choice {
                UpstreamChoice::First | UpstreamChoice::Named(_) => Connection::FetchingInfo,
                UpstreamChoice::Url(_) => Connection::Connecting,
            };
        }
    }

    /// Reconnects to another upstream, unless the user is disconnected. An empty URL is
    /// about to be entered, and is not connected to.
    fn choose_upstream(&mut self, choice: UpstreamChoice) {
        if self.choice == choice {
            return;
        }
        let empty_url = UpstreamChoice::Url(String::new());
        let wanted = self.connection != Connection::Idle || self.choice == empty_url;
        self.disconnect(Connection::Idle);
        self.choice = choice;
        if wanted && self.choice != empty_url {
            self.connect_now();
        }
    }

    fn info_loaded(&mut self, answer: Result<GatewayInfo, InfoError>, at: Moment, random: f64) {
        if self.connection != Connection::FetchingInfo {
            return;
        }
        let gateway = match answer {
            Ok(gateway) => gateway,
            Err(error) => return self.failed(ConnectionEnd::Unavailable(error), at, random),
        };
        let is_offered = gateway.upstream(&self.choice).is_some();
        self.gateway = Some(Rc::new(gateway));
        match &self.choice {
            UpstreamChoice::Named(name) if !is_offered => {
                let error = InfoError::NoUpstream(name.clone());
                self.failed(ConnectionEnd::Unavailable(error), at, random);
            }
            _ => self.connection = Connection::Connecting,
        }
    }

    fn socket_opened(&mut self, at: Moment) {
        if self.connection == Connection::Connecting {
            self.connection = Connection::Open { since: at };
        }
    }

    fn socket_closed(&mut self, mut close: Close, at: Moment, random: f64) {
        close.opened = match self.connection {
            Connection::Connecting => false,
            Connection::Open { since } => {
                if at.since(since) >= STABLE_AFTER {
                    self.failures = 0;
                }
                true
            }
            _ => return,
        };
        close.unanswered = self.console.log.pending();
        self.failed(ConnectionEnd::Closed(close), at, random);
    }

    /// Schedules a retry if the cause may pass, otherwise gives up.
    fn failed(&mut self, end: ConnectionEnd, at: Moment, random: f64) {
        let attempt = self.failures;
        self.failures += 1;
        self.disconnect(if end.may_pass() {
            Connection::Waiting {
                attempt,
                delay: backoff::delay(attempt, random),
                since: at,
                end,
            }
        } else {
            Connection::Ended(end)
        });
        self.now = at;
    }

    /// Ends the connection, its batch and its pending requests.
    fn disconnect(&mut self, connection: Connection) {
        self.connection = connection;
        self.stop_batch();
        self.stats
            .count_unanswered(self.console.log.abandon_pending());
    }

    fn message_sent(&mut self, message: Message, at: Moment) {
        self.stats.count_sent(message.payload.len(), at);
        self.console.log.sent(message, at);
        self.console.sync();
    }

    fn message_received(&mut self, message: Message, at: Moment) {
        let len = message.payload.len();
        let round_trip = self.console.log.received(message, at);
        self.stats.count_received(len, at, round_trip);
        self.console.sync();
    }

    /// Empties the open tab's log. The statistics belong to the console.
    fn clear_log(&mut self) {
        self.pane_mut().clear();
        if self.tab == PageTab::Console {
            self.stats = Stats::default();
        }
    }

    fn set_max_rows(&mut self, max_rows: usize) {
        self.settings.max_rows = max_rows;
        self.console.set_max_rows(max_rows);
        self.live_feed.pane.set_max_rows(max_rows);
    }

    /// Imports messages into the console, from where they can be sent again.
    fn import_file(&mut self, file: &str, utc_offset_ms: f64) {
        let next_id = self.console.log.ids().end;
        self.notice = Some(match import::import(file, next_id, utc_offset_ms) {
            Ok(rows) => {
                let sent = rows.iter().filter(|row| row.direction == Direction::Sent);
                let imported = Notice::Imported {
                    rows: rows.len(),
                    sent: Batch::once_each(sent.map(Row::message).collect()),
                };
                self.tab = PageTab::Console;
                self.console.append(rows);
                imported
            }
            Err(line) => Notice::InvalidImport(line),
        });
    }

    fn edit_draft(&mut self, text: String) {
        if self.draft.text != text {
            self.draft.text = text;
            self.history.stop_recall();
        }
    }

    fn recall_draft(&mut self, step: Step) {
        let recalled = match step {
            Step::Previous | Step::First => self.history.older(&self.draft),
            Step::Next | Step::Last => self.history.newer(),
        };
        if let Some(draft) = recalled {
            self.draft = draft;
        }
    }

    /// Saves the draft; replaces one of the same name.
    fn save_draft(&mut self, name: String) {
        let saved = Rc::make_mut(&mut self.saved);
        saved.retain(|it| it.name != name);
        let draft = self.draft.clone();
        saved.push(SavedDraft { name, draft });
    }

    /// Starts a batch, all or nothing: a conversation that lacks one message is another.
    fn start_batch(&mut self, batch: Batch) {
        if !self.connection.is_open() {
            return;
        }
        if let Some((place, error)) = batch.first_refused(self.send_limits()) {
            self.notice = Some(Notice::BatchRefused {
                batch,
                place,
                error,
            });
            return;
        }
        self.notice
            .take_if(|it| matches!(it, Notice::BatchRefused { .. }));
        let number = self.batch_run.as_ref().map_or(1, |run| run.number + 1);
        self.batch_run = Some(BatchRun {
            number,
            running: batch.count > 0,
            sent: 0,
            batch,
        });
    }

    fn batch_progress(&mut self, sent: u32) {
        if let Some(run) = &mut self.batch_run {
            run.sent = run.sent.saturating_add(sent).min(run.batch.count);
            run.running &= run.sent < run.batch.count;
        }
    }

    fn stop_batch(&mut self) {
        if let Some(run) = &mut self.batch_run {
            run.running = false;
        }
    }
}

#[cfg(test)]
mod tests;
