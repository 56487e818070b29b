//! The rows of the log that can be seen, and the way through them.

use std::ops::Range;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_core::action::{Action, Step};
use web_core::book::Book;
use web_core::listing::Viewport;
use web_core::log::{Id, Row};
use web_core::state::State;
use web_sys::{HtmlElement, ResizeObserver};
use yew::prelude::*;

use super::row::{MessageRow, element_id};
use super::{reading, use_language};

/// How far from its end, in CSS pixels, a log still counts as scrolled to the end.
const END_TOLERANCE: i32 = 8;

/// How many elements rows take turns in, at the least: more than most windows show. Were
/// it the number of rows, each doubling of the first few would give a row that one is
/// about to press to another message.
const FEWEST_ELEMENTS: usize = 64;

/// What a [`List`] needs.
#[derive(Debug, PartialEq, Properties)]
pub struct ListProps {
    /// The messages to draw: those that can be seen, and some around them.
    pub rows: Vec<Rc<Row>>,
    /// Their places in the list.
    pub window: Range<usize>,
    /// How many messages are listed.
    pub len: usize,
    /// How many rows have gone from the beginning of the list so far.
    pub gone: u64,
    /// The height of what can be seen, in CSS pixels.
    pub height: f64,
    /// The height of a row.
    pub row_height: f64,
    /// Whether to stay at the end.
    pub at_end: bool,
    /// The message that the person chose, and its place.
    pub selected: Option<(Id, usize)>,
    /// Told what the person wants.
    pub on_action: Callback<Action>,
}

impl ListProps {
    /// What a list of the messages of `state` needs.
    pub fn new(state: &State, on_action: &Callback<Action>) -> Self {
        let Book {
            log,
            listing,
            selected,
        } = state.book();
        let window = listing.window(log);
        let row = |index| log.row(listing.id(index, log)?).cloned();
        let place = |id| Some((id, listing.index(id, log)?));
        Self {
            rows: window.clone().filter_map(row).collect(),
            window,
            len: listing.len(log),
            gone: listing.gone(),
            height: listing.viewport().height,
            row_height: listing.viewport().row,
            at_end: listing.is_at_end(),
            selected: selected.and_then(place),
            on_action: on_action.clone(),
        }
    }
}

/// The rows that can be seen, in a box as high as all of them. It follows its end, unless
/// the person scrolled away.
#[component]
pub fn List(props: &ListProps) -> Html {
    let t = use_language();
    let (list, all, seen) = (use_node_ref(), use_node_ref(), use_node_ref());
    use_measures(&list, &seen, &props.on_action);
    use_heights(&all, props);
    use_scrolling(&list, props);
    let rows = use_rows(props);
    let onscroll = {
        let (list, seen) = (list.clone(), seen.clone());
        reading(&props.on_action, move |_| measure(&list, &seen))
    };
    let onwheel = reading(&props.on_action, |event: WheelEvent| {
        (event.delta_y() < 0.0).then_some(Action::LeaveEnd)
    });
    html! {
        <div
            ref={list}
            class="rows"
            role="listbox"
            aria-label={t.messages()}
            aria-activedescendant={props.selected.map(|(id, _)| element_id(id))}
            tabindex="0"
            {onscroll}
            {onwheel}
            onkeydown={walk(&props.on_action)}
        >
            <div ref={all} class="all" role="presentation">
                <div ref={seen} class="seen" role="presentation">{ rows }</div>
            </div>
        </div>
    }
}

/// The rows; the one that is pointed at, and the one that is chosen, mark their partners.
#[hook]
fn use_rows(props: &ListProps) -> Html {
    let rows = &props.rows;
    let selected = props.selected.map(|(id, _)| id);
    let pointed = use_state_eq(|| None::<Id>);
    let on_point = use_callback((), {
        let pointed = pointed.clone();
        move |id, ()| pointed.set(id)
    });
    let on_select = use_callback(props.on_action.clone(), |id, on_action| {
        on_action.emit(Action::Select(Some(id)));
    });
    let partner = |id: Option<Id>| rows.iter().find(|row| Some(row.id) == id)?.partner();
    let tied = [partner(selected), partner(*pointed)];
    // A message keeps its element while it is drawn, and then leaves it to another: while
    // many come in, elements are filled anew rather than made anew.
    let elements = rows.len().next_power_of_two().max(FEWEST_ELEMENTS) as u64;
    let row = |(row, place): (&Rc<Row>, usize)| {
        html! {
            <MessageRow
                key={(props.gone + place as u64) % elements}
                row={row.clone()}
                place={(place, props.len)}
                selected={selected == Some(row.id)}
                tied={tied.contains(&Some(row.id))}
                on_select={&on_select}
                on_point={&on_point}
            />
        }
    };
    rows.iter().zip(props.window.start + 1..).map(row).collect()
}

