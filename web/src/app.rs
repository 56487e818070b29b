//! The root component: connects the state, the browser's effects and the components.

use std::rc::Rc;
use std::time::Duration;

use web_core::action::Action;
use web_core::connection::Connection;
use web_core::gateway_info::{SendLimits, UpstreamChoice};
use web_core::live_feed::FeedStatus;
use web_core::message::Message;
use web_core::page_tab::PageTab;
use web_core::resumable_connection::ResumableConnection;
use web_core::state::State;
use web_core::zone::OffsetOf;
use web_sys::File;
use yew::prelude::*;

use crate::browser::appearance::{self, preferred_language};
use crate::browser::batch_sender::use_batch_sender;
use crate::browser::fragment;
use crate::browser::info::{self, use_info};
use crate::browser::late_file::{self, FileRequest};
use crate::browser::late_part;
use crate::browser::live_feed::use_live_feed;
use crate::browser::reload;
use crate::browser::socket::{SocketHandle, SocketTarget, use_socket, use_socket_handle};
use crate::browser::storage::{self, use_storage};
use crate::browser::timer::{self, use_retry_timer};
use crate::browser::url;
use crate::browser::{attachment, clock, pasted_text};
use crate::components::clients::{client_list, feed_status, no_client_messages};
use crate::components::composer::Composer;
use crate::components::empty_state::empty_state;
use crate::components::filter_bar::use_filter_bar;
use crate::components::live_region::live_region;
use crate::components::locale::Locale;
use crate::components::log_panel::log_panel;
use crate::components::notice_bar::notice_bar;
use crate::components::stats_bar::stats_bar;
use crate::components::top_bar::use_top_bar;
use crate::components::wire_view::{show_message, wire_view};
use crate::store::{Store, use_store};

/// The page.
#[component]
pub fn App() -> Html {
    let store = use_store(|| {
        let mut state = State::new(UpstreamChoice::First, storage::load());
        state.offset_of = OffsetOf(clock::offset_ms);
        state.apply(Action::Tick(clock::now()));
        state.apply(fragment::link());
        reload::restore(&mut state);
        state
    });
    let socket = use_socket_handle(store.clone());
    let on_action = use_callback((), {
        let socket = socket.clone();
        move |action, ()| socket.dispatch(action)
    });
    let preferred = use_memo((), |()| preferred_language());

    let state = store.state();
    let language = state.settings.language.unwrap_or(*preferred);
    appearance::set(language, state.settings.theme);
    fragment::write(&state.choice);
    show_message(language, &state);
    use_storage(state.to_stored(), &store);
    use_retry_timer(retry(&state), on_action.clone());
    use_info(info_attempt(&state), on_action.clone());
    info::probe_again(state.probe);
    let limits = state.send_limits();
    use_socket(socket.clone(), socket_target(&state));
    if state.needs_late_part() {
        late_part::load(&store);
    }
    use_live_feed(wants_live_feed(&state), on_action.clone());
    use_batch_sender(state.batch_run.as_ref(), socket.clone(), on_action.clone());
    let of_store = use_memo((), |()| {
        listen(&store, &on_action);
        StoreCallbacks::new(&store, &socket)
    });
    late_part::draw_charts(&state);
    let on = Callbacks {
        action: on_action,
        store: of_store,
    };
    let locale = Locale {
        language,
        zone: state.zone(),
    };
    let bars = [
        use_top_bar(language, &state, &on.store.try_bytes, &on.action),
        use_filter_bar(language, state.pane(), &on.store.request, &on.action),
    ];
    view(locale, &state, limits, &on, bars)
}

/// The callbacks of the components.
struct Callbacks {
    action: Callback<Action>,
    store: Rc<StoreCallbacks>,
}

/// The callbacks that read the store when they are called, and never change.
struct StoreCallbacks {
    send: Callback<Message>,
    send_draft: Callback<(), bool>,
    file: Callback<File>,
    try_bytes: Callback<()>,
    charts: Callback<()>,
    copy: Callback<(), String>,
    request: Callback<FileRequest>,
}

