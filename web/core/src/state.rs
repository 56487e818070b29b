//! The state of the page. The reducer changes it.

use std::rc::Rc;
use std::time::Duration;

use crate::attachment::Attachment;
use crate::batch::BatchRun;
use crate::connection::{Connection, ConnectionEnd};
use crate::draft::{Draft, History, SavedDraft};
use crate::frame_view::Explainer;
use crate::framing::Framing;
use crate::gateway_info::{GatewayInfo, SendLimits, Upstream, UpstreamChoice};
use crate::live_feed::LiveFeed;
use crate::message::Message;
use crate::message_log::Row;
use crate::message_pane::MessagePane;
use crate::notice::Notice;
use crate::packed;
use crate::page_tab::PageTab;
use crate::resumable_connection::ResumableConnection;
use crate::row_framings::RowFramings;
use crate::settings::Settings;
use crate::shown_message;
use crate::stats::Stats;
use crate::stored_state::StoredState;
use crate::stream_reader::{Reading, StreamReader};
use crate::time::Moment;
use crate::wire_view_tab::WireViewTab;
use crate::zone::{OffsetOf, Zone};

/// The length of the parts in which packed rows are handed on, in bytes, unless a message is
/// longer.
const MAX_PART: usize = 1 << 20;

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
    /// The files in the composer.
    pub attachments: Vec<Rc<Attachment>>,
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
    /// The browser's time zone.
    pub offset_of: OffsetOf,
    /// The late part's explainer of frames, once it is loaded.
    pub explainer: Option<Explainer>,
    /// The late part's reader of raw upstreams, once it is loaded.
    pub reader: Option<StreamReader>,
    /// True if the late part could not be loaded, until the user retries.
    late_part_failed: bool,
    /// True if the user wants it to be loaded again.
    late_part_retried: bool,
    /// The framings by which raw upstreams are read.
    readings: Rc<Vec<Reading>>,
    /// The session that outlives its connections, if the gateway keeps sessions.
    pub resumable: Option<ResumableConnection>,
    /// Messages to hand to the WebSocket.
    pub outgoing: Vec<Message>,
    /// Failed attempts since the last stable connection.
    failures: u32,
    /// The cause of the last failure, while the page retries: it stays in sight, so that the page
    /// does not move with each attempt.
    pub last_end: Option<ConnectionEnd>,
    /// The time of the last sign of life, or of the attempt's beginning.
    heard_at: Moment,
    /// The number of probes so far: the latest is to be made.
    pub probe: u32,
    /// Framings of the upstream, shared by the rows of its messages.
    framings: RowFramings,
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
            attachments: Vec::new(),
            history: History::new(stored.history),
            saved: stored.saved,
            batch_run: None,
            settings: stored.settings,
            notice: None,
            now: Moment::default(),
            offset_of: OffsetOf::default(),
            explainer: None,
            reader: None,
            late_part_failed: false,
            late_part_retried: false,
            readings: stored.readings,
            resumable: None,
            outgoing: Vec::new(),
            failures: 0,
            last_end: None,
            heard_at: Moment::default(),
            probe: 0,
            framings: RowFramings::default(),
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

    /// Returns true if a message can be sent, or kept until the session is resumed.
    pub fn can_send(&self) -> bool {
        match &self.resumable {
            Some(resumable) => resumable.has_room(),
            None => self.connection.is_open(),
        }
    }

    /// Returns the time that is left to resume the session; `None` if it is connected.
    pub fn time_left(&self) -> Option<Duration> {
        self.resumable.as_ref()?.time_left(self.now)
    }

    /// Returns the framing of the next message to the upstream, if it is known.
    pub fn framing(&self) -> Option<Framing> {
        self.send_limits().framing.clone()
    }

    /// Returns the limits for messages to the upstream.
    #[inline(never)]
    pub fn send_limits(&self) -> Rc<SendLimits> {
        let mut limits = SendLimits {
            explainer: self.explainer.clone(),
            ..SendLimits::default()
        };
        if let Some(upstream) = self.upstream() {
            let framings = &upstream.framings;
            let first = framings.first_sent.as_ref();
            let first = first.filter(|_| self.framings.sent() == 0);
            limits.framing = Some(first.unwrap_or(&framings.framing).clone());
            limits.following = Some(framings.framing.clone());
            limits.max_len = Some(upstream.max_frame);
        }
        if let Some(framing) = self.framings.read_by() {
            limits.framing = Some(framing.clone());
            limits.following = Some(framing.clone());
            limits.is_reading = true;
        }
        limits.into()
    }

    /// Returns true if the late part could not be loaded, until the user retries.
    pub fn late_part_failed(&self) -> bool {
        self.late_part_failed
    }

    /// Returns true if the page needs its late part, and can load it: a message is shown, a
    /// framing in use is not built in, a raw upstream is read, or its style is needed.
    pub fn needs_late_part(&self) -> bool {
        if self.late_part_failed {
            return false;
        }
        let is_late = |framing: &Framing| framing.built_in().is_none();
        let upstream = self.upstream().map(|it| &it.framings);
        let is_missing = self.explainer.is_none()
            && (self.pane().shown().is_some()
                || upstream.is_some_and(|it| {
                    is_late(&it.framing) || it.first_sent.as_ref().is_some_and(is_late)
                })
                || self.reading().is_some()
                || self.draft.is_late()
                || !self.attachments.is_empty()
                || self.tab == PageTab::LiveFeed
                || self.late_part_retried);
        is_missing || self.pane().view.filter().is_waiting()
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

    /// Returns the number of requests without a reply, pending ones included.
    pub fn unanswered(&self) -> u64 {
        self.stats.unanswered() + self.console.log.pending()
    }

    /// Packs the open tab's messages, all or those that pass the filter, and hands them on in
    /// parts.
    pub fn pack_rows(&self, filtered: bool, on_part: impl Fn(&[u8])) {
        let MessagePane { log, view, .. } = self.pane();
        let mut packed = Vec::new();
        for row in log.rows() {
            if !filtered || view.filter().passes(row) {
                packed::pack(row, &mut packed);
            }
            if packed.len() > MAX_PART {
                on_part(&packed);
                packed.clear();
            }
        }
        on_part(&packed);
    }

    /// Returns the facts of a message for the late part, as a line of
    /// [`ShownMessage`](crate::shown_message::ShownMessage).
    #[inline(never)]
    pub fn facts(&self, row: &Row) -> String {
        let framing = row.framing.as_ref().map_or("", Framing::notation);
        let instant = self.zone().instant(row.at);
        let is_selected = self.pane().selected.is_some();
        shown_message::to_line(row, is_selected, &instant, framing, self.upstream_name())
    }

    /// Returns the name of the chosen upstream, or its URL.
    pub fn upstream_name(&self) -> &str {
        match (self.upstream(), &self.choice) {
            (Some(upstream), _) => &upstream.name,
            (None, UpstreamChoice::Named(name) | UpstreamChoice::Url(name)) => name,
            (None, UpstreamChoice::First) => "",
        }
    }

    /// Returns the time zone of shown times.
    pub fn zone(&self) -> Zone {
        Zone::new(self.offset_of, self.settings.is_utc, self.now)
    }

    /// Returns the part of the state that the browser stores for the next visit.
    pub fn to_stored(&self) -> StoredState {
        StoredState {
            settings: self.settings,
            history: self.history.drafts().clone(),
            saved: self.saved.clone(),
            readings: self.readings.clone(),
        }
    }
}

mod composing;
mod import;
mod reading;
mod reducer;
mod reload;
mod session;

#[cfg(test)]
mod tests;
