//! The log: all messages, oldest first, and the way through them.

use std::rc::Rc;

use web_sys::{Element, ScrollIntoViewOptions, ScrollLogicalPosition};
use yew::prelude::*;

use crate::components::row::{MessageRow, element_id};
use crate::log::{Id, Log, Row};
use crate::state::{Action, Step};
use crate::text;

/// How far from its end, in CSS pixels, a log still counts as scrolled to the end.
const END_TOLERANCE: i32 = 8;

/// What [`Messages`] need.
#[derive(Debug, PartialEq, Properties)]
pub struct MessagesProps {
    /// The messages.
    pub log: Rc<Log>,
    /// The one that the person chose.
    pub selected: Option<Id>,
    /// Told what the person wants.
    pub on_action: Callback<Action>,
    /// What stands in the log while it is empty.
    pub children: Html,
}

/// The log with its buttons. It follows its end, unless the person scrolled away.
#[component]
pub fn Messages(props: &MessagesProps) -> Html {
    let list = use_node_ref();
    let at_end = use_state_eq(|| true);
    let onscroll = {
        let (list, at_end) = (list.clone(), at_end.clone());
        Callback::from(move |_| at_end.set(is_at_end(&list)))
    };
    use_following(&list, &at_end, props.log.latest().map(|row| row.id));
    use_selection_in_view(props.selected);
    let is_empty = props.log.latest().is_none();
    let on_latest = (!*at_end && !is_empty).then(|| scroll_to_end(&list));
    html! {
        <section class="messages">
            { tools(&props.log, on_latest, &props.on_action) }
            <div class="log" role="log" aria-label={text::MESSAGES}>
                if is_empty {
                    { props.children.clone() }
                } else {
                    <div
                        ref={list}
                        class="rows"
                        role="listbox"
                        aria-label={text::MESSAGES}
                        aria-activedescendant={props.selected.map(element_id)}
                        tabindex="0"
                        {onscroll}
                        onkeydown={walk(&props.on_action)}
                    >
                        <Rows
                            log={props.log.clone()}
                            selected={props.selected}
                            on_action={props.on_action.clone()}
                        />
                    </div>
                }
            </div>
        </section>
    }
}

fn tools(log: &Log, on_latest: Option<Callback<()>>, on_action: &Callback<Action>) -> Html {
    html! {
        <div class="tools">
            <h2>{ text::MESSAGES }</h2>
            if log.let_go() > 0 {
                <p class="quiet">{ text::let_go(log.let_go()) }</p>
            }
            if let Some(on_latest) = on_latest {
                <button type="button" onclick={on_latest.reform(drop)}>{ text::LATEST }</button>
            }
            <button
                type="button"
                disabled={log.latest().is_none()}
                onclick={on_action.reform(|_| Action::Clear)}
            >
                { text::CLEAR }
            </button>
        </div>
    }
}

#[derive(PartialEq, Properties)]
struct RowsProps {
    log: Rc<Log>,
    selected: Option<Id>,
    on_action: Callback<Action>,
}

#[component]
fn Rows(props: &RowsProps) -> Html {
    let RowsProps { log, selected, .. } = props;
    let pointed = use_state_eq(|| None::<Id>);
    let on_point = use_callback((), {
        let pointed = pointed.clone();
        move |id, ()| pointed.set(id)
    });
    let on_select = use_callback(props.on_action.clone(), |id, on_action| {
        on_action.emit(Action::Select(Some(id)));
    });
    let partner = |id: Option<Id>| log.row(id?)?.partner();
    let tied = [partner(*selected), partner(*pointed)];
    let row = |row: &Rc<Row>| row_html(row, *selected, &tied, &on_select, &on_point);
    log.rows().map(row).collect()
}

fn row_html(
    row: &Rc<Row>,
    selected: Option<Id>,
    tied: &[Option<Id>],
    on_select: &Callback<Id>,
    on_point: &Callback<Option<Id>>,
) -> Html {
    html! {
        <MessageRow
            key={row.id}
            row={row.clone()}
            selected={selected == Some(row.id)}
            tied={tied.contains(&Some(row.id))}
            {on_select}
            {on_point}
        />
    }
}

/// Scrolls to the end whenever there is a new latest message, if the log was there. An
/// empty log has nowhere else to be.
#[hook]
fn use_following(list: &NodeRef, at_end: &UseStateHandle<bool>, latest: Option<Id>) {
    let (list, at_end) = (list.clone(), at_end.clone());
    use_effect_with(latest, move |latest| {
        if latest.is_none() {
            at_end.set(true);
        } else if *at_end {
            scroll_to_end(&list).emit(());
        }
    });
}

#[hook]
fn use_selection_in_view(selected: Option<Id>) {
    use_effect_with(selected, |selected| {
        let document = web_sys::window().and_then(|window| window.document());
        let row = selected
            .zip(document)
            .and_then(|(id, document)| document.get_element_by_id(&element_id(id)));
        if let Some(row) = row {
            let nearest = ScrollIntoViewOptions::new();
            nearest.set_block(ScrollLogicalPosition::Nearest);
            row.scroll_into_view_with_scroll_into_view_options(&nearest);
        }
    });
}

fn scroll_to_end(list: &NodeRef) -> Callback<()> {
    let list = list.clone();
    Callback::from(move |()| {
        if let Some(list) = list.cast::<Element>() {
            list.set_scroll_top(list.scroll_height());
        }
    })
}

fn is_at_end(list: &NodeRef) -> bool {
    list.cast::<Element>().is_none_or(|list| {
        list.scroll_top() + list.client_height() >= list.scroll_height() - END_TOLERANCE
    })
}

/// Arrow keys, Home and End go through the messages.
fn walk(on_action: &Callback<Action>) -> Callback<KeyboardEvent> {
    let on_action = on_action.clone();
    Callback::from(move |event: KeyboardEvent| {
        let step = match event.key().as_str() {
            "ArrowUp" => Step::Earlier,
            "ArrowDown" => Step::Later,
            "Home" => Step::First,
            "End" => Step::Last,
            _ => return,
        };
        // The keys would scroll the log away from what was chosen.
        event.prevent_default();
        on_action.emit(Action::Move(step));
    })
}
