//! The log on the screen: its rows, or an explanation of why there are none.

use web_core::action::Action;
use web_core::filter::Filter;
use web_core::language::Language;
use web_core::message_log::MessageLog;
use web_core::message_pane::MessagePane;
use web_core::resumable_connection::SessionEvent;
use web_core::state::State;
use yew::prelude::*;

use super::changing::changing;
use super::locale::Locale;
use super::virtual_list::{VirtualList, VirtualListProps};
use crate::browser::late_file::FileRequest;

/// The open tab's log; `empty_log` is its content while there are no messages.
pub fn log_panel(
    locale: Locale,
    state: &State,
    on_action: &Callback<Action>,
    on_copy: &Callback<(), String>,
    on_request: &Callback<FileRequest>,
    empty_log: impl FnOnce() -> Html,
) -> Html {
    let t = locale.language;
    let MessagePane { log, view, .. } = state.pane();
    let listed = view.len(log);
    let content = match (is_unused(log), listed) {
        (true, _) => empty_log(),
        (_, 0) => no_rows(t, state, on_action),
        _ => html! { <VirtualList ..VirtualListProps::new(locale, state, on_action, on_copy) /> },
    };
    let to_end = on_action.reform(|_| Action::ScrollToEnd);
    html! {
        <>
            { note(t, state.pane(), listed, on_request, on_action) }
            <div class="log" role="log" aria-live="off" aria-label={t.messages()}>
                { content }
                if !view.follows_end() && listed > 0 {
                    <button type="button" class="latest" onclick={to_end}>
                        { changing(t.latest(view.unread(log))) }
                    </button>
                }
            </div>
        </>
    }
}

/// Returns true if the log has no messages, and no losses of sessions, but at most connections.
fn is_unused(log: &MessageLog) -> bool {
    use SessionEvent::{Detached, Lost, Resumed};
    let mut events = log.rows().map(|row| &row.event);
    events.all(|event| {
        !matches!(
            event,
            None | Some(Detached(_) | Resumed { .. } | Lost { .. })
        )
    })
}

/// The numbers of filtered, evicted and chosen messages.
fn note(
    t: Language,
    pane: &MessagePane,
    listed: usize,
    on_request: &Callback<FileRequest>,
    on_action: &Callback<Action>,
) -> Html {
    let MessagePane {
        log, view, chosen, ..
    } = pane;
    let is_choosing = pane.is_choosing || !chosen.is_empty();
    let filtered = (!view.filter().passes_all()).then(|| t.filtered(listed, log.message_count()));
    let evicted = (log.evicted() > 0).then(|| t.evicted_note(log));
    let notes = [filtered, evicted].into_iter().flatten();
    html! {
        if notes.clone().next().is_some() || is_choosing {
            <p class="log-note muted">
                { for notes.map(|note| html! { <span>{ changing(note) }</span> }) }
                if is_choosing {
                    { self::chosen(t, pane, on_request, on_action) }
                }
            </p>
        }
    }
}

/// The number of chosen messages, and what can be done with them.
fn chosen(
    t: Language,
    pane: &MessagePane,
    on_request: &Callback<FileRequest>,
    on_action: &Callback<Action>,
) -> Html {
    let chosen = pane.chosen().len();
    let copy = on_request.reform(|_| FileRequest::Copy);
    let compare = on_request.reform(|_| FileRequest::Compare);
    let done = on_action.reform(|_| Action::SelectRow(None));
    html! {
        <>
            <span>{ changing(t.chosen(chosen)) }</span>
            if chosen > 0 {
                <button type="button" onclick={copy}>{ t.copy() }</button>
            }
            if chosen == 2 {
                <button type="button" onclick={compare}>{ t.compare() }</button>
            }
            if pane.is_choosing {
                <button type="button" onclick={done}>{ t.done() }</button>
            }
        </>
    }
}

/// The content if no row passes the filter. Without a filter, the rows of a paused view
/// were evicted.
fn no_rows(t: Language, state: &State, on_action: &Callback<Action>) -> Html {
    let show_all = on_action.reform(|_| Action::SetFilter(Filter::default()));
    html! {
        <div class="no-rows">
            if !state.pane().view.filter().passes_all() {
                <p>{ t.no_match() }</p>
                <button type="button" onclick={show_all}>{ t.show_all() }</button>
            }
        </div>
    }
}
