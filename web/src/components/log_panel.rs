//! The log on the screen: its rows, or an explanation of why there are none.

use web_core::action::Action;
use web_core::filter::Filter;
use web_core::language::Language;
use web_core::message_pane::MessagePane;
use web_core::state::State;
use yew::prelude::*;

use super::virtual_list::{VirtualList, VirtualListProps};

/// The open tab's log; `empty_log` is its content while there are no messages.
pub fn log_panel(
    t: Language,
    state: &State,
    on_action: &Callback<Action>,
    empty_log: impl FnOnce() -> Html,
) -> Html {
    let MessagePane { log, view, .. } = state.pane();
    let listed = view.len(log);
    let content = match (log.rows().len(), listed) {
        (0, _) => empty_log(),
        (_, 0) => no_rows(t, state, on_action),
        _ => html! { <VirtualList ..VirtualListProps::new(state, on_action) /> },
    };
    let to_end = on_action.reform(|_| Action::ScrollToEnd);
    html! {
        <>
            { note(t, state.pane(), listed) }
            <div class="log" role="log" aria-live="off" aria-label={t.messages()}>
                { content }
                if !view.follows_end() && listed > 0 {
                    <button type="button" class="latest" onclick={to_end}>
                        { t.latest(view.unread(log)) }
                    </button>
                }
            </div>
        </>
    }
}

/// The numbers of filtered and evicted messages.
fn note(t: Language, MessagePane { log, view, .. }: &MessagePane, listed: usize) -> Html {
    let is_filtered = !view.filter().passes_all();
    let has_evicted = log.evicted() > 0;
    html! {
        if is_filtered || has_evicted {
            <p class="log-note muted">
                if is_filtered {
                    <span>{ t.filtered(listed, log.rows().len()) }</span>
                }
                if has_evicted {
                    <span>{ t.evicted_note(log) }</span>
                }
            </p>
        }
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
