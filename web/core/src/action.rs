//! The actions that the reducer understands.

use std::rc::Rc;

use crate::attachment::Attachment;
use crate::batch::Batch;
use crate::connection::Close;
use crate::draft::{Draft, InputFormat};
use crate::filter::{Filter, Matcher};
use crate::frame_view::Explainer;
use crate::framing::Framing;
use crate::gateway_info::{GatewayInfo, InfoError, UpstreamChoice};
use crate::language::Language;
use crate::live_feed::FeedStatus;
use crate::log_view::Viewport;
use crate::message::{Direction, Kind, Message};
use crate::message_log::RowId;
use crate::notice::Notice;
use crate::page_tab::PageTab;
use crate::settings::Theme;
use crate::step::Step;
use crate::stored_state::StoredState;
use crate::stream_reader::StreamReader;
use crate::time::Moment;
use crate::wire_view_tab::WireViewTab;

/// An event or a user's command: the reducer's only input.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Connect now, without waiting for a retry.
    Connect,
    /// Close the connection, and don't retry.
    Disconnect,
    /// Connect to another upstream.
    ChooseUpstream(UpstreamChoice),
    /// Follow the link of the page's URL. One that leads to another host is not connected to
    /// until the user agrees.
    FollowLink {
        /// The upstream in the link.
        choice: UpstreamChoice,
        /// The URL to ask about, if it is on another host than the page.
        foreign: Option<String>,
    },
    /// `api/info` was answered, or could not be loaded.
    InfoLoaded {
        /// The gateway's answer.
        answer: Result<GatewayInfo, InfoError>,
        /// The time of the answer.
        at: Moment,
        /// A random number from 0 to 1, for the backoff.
        random: f64,
    },
    /// The WebSocket opened.
    SocketOpened {
        /// The time of the event.
        at: Moment,
    },
    /// The WebSocket closed.
    SocketClosed {
        /// Close code and reason.
        close: Close,
        /// The time of the event.
        at: Moment,
        /// A random number from 0 to 1, for the backoff.
        random: f64,
    },
    /// The backoff is over, the browser is back online, or the page is in sight again.
    RetryDue,
    /// No worker could be started for the WebSocket.
    SocketMissing,
    /// Send the draft and the files of the composer, as far as the gateway accepts them.
    SendDraft {
        /// The time of the command.
        at: Moment,
    },
    /// Send a message, unless the gateway would refuse it or the connection takes none.
    SendChecked {
        /// The message.
        message: Message,
        /// The time of the command.
        at: Moment,
    },
    /// Send a message that the gateway accepts, or keep it until the session is resumed.
    SendMessage {
        /// The message.
        message: Message,
        /// The time of the command.
        at: Moment,
    },
    /// The next message of the connection was handed to the WebSocket.
    MessageSent {
        /// The time just before.
        at: Moment,
    },
    /// The WebSocket delivered a message: of the service, or of `framegate.1`.
    MessageReceived {
        /// The message.
        message: Message,
        /// The time of the event.
        at: Moment,
    },
    /// Messages of the service came faster than the page took them, and were not kept.
    MessagesDropped {
        /// The number of messages.
        count: u64,
        /// The time of the latest.
        at: Moment,
    },
    /// Select a row of the log, or none: the wire view then shows the latest.
    SelectRow(Option<RowId>),
    /// Choose each row that is selected from now on, too, or no longer.
    SetChoosing(bool),
    /// Add a row to the chosen ones, or remove it.
    ToggleRow(RowId),
    /// Choose all rows from the selected one to this one.
    ExtendSelection(RowId),
    /// Move the selection.
    MoveSelection(Step),
    /// Move the selection, and choose the rows on the way.
    ExtendSelectionBy(Step),
    /// Choose all listed messages.
    ChooseAll,
    /// Keep a message in the wire view, though others come, or none.
    HoldMessage(Option<RowId>),
    /// Open a tab of the wire view.
    SelectWireViewTab(WireViewTab),
    /// Empty the log.
    ClearLog,
    /// Replace the whole filter.
    SetFilter(Filter),
    /// Replace the filter's text, and leave the rest of it.
    SetSearch {
        /// The text of the filter box.
        text: String,
        /// Its meaning; see [`Filter::matcher`].
        matcher: Option<Result<Matcher, String>>,
    },
    /// List one direction, or both.
    SetDirectionFilter(Option<Direction>),
    /// List one kind of messages, or both.
    SetKindFilter(Option<Kind>),
    /// List the messages of one client, or of all.
    SetClientFilter(Option<u64>),
    /// Pause or resume the log.
    SetPaused(bool),
    /// The list was scrolled or resized.
    Scrolled {
        /// The new viewport.
        viewport: Viewport,
        /// True if the user scrolled to the list's end, false if away from it; `None` if the
        /// user did not scroll.
        at_end: Option<bool>,
    },
    /// Stop following the end of the list.
    LeaveEnd,
    /// Scroll to the end of the list, and follow it.
    ScrollToEnd,
    /// Replace the draft's text.
    EditDraft(String),
    /// Choose the draft's input format.
    SetInputFormat(InputFormat),
    /// Add a file to the composer.
    Attach(Rc<Attachment>),
    /// Remove a file from the composer.
    Detach(Rc<Attachment>),
    /// A text was pasted whose line breaks are those of this format.
    PastedBreaks(InputFormat),
    /// Recall another draft from the history.
    RecallDraft(Step),
    /// Save the draft under a name.
    SaveDraft(String),
    /// Load a draft into the composer.
    LoadDraft(Draft),
    /// Load the saved draft of that name into the composer.
    LoadSaved(String),
    /// Delete the saved draft of that name.
    DeleteSaved(String),
    /// Forget the sent drafts.
    ForgetHistory,
    /// Another tab changed what the browser stores.
    StoredChanged(StoredState),
    /// Start sending a batch.
    StartBatch(Batch),
    /// So many more messages of the batch were sent.
    BatchProgress(u32),
    /// Stop the batch that is being sent.
    StopBatch,
    /// Messages were read from a file: packed rows.
    RowsImported(Vec<u8>),
    /// Open a tab of the page.
    SelectPageTab(PageTab),
    /// The live feed's connection changed.
    FeedStatus(FeedStatus),
    /// The live feed delivered an event.
    FeedEvent {
        /// One JSON record, as in a recording.
        line: String,
    },
    /// Show a notice, or dismiss it.
    ShowNotice(Option<Notice>),
    /// Choose the page's language.
    SetLanguage(Language),
    /// Choose the theme.
    SetTheme(Theme),
    /// Show times in UTC, or in the browser's time zone.
    SetUtc(bool),
    /// Choose how many messages a log keeps.
    SetMaxRows(usize),
    /// The late part of the page was loaded.
    LatePartLoaded {
        /// Its explainer of frames.
        explainer: Explainer,
        /// Its reader of raw upstreams.
        reader: StreamReader,
    },
    /// The late part could not be loaded.
    LatePartFailed,
    /// Load the late part again.
    RetryLatePart,
    /// Read the raw upstream by a framing; by `raw`, as it comes.
    ReadAs(Framing),
    /// The clock ticked.
    Tick(Moment),
}
