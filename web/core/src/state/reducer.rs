//! The reducer: `Action -> State`.
//!
//! Times and random numbers come with the actions.

use std::rc::Rc;
use std::time::Duration;

use super::State;
use crate::action::Action;
use crate::backoff;
use crate::connection::{Close, Connection, ConnectionEnd, STABLE_AFTER};
use crate::draft::History;
use crate::frame_view::Explainer;
use crate::gateway_info::{GatewayInfo, InfoError, UpstreamChoice};
use crate::message_pane::MessagePane;
use crate::notice::Notice;
use crate::page_tab::PageTab;
use crate::resumable_connection::{ResumableConnection, SessionEvent, close_code};
use crate::row_framings::RowFramings;
use crate::stats::Stats;
use crate::stored_state::StoredState;
use crate::stream_reader::StreamReader;
use crate::time::Moment;

impl State {
    /// Applies an action: the reducer.
    pub fn apply(&mut self, action: Action) {
        // Those of the open tab.
        let MessagePane { log, view, .. } = self.pane_mut();
        match action {
            Action::Connect => self.connect_now(),
            Action::Disconnect => self.leave(),
            Action::ChooseUpstream(choice) => self.choose_upstream(choice),
            Action::FollowLink { choice, foreign } => self.follow_link(choice, foreign),
            Action::InfoLoaded { answer, at, random } => self.info_loaded(answer, at, random),
            Action::SocketOpened { at } => self.socket_opened(at),
            Action::SocketClosed { close, at, random } => self.socket_closed(close, at, random),
            Action::RetryDue => self.retry(),
            Action::SendDraft { at } => self.send_draft(at),
            Action::SendChecked { message, at } => drop(self.send_checked(message, at)),
            Action::SendMessage { message, at } => self.send_message(message, at),
            Action::SocketMissing => self.disconnect(Connection::Ended(ConnectionEnd::NoWorker)),
            Action::MessageSent { at } => self.console.log.stamp(at),
            Action::MessagesDropped { count, at } => self.messages_dropped(count, at),
            Action::MessageReceived { message, at } => self.message_received(message, at),
            Action::SelectRow(id) => self.pane_mut().press(id),
            Action::SetChoosing(is_choosing) => self.pane_mut().is_choosing = is_choosing,
            Action::ToggleRow(id) => self.pane_mut().toggle(id),
            Action::ExtendSelection(id) => self.pane_mut().extend(id),
            Action::MoveSelection(step) => self.pane_mut().move_selection(step, false),
            Action::ExtendSelectionBy(step) => self.pane_mut().move_selection(step, true),
            Action::ChooseAll => self.pane_mut().choose_all(),
            Action::HoldMessage(id) => self.pane_mut().held = id,
            Action::SelectWireViewTab(tab) => self.wire_view_tab = tab,
            Action::ClearLog => self.clear_log(),
            Action::SetFilter(filter) => view.update_filter(log, |it| *it = filter),
            Action::SetSearch { text, matcher } => {
                view.update_filter(log, |it| (it.text, it.matcher) = (text, matcher));
            }
            Action::SetDirectionFilter(it) => view.update_filter(log, |f| f.direction = it),
            Action::SetKindFilter(it) => view.update_filter(log, |f| f.kind = it),
            Action::SetClientFilter(it) => view.update_filter(log, |f| f.client = it),
            Action::SetPaused(paused) => view.set_paused(paused, log),
            Action::Scrolled { viewport, at_end } => view.set_viewport(viewport, at_end, log),
            Action::LeaveEnd => view.follow_end(false, log),
            Action::ScrollToEnd => view.follow_end(true, log),
            Action::SelectPageTab(tab) => self.tab = tab,
            Action::FeedStatus(status) => self.live_feed.set_status(status),
            Action::FeedEvent { line } => self.live_feed.apply_event(&line),
            Action::EditDraft(text) => self.edit_draft(text),
            Action::SetInputFormat(format) => self.set_input_format(format),
            Action::PastedBreaks(format) => self.note_pasted_breaks(format),
            Action::Attach(attachment) => self.attachments.push(attachment),
            Action::Detach(it) => self.attachments.retain(|other| !Rc::ptr_eq(other, &it)),
            Action::RecallDraft(step) => self.recall_draft(step),
            Action::SaveDraft(name) => self.save_draft(name),
            Action::LoadDraft(draft) => self.draft = draft,
            Action::LoadSaved(name) => self.load_saved(&name),
            Action::DeleteSaved(name) => Rc::make_mut(&mut self.saved).retain(|it| it.name != name),
            Action::ForgetHistory => self.history = History::default(),
            Action::StoredChanged(stored) => self.take_stored(stored),
            Action::StartBatch(batch) => self.start_batch(batch),
            Action::BatchProgress(sent) => self.batch_progress(sent),
            Action::StopBatch => self.stop_batch(),
            Action::RowsImported(packed) => self.rows_imported(&packed),
            Action::ShowNotice(notice) => self.notice = notice,
            Action::SetLanguage(language) => self.settings.language = Some(language),
            Action::SetTheme(theme) => self.settings.theme = theme,
            Action::SetUtc(is_utc) => self.settings.is_utc = is_utc,
            Action::SetMaxRows(max_rows) => self.set_max_rows(max_rows),
            Action::LatePartLoaded { explainer, reader } => {
                self.late_part_loaded(explainer, reader);
            }
            Action::LatePartFailed => self.late_part_missing(),
            Action::RetryLatePart => self.retry_late_part(),
            Action::ReadAs(framing) => self.read_as(framing),
            Action::Tick(now) => self.tick(now),
        }
    }

    /// Connects at once, and resets the backoff.
    pub(super) fn connect_now(&mut self) {
        self.failures = 0;
        self.last_end = None;
        self.connect();
    }

