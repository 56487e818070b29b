//! Wires the state, the browser and the components.

use std::time::Duration;

use web_core::action::Action;
use web_core::book::Book;
use web_core::connection::Connection;
use web_core::draft::Message;
use web_core::export::FileKind;
use web_core::gateway::Bounds;
use web_core::log::Direction;
use web_core::monitor::{Life, Tab};
use web_core::notice::Notice;
use web_core::state::State;
use web_core::text::Language;
use web_sys::File;
use yew::prelude::*;

use crate::browser::appearance::{preferred_language, use_appearance};
use crate::browser::clock;
use crate::browser::file::{self, use_file_sender, use_importer};
use crate::browser::fragment::{self, use_fragment};
use crate::browser::info::use_info;
use crate::browser::monitor::use_monitor;
use crate::browser::repeater::use_repeater;
use crate::browser::socket::{Link, Target, use_socket};
use crate::browser::storage::{self, use_kept};
use crate::browser::timer::{use_ticks, use_wait};
use crate::browser::url;
use crate::components::announcer::Announcer;
use crate::components::beginning::beginning;
use crate::components::clients::{clients, nothing_yet, pages, watching};
use crate::components::composer::Composer;
use crate::components::filter_bar::FilterBar;
use crate::components::messages::messages;
use crate::components::notice::notice_line;
use crate::components::stats::stats;
use crate::components::top_bar::TopBar;
use crate::components::wire_view::wire_view;
use crate::store::use_store;

/// The page.
#[component]
pub fn App() -> Html {
    let store = use_store(|| State::new(fragment::choice(), storage::load()));
    let on_action = use_callback(store.clone(), |action, store| store.dispatch(action));
    let preferred = use_memo((), |()| preferred_language());

    let state = store.state();
    let language = state.settings.language.unwrap_or(*preferred);
    use_appearance(language, state.settings.theme);
    use_fragment(state.choice.clone(), on_action.clone());
    use_kept(state.kept());
    use_ticks(on_action.clone());
    use_wait(wait(&state), on_action.clone());
    use_info(attempt_to_ask(&state), on_action.clone());
    let link = use_socket(socket_target(&state), on_action.clone());
    use_monitor(watches(&state), on_action.clone());
    use_repeater(state.repeat.as_ref(), link.clone(), on_action.clone());
    let on_send = use_callback(
        (state.bounds(), on_action.clone()),
        move |message, (bounds, on_action)| send(&link, *bounds, &message, on_action),
    );
    let on_file = use_file_sender(state.bounds(), &on_send, &on_action);
    let on_import = use_importer(&on_action);
    let on_export = use_callback(store.clone(), |(kind, filtered), store| {
        export(&store.state(), kind, filtered);
    });
    let on = On {
        action: on_action,
        send: on_send,
        file: on_file,
        import: on_import,
        export: on_export,
    };
    html! {
        <ContextProvider<Language> context={language}>
            { view(language, &state, &on) }
        </ContextProvider<Language>>
    }
}

/// What the components tell.
struct On {
    action: Callback<Action>,
    send: Callback<Message, bool>,
    file: Callback<File>,
    import: Callback<File>,
    export: Callback<(FileKind, bool)>,
}

fn view(t: Language, state: &State, on: &On) -> Html {
    let (on_action, on_send) = (&on.action, &on.send);
    let own = state.tab == Tab::Console;
    let Book { log, listing, .. } = state.book();
    let beginning = || match own {
        true => {
            let url = state.socket_url().filter(|url| !url.is_empty());
            let url = url.and_then(|url| url::websocket(url).ok());
            beginning(t, state, url, on_send, on_action)
        }
        false => nothing_yet(t),
    };
    html! {
        <>
            <TopBar
                connection={state.connection.clone()}
                gateway={state.gateway.clone()}
                choice={state.choice.clone()}
                settings={state.settings}
                now={state.now}
                pages={pages(t, state, on_action)}
                {on_action}
            />
            { if own { stats(t, state) } else { watching(t, state, on_action) } }
            <main onkeydown={deselect_on_escape(on_action)}>
                <section class="messages">
                    <FilterBar
                        filter={listing.current_filter().clone()}
                        paused={listing.is_paused().then(|| listing.held_back(log))}
                        is_empty={log.latest().is_none()}
                        on_export={&on.export}
                        on_import={&on.import}
                        {on_action}
                    />
                    if !own {
                        { clients(t, state, on_action) }
                    }
                    { messages(t, state, on_action, beginning) }
                </section>
                { wire_view(t, state, on_send, on_action) }
            </main>
            { notice_line(t, state, on_action) }
            if own {
            <Composer
                draft={state.draft.clone()}
                bounds={state.bounds()}
                saved={state.saved.clone()}
                repeat={state.repeat.clone()}
                open={state.connection.is_open()}
                {on_send}
                on_file={&on.file}
                {on_action}
            />
            }
            <Announcer
                received={state.figures.tally(Direction::Received).messages}
                latest={state.own.log.latest().cloned()}
            />
        </>
    }
}

fn export(state: &State, kind: FileKind, filtered: bool) {
    let content = state.export(kind, filtered, clock::offset_ms());
    let name = format!("framegate.{}", kind.extension());
    // Fails where the browser has no room, and then says so itself.
    let _ = file::save(&name, kind.media_type(), &content);
}

/// Sends `message` unless the gateway would refuse it, and tells why it did not.
fn send(link: &Link, bounds: Bounds, message: &Message, on_action: &Callback<Action>) -> bool {
    let notice = match bounds.check(&message.payload) {
        Err(error) => Notice::Refused(error),
        Ok(()) if link.send(message) => return true,
        Ok(()) => Notice::NotSent,
    };
    on_action.emit(Action::Notice(Some(notice)));
    false
}

/// Who was refused does not ask again by itself.
fn watches(state: &State) -> bool {
    state.tab == Tab::Monitor && state.monitor.life != Life::Refused
}

fn attempt_to_ask(state: &State) -> Option<u32> {
    (state.connection == Connection::Asking).then_some(state.attempt)
}

fn wait(state: &State) -> Option<(u32, Duration)> {
    match state.connection {
        Connection::Waiting { delay, .. } => Some((state.attempt, delay)),
        _ => None,
    }
}

/// The same while the socket opens and while it is open, so that it stays.
fn socket_target(state: &State) -> Option<Target> {
    match state.connection {
        Connection::Connecting | Connection::Open { .. } => Some(Target {
            attempt: state.attempt,
            url: state.socket_url()?.into(),
        }),
        Connection::Idle
        | Connection::Asking
        | Connection::Waiting { .. }
        | Connection::Ended(_) => None,
    }
}

fn deselect_on_escape(on_action: &Callback<Action>) -> Callback<KeyboardEvent> {
    let on_action = on_action.clone();
    Callback::from(move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            on_action.emit(Action::Select(None));
        }
    })
}
