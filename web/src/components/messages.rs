//! The log: the messages that pass the filter, or what stands in their place.

use web_core::action::Action;
use web_core::book::Book;
use web_core::filter::Filter;
use web_core::state::State;
use web_core::text::Language;
use yew::prelude::*;

use super::list::{List, ListProps};

/// The log, and what it does not show; `beginning` stands in it while it is empty.
pub fn messages(
    t: Language,
    state: &State,
    on_action: &Callback<Action>,
    beginning: impl FnOnce() -> Html,
) -> Html {
    let Book { log, listing, .. } = state.book();
    let listed = listing.len(log);
    let content = match (log.rows().len(), listed) {
        (0, _) => beginning(),
        (_, 0) => nothing(t, state, on_action),
        _ => html! { <List ..ListProps::new(state, on_action) /> },
    };
    let to_end = on_action.reform(|_| Action::ToEnd);
    html! {
        <>
            { note(t, state.book(), listed) }
            <div class="log" role="log" aria-live="off" aria-label={t.messages()}>
                { content }
                if !listing.is_at_end() && listed > 0 {
                    <button type="button" class="latest" onclick={to_end}>
                        { t.latest(listing.new_below(log)) }
                    </button>
                }
            </div>
        </>
    }
}

fn note(t: Language, Book { log, listing, .. }: &Book, listed: usize) -> Html {
    let filtered = !listing.current_filter().is_open();
    let let_go = log.let_go() > 0;
    html! {
        if filtered || let_go {
            <p class="log-note quiet">
                if filtered {
                    <span>{ t.filtered(listed, log.rows().len()) }</span>
                }
                if let_go {
                    <span>{ t.let_go(log) }</span>
                }
            </p>
        }
    }
}

/// A pause can show nothing, too: all that it showed has been let go.
fn nothing(t: Language, state: &State, on_action: &Callback<Action>) -> Html {
    let show_all = on_action.reform(|_| Action::Filter(Filter::default()));
    html! {
        <div class="nothing">
            if !state.book().listing.current_filter().is_open() {
                <p>{ t.nothing_matches() }</p>
                <button type="button" onclick={show_all}>{ t.show_all() }</button>
            }
        </div>
    }
}