    fn retry(&mut self) {
        if let Connection::Waiting { .. } = self.connection {
            self.connect();
        }
    }

    /// Starts an attempt, unless there is a connection. A URL that the user entered needs no
    /// `api/info`, nor does a session that goes on.
    pub(super) fn connect(&mut self) {
        if !self.connection.is_active() {
            self.heard_at = self.now;
            self.notice
                .take_if(|it| matches!(it, Notice::ForeignLink(_)));
            self.attempt += 1;
            self.connection = match (&mut self.resumable, &self.choice) {
                (Some(resumable), _) => {
                    resumable.reconnect();
                    Connection::Connecting
                }
                (None, UpstreamChoice::Url(_)) => Connection::Connecting,
                (None, _) => Connection::FetchingInfo,
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
        self.leave();
        self.choice = choice;
        if wanted && self.choice != empty_url {
            self.connect_now();
        }
    }

    /// Chooses the upstream of a link, and asks first if it is on another host: a link that
    /// somebody sent must not make the page talk to anybody.
    fn follow_link(&mut self, choice: UpstreamChoice, foreign: Option<String>) {
        if self.choice == choice {
            return;
        }
        self.choose_upstream(choice);
        if let Some(url) = foreign {
            self.notice = Some(Notice::ForeignLink(url));
            self.disconnect(Connection::Idle);
        }
    }

    /// Closes the connection for the user, and logs that.
    fn leave(&mut self) {
        self.notice
            .take_if(|it| matches!(it, Notice::ForeignLink(_)));
        if self.connection.is_open() || self.time_left().is_some() {
            self.read_stream(&[], self.now);
            self.log_event(Some(SessionEvent::Disconnected), self.now);
        }
        self.last_end = None;
        self.disconnect(Connection::Idle);
    }

    /// Goes on to the socket, with the gateway's description of itself.
    fn info_loaded(&mut self, answer: Result<GatewayInfo, InfoError>, at: Moment, random: f64) {
        if self.connection != Connection::FetchingInfo {
            return;
        }
        let gateway = match answer {
            Ok(gateway) => gateway,
            Err(error) => return self.failed(ConnectionEnd::Unavailable(error), false, at, random),
        };
        let is_offered = gateway.upstream(&self.choice).is_some();
        self.resumable = gateway.resume.then(ResumableConnection::default);
        self.gateway = Some(Rc::new(gateway));
        match &self.choice {
            UpstreamChoice::Named(name) if !is_offered => {
                let error = InfoError::NoUpstream(name.clone());
                self.failed(ConnectionEnd::Unavailable(error), false, at, random);
            }
            _ => self.connection = Connection::Connecting,
        }
    }

    /// A resumable connection is open once the gateway has spoken.
    fn socket_opened(&mut self, at: Moment) {
        if self.connection == Connection::Connecting && self.resumable.is_none() {
            self.session_opened(at);
        }
    }

    pub(super) fn socket_closed(&mut self, mut close: Close, at: Moment, random: f64) {
        close.opened = match self.connection {
            Connection::Connecting if close.code == close_code::UNKNOWN_SESSION => {
                return self.session_lost(at);
            }
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
        let is_kept = match &mut self.resumable {
            Some(resumable) => resumable.lose(close.code, at),
            None => false,
        };
        if close.opened {
            if !is_kept {
                self.read_stream(&[], at);
            }
            let detached = self.resumable.as_ref().filter(|_| is_kept);
            let event = match detached.map(ResumableConnection::detached) {
                Some(detached) => detached,
                None => SessionEvent::Closed(close.code, close.reason.as_str().into()),
            };
            self.log_event(Some(event), at);
        }
        self.failed(ConnectionEnd::Closed(close), is_kept, at, random);
    }

    /// Schedules a retry if the cause may pass, otherwise gives up. A session that is kept is
    /// first resumed at once.
    pub(super) fn failed(&mut self, end: ConnectionEnd, is_kept: bool, at: Moment, random: f64) {
        self.now = at;
        let attempt = self.failures;
        self.failures += 1;
        self.last_end = Some(end.clone());
        let connection = if end.may_pass() {
            Connection::Waiting {
                attempt,
                delay: match (is_kept, attempt) {
                    (true, 0) => Duration::ZERO,
                    _ => backoff::delay(attempt, random),
                },
                since: at,
                end,
            }
        } else {
            Connection::Ended(end)
        };
        if is_kept {
            self.connection = connection;
        } else {
            self.disconnect(connection);
        }
    }

    /// Ends the connection, its batch and its pending requests.
    pub(super) fn disconnect(&mut self, connection: Connection) {
        self.read_stream(&[], self.now);
        self.connection = connection;
        self.resumable = None;
        self.framings = RowFramings::default();
        self.stop_batch();
        self.stats
            .count_unanswered(self.console.log.abandon_pending());
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

    /// Takes over what is stored. The place in the history stays, unless it was changed.
    fn take_stored(&mut self, stored: StoredState) {
        if *self.history.drafts() != stored.history {
            self.history = History::new(stored.history);
        }
        self.saved = stored.saved;
        self.readings = stored.readings;
        self.settings = stored.settings;
        self.set_max_rows(stored.settings.max_rows);
    }

    fn late_part_loaded(&mut self, explainer: Explainer, reader: StreamReader) {
        self.explainer = Some(explainer);
        self.reader = Some(reader);
        self.late_part_failed = false;
        self.begin_reading();
    }

    fn late_part_missing(&mut self) {
        self.late_part_failed = true;
        self.notice = Some(Notice::LatePartFailed);
    }

    fn retry_late_part(&mut self) {
        self.late_part_failed = false;
        self.late_part_retried = true;
        self.notice = None;
    }
}