/// Tells how large the list and its rows are, at first and whenever that changes.
#[hook]
fn use_measures(list: &NodeRef, seen: &NodeRef, on_action: &Callback<Action>) {
    let (list, seen, on_action) = (list.clone(), seen.clone(), on_action.clone());
    use_effect_with((), move |()| {
        let element = list.cast::<HtmlElement>();
        let tell = Closure::<dyn Fn()>::new(move || {
            if let Some(measures) = measure(&list, &seen) {
                on_action.emit(measures);
            }
        });
        let observer = ResizeObserver::new(tell.as_ref().unchecked_ref()).ok();
        if let Some((observer, element)) = observer.as_ref().zip(element) {
            observer.observe(&element);
        }
        move || {
            if let Some(observer) = observer {
                observer.disconnect();
            }
            drop(tell);
        }
    });
}

/// Says how many rows there are and how many of them are above those that are drawn: the
/// stylesheet knows how high they are. By the element's own style: attributes for styles
/// are not allowed to the page.
#[hook]
fn use_heights(all: &NodeRef, props: &ListProps) {
    let all = all.clone();
    use_effect_with((props.len, props.window.start), move |(len, above)| {
        set_style(&all, "--rows", *len);
        set_style(&all, "--above", *above);
    });
}

/// Scrolls to the end while that is followed, with the rows as some go from the
/// beginning, and to what the person chooses.
#[hook]
fn use_scrolling(list: &NodeRef, props: &ListProps) {
    let shown = use_mut_ref(|| (props.gone, 0.0, None));
    let list = list.clone();
    let deps = (
        props.at_end,
        (props.len, props.height),
        props.gone,
        props.selected,
        props.row_height,
    );
    use_effect_with(deps, move |&(at_end, (_, height), gone, selected, row)| {
        let Some(list) = list.cast::<HtmlElement>() else {
            return;
        };
        let (gone_before, height_before, selected_before) = shown.replace((gone, height, selected));
        if at_end {
            list.set_scroll_top(list.scroll_height());
        } else if gone > gone_before {
            let above = (gone - gone_before) as f64 * row;
            list.set_scroll_top((f64::from(list.scroll_top()) - above).max(0.0) as i32);
        }
        // What opens below the log for a chosen message must not cover it.
        let is_less = height < height_before;
        if let Some((id, index)) = selected
            && (is_less || selected_before.is_none_or(|(before, _)| before != id))
        {
            scroll_into_view(&list, index as f64 * row, row);
        }
    });
}

fn scroll_into_view(list: &HtmlElement, top: f64, row: f64) {
    let (from, height) = (
        f64::from(list.scroll_top()),
        f64::from(list.client_height()),
    );
    if top < from {
        list.set_scroll_top(top as i32);
    } else if top + row > from + height {
        list.set_scroll_top((top + row - height).ceil() as i32);
    }
}

fn measure(list: &NodeRef, seen: &NodeRef) -> Option<Action> {
    let list = list.cast::<HtmlElement>()?;
    let row = seen.cast::<HtmlElement>()?.first_element_child()?;
    let (top, height) = (list.scroll_top(), list.client_height());
    Some(Action::Scrolled {
        viewport: Viewport {
            top: top.into(),
            height: height.into(),
            row: row.get_bounding_client_rect().height(),
        },
        at_end: top + height >= list.scroll_height() - END_TOLERANCE,
    })
}

fn set_style(element: &NodeRef, property: &str, value: usize) {
    if let Some(element) = element.cast::<HtmlElement>() {
        // Fails for elements whose style cannot be changed, and these can.
        let _ = element.style().set_property(property, &value.to_string());
    }
}

/// Arrow keys, Home and End go through the messages.
fn walk(on_action: &Callback<Action>) -> Callback<KeyboardEvent> {
    reading(on_action, |event: KeyboardEvent| {
        let step = match event.key().as_str() {
            "ArrowUp" => Step::Earlier,
            "ArrowDown" => Step::Later,
            "Home" => Step::First,
            "End" => Step::Last,
            _ => return None,
        };
        // The keys would scroll the log away from what was chosen.
        event.prevent_default();
        Some(Action::Move(step))
    })
}