impl StoreCallbacks {
    fn new(store: &Store, socket: &SocketHandle) -> Self {
        let [a, b, c, d, e] = [(); 5].map(|()| store.clone());
        let [sender, draft_sender] = [(); 2].map(|()| socket.clone());
        Self {
            send: Callback::from(move |message| {
                let at = clock::now();
                sender.dispatch(Action::SendChecked { message, at });
            }),
            send_draft: Callback::from(move |()| {
                draft_sender.dispatch(Action::SendDraft { at: clock::now() });
                draft_sender.state().draft.text.is_empty()
            }),
            file: Callback::from(move |file| attachment::attach(&e, file)),
            try_bytes: Callback::from(move |()| late_part::open_tool(&a)),
            charts: Callback::from(move |()| late_part::open_charts(&b)),
            copy: Callback::from(move |()| c.state().pane().copy()),
            request: Callback::from(move |request| late_file::handle(&d, request)),
        }
    }
}

/// Listens to events of the window, as long as the page lives.
fn listen(store: &Store, on_action: &Callback<Action>) {
    if let Some(window) = web_sys::window() {
        storage::listen(&window, store);
        reload::listen(&window, store);
        fragment::listen(&window, store, on_action);
        pasted_text::listen(&window, on_action);
        timer::start(&window, on_action);
        store.draw_before_events(&window);
    }
}

/// The page, with its top bar and the log's tools.
fn view(
    locale: Locale,
    state: &State,
    limits: Rc<SendLimits>,
    on: &Callbacks,
    [top_bar, filter_bar]: [Html; 2],
) -> Html {
    let t = locale.language;
    let (on_action, on_send) = (&on.action, &on.store.send);
    let is_console = state.tab == PageTab::Console;
    let empty_log = || match is_console {
        true => {
            let url = state.socket_url().filter(|url| !url.is_empty());
            let url = url.and_then(|url| url::websocket_url(url).ok());
            empty_state(t, state, url, on_send, on_action, &on.store.request)
        }
        false => no_client_messages(t),
    };
    html! {
        <>
            { top_bar }
            { if is_console { stats_bar(t, state, &on.store.charts) } else { feed_status(t, state, on_action) } }
            <main tabindex="-1" onkeydown={deselect_on_escape(on_action)}>
                <section class="messages" tabindex="-1">
                    { filter_bar }
                    if !is_console {
                        { client_list(t, state, on_action) }
                    }
                    { log_panel(locale, state, on_action, &on.store.copy, &on.store.request, empty_log) }
                </section>
                { wire_view(t, state, on_send, on_action, &on.store.request) }
            </main>
            { notice_bar(t, state, on_action) }
            if is_console {
            <Composer
                language={t}
                draft={state.draft.clone()}
                {limits}
                on_request={&on.store.request}
                batch_run={state.batch_run.clone()}
                open={state.can_send()}
                on_send={&on.store.send_draft}
                attachments={state.attachments.clone()}
                on_file={&on.store.file}
                {on_action}
            />
            }
            { live_region(t, state) }
        </>
    }
}

/// Returns true while the live feed is open. A refused feed is not retried automatically.
fn wants_live_feed(state: &State) -> bool {
    state.tab == PageTab::LiveFeed && state.live_feed.status != FeedStatus::Refused
}

/// The attempt that needs `api/info`.
fn info_attempt(state: &State) -> Option<u32> {
    (state.connection == Connection::FetchingInfo).then_some(state.attempt)
}

/// The attempt to retry, and the backoff.
fn retry(state: &State) -> Option<(u32, Duration)> {
    match state.connection {
        Connection::Waiting { delay, .. } => Some((state.attempt, delay)),
        _ => None,
    }
}

/// The socket to keep. It stays the same from connecting to open, so the effect keeps it.
fn socket_target(state: &State) -> Option<SocketTarget> {
    match state.connection {
        Connection::Connecting if state.awaits_late_part() => None,
        Connection::Connecting | Connection::Open { .. } => {
            let resumable = state.resumable.as_ref();
            let query = resumable.map_or("", ResumableConnection::query);
            Some(SocketTarget {
                attempt: state.attempt,
                url: format!("{}{query}", state.socket_url()?),
                is_resumable: resumable.is_some(),
            })
        }
        Connection::Idle
        | Connection::FetchingInfo
        | Connection::Waiting { .. }
        | Connection::Ended(_) => None,
    }
}

fn deselect_on_escape(on_action: &Callback<Action>) -> Callback<KeyboardEvent> {
    let on_action = on_action.clone();
    Callback::from(move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            on_action.emit(Action::SelectRow(None));
        }
    })
}
