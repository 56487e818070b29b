//! A virtual list: only the rows near the viewport have elements.

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_core::action::Action;
use web_core::log_view::Viewport;
use web_core::message_log::{Row, RowId};
use web_core::message_pane::MessagePane;
use web_core::state::State;
use web_sys::{HtmlElement, ResizeObserver};
use yew::prelude::*;

use super::event::filter_callback;
use super::locale::Locale;
use super::message_row::{MessageRow, element_id};
use super::selection_keys::{copy, move_selection};

/// The distance from the end, in CSS pixels, that still counts as the end for who scrolls down.
const END_TOLERANCE: i32 = 8;

/// The most by which rounded positions and sizes, in CSS pixels, differ from one another.
const ROUNDING: i32 = 2;

/// The least number of recycled elements: more than most windows show. With fewer, each
/// doubling of the first few would reassign elements under the pointer.
const MIN_ELEMENTS: usize = 64;

/// The properties of a [`VirtualList`].
#[derive(Debug, PartialEq, Properties)]
pub struct VirtualListProps {
    /// The language, and the time zone.
    pub locale: Locale,
    /// The rows to draw: the viewport and the overscan.
    pub rows: Vec<Rc<Row>>,
    /// Their indices in the list.
    pub window: Range<usize>,
    /// The number of listed messages.
    pub len: usize,
    /// The number of rows evicted from the top of the list so far.
    pub evicted: u64,
    /// The height of the viewport, in CSS pixels.
    pub height: f64,
    /// The height of a row, in CSS pixels.
    pub row_height: f64,
    /// True to follow the end of the list.
    pub follows_end: bool,
    /// The selected row and its index.
    pub selected: Option<(RowId, usize)>,
    /// The drawn rows among several chosen ones.
    pub chosen: Vec<RowId>,
    /// Returns the text of the chosen rows.
    pub on_copy: Callback<(), String>,
    /// Dispatches actions.
    pub on_action: Callback<Action>,
}

impl VirtualListProps {
    /// Returns the properties for the open tab's messages.
    pub fn new(
        locale: Locale,
        state: &State,
        on_action: &Callback<Action>,
        on_copy: &Callback<(), String>,
    ) -> Self {
        let MessagePane {
            log,
            view,
            selected,
            chosen,
            ..
        } = state.pane();
        let window = view.window(log);
        let row = |index| log.row(view.id_at(index, log)?).cloned();
        let place = |id| Some((id, view.index_of(id, log)?));
        let rows: Vec<_> = window.clone().filter_map(row).collect();
        let is_chosen = |id: &RowId| chosen.binary_search(id).is_ok();
        Self {
            locale,
            chosen: rows.iter().map(|row| row.id).filter(is_chosen).collect(),
            rows,
            window,
            len: view.len(log),
            evicted: view.evicted(),
            height: view.viewport().height,
            row_height: view.viewport().row,
            follows_end: view.follows_end(),
            selected: selected.and_then(place),
            on_copy: on_copy.clone(),
            on_action: on_action.clone(),
        }
    }
}

/// The rows near the viewport, in a spacer as high as all rows. The list follows its end,
/// until the user scrolls up.
#[component]
pub fn VirtualList(props: &VirtualListProps) -> Html {
    let t = props.locale.language;
    let (list, spacer, window) = (use_node_ref(), use_node_ref(), use_node_ref());
    let scrolled = use_mut_ref(|| 0);
    use_viewport(&list, &window, &scrolled, &props.on_action);
    use_heights(&spacer, props);
    use_scrolling(&list, &scrolled, props);
    let rows = use_rows(props);
    let onscroll = {
        let (list, window, scrolled) = (list.clone(), window.clone(), scrolled.clone());
        filter_callback(&props.on_action, move |_| {
            viewport(&list, &window, &scrolled)
        })
    };
    let onwheel = filter_callback(&props.on_action, move |event: WheelEvent| {
        (event.delta_y() < 0.0 && *scrolled.borrow() > 0).then_some(Action::LeaveEnd)
    });
    let active = props
        .selected
        .filter(|(_, index)| props.window.contains(index));
    html! {
        <div
            ref={list}
            class="rows"
            role="listbox"
            aria-label={t.messages()}
            aria-multiselectable="true"
            aria-activedescendant={active.map(|(id, _)| element_id(id))}
            translate="no"
            tabindex="0"
            oncopy={copy(&props.on_copy)}
            {onscroll}
            {onwheel}
            onkeydown={move_selection(&props.on_action)}
        >
            <div ref={spacer} class="spacer" role="presentation">
                <div ref={window} class="window" role="presentation">{ rows }</div>
            </div>
        </div>
    }
}

/// The rows. The partners of the hovered and of the selected row are highlighted.
#[hook]
fn use_rows(props: &VirtualListProps) -> Html {
    let rows = &props.rows;
    let selected = props.selected.map(|(id, _)| id);
    let hovered = use_state_eq(|| None::<RowId>);
    let on_hover = use_callback((), {
        let hovered = hovered.clone();
        move |id, ()| hovered.set(id)
    });
    let partner = |id: Option<RowId>| rows.iter().find(|row| Some(row.id) == id)?.partner();
    let partners = [partner(selected), partner(*hovered)];
    // Keys recycle elements: a row keeps its element while it is drawn, then leaves it to
    // another row, so that a flood of messages creates no elements.
    let elements = rows.len().next_power_of_two().max(MIN_ELEMENTS) as u64;
    let row = |(row, place): (&Rc<Row>, usize)| {
        html! {
            <MessageRow
                key={(props.evicted + place as u64) % elements}
                locale={props.locale}
                row={row.clone()}
                place={(place, props.len)}
                selected={match props.chosen.is_empty() {
                    true => selected == Some(row.id),
                    false => props.chosen.contains(&row.id),
                }}
                is_paired={partners.contains(&Some(row.id))}
                on_action={&props.on_action}
                on_hover={&on_hover}
            />
        }
    };
    rows.iter().zip(props.window.start + 1..).map(row).collect()
}

/// Dispatches the viewport at first, and whenever the list is resized.
#[hook]
fn use_viewport(
    list: &NodeRef,
    window: &NodeRef,
    scrolled: &Rc<RefCell<i32>>,
    on_action: &Callback<Action>,
) {
    let (list, window, on_action) = (list.clone(), window.clone(), on_action.clone());
    let scrolled = scrolled.clone();
    use_effect_with((), move |()| {
        let element = list.cast::<HtmlElement>();
        let on_resize = Closure::<dyn Fn()>::new(move || {
            if let Some(action) = viewport(&list, &window, &scrolled) {
                on_action.emit(action);
            }
        });
        let observer = ResizeObserver::new(on_resize.as_ref().unchecked_ref()).ok();
        if let Some((observer, element)) = observer.as_ref().zip(element) {
            observer.observe(&element);
        }
        move || {
            if let Some(observer) = observer {
                observer.disconnect();
            }
            drop(on_resize);
        }
    });
}

/// Passes the number of rows, and of those above the drawn ones, to the stylesheet, which
/// knows their height. Custom properties are set by script, because the page's Content
/// Security Policy forbids style attributes.
#[hook]
fn use_heights(spacer: &NodeRef, props: &VirtualListProps) {
    let spacer = spacer.clone();
    use_effect_with((props.len, props.window.start), move |(len, above)| {
        set_style(&spacer, "--rows", *len);
        set_style(&spacer, "--above", *above);
    });
}

/// The list as it was drawn.
#[derive(Clone, Copy, PartialEq)]
struct Drawn {
    len: usize,
    evicted: u64,
    height: f64,
    row_height: f64,
    selected: Option<(RowId, usize)>,
}

impl Drawn {
    fn new(props: &VirtualListProps) -> Self {
        Self {
            len: props.len,
            evicted: props.evicted,
            height: props.height,
            row_height: props.row_height,
            selected: props.selected,
        }
    }
}

/// Scrolls to the end while it is followed, up by the height of evicted rows, and to a newly
/// selected row.
#[hook]
fn use_scrolling(list: &NodeRef, scrolled: &Rc<RefCell<i32>>, props: &VirtualListProps) {
    let now = Drawn::new(props);
    let drawn = use_mut_ref(|| Drawn {
        height: 0.0,
        selected: None,
        ..now
    });
    let (list, scrolled) = (list.clone(), scrolled.clone());
    use_effect_with((now, props.follows_end), move |&(now, follows_end)| {
        let Some(list) = list.cast::<HtmlElement>() else {
            return;
        };
        let before = drawn.replace(now);
        let lens = (before.len, now.len);
        let has_left = follows_end && has_left_end(&list, *scrolled.borrow(), lens);
        if follows_end && !has_left {
            list.set_scroll_top(list.scroll_height());
        } else if now.evicted > before.evicted {
            let above = (now.evicted - before.evicted) as f64 * now.row_height;
            list.set_scroll_top((f64::from(list.scroll_top()) - above).max(0.0) as i32);
        }
        // The wire view that opens below the log must not cover the selected row.
        let has_shrunk = now.height < before.height;
        if let Some((id, index)) = now.selected
            && (has_shrunk || before.selected.is_none_or(|(before, _)| before != id))
        {
            scroll_into_view(&list, index as f64 * now.row_height, now.row_height);
        }
        if !has_left {
            *scrolled.borrow_mut() = list.scroll_top();
        }
    });
}

/// True if the user has scrolled up from `scrolled`, of which the browser tells only in its next
/// frame. A list that has lost rows, or has grown higher, is scrolled up by the browser, to its end
/// at that time.
fn has_left_end(list: &HtmlElement, scrolled: i32, (before, now): (usize, usize)) -> bool {
    let height = f64::from(list.scroll_height());
    let row = height / now.max(1) as f64;
    let end = row * before.min(now) as f64 - f64::from(list.client_height());
    f64::from(list.scroll_top() + ROUNDING) < end.min(scrolled.into())
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

/// Returns the viewport, and the user's scrolling: each position but the one in `scrolled`, which
/// the list has set or seen. The list's own scrolling would otherwise hide that the user scrolled
/// up between two frames.
fn viewport(list: &NodeRef, window: &NodeRef, scrolled: &RefCell<i32>) -> Option<Action> {
    let list = list.cast::<HtmlElement>()?;
    let row = window.cast::<HtmlElement>()?.first_element_child()?;
    let (top, height) = (list.scroll_top(), list.client_height());
    let below = list.scroll_height() - height - top;
    let before = scrolled.replace(top);
    let at_end = match () {
        // Sizes are rounded.
        () if below <= 1 => Some(true),
        () if top < before => Some(false),
        () if top > before && below <= END_TOLERANCE => Some(true),
        () => None,
    };
    Some(Action::Scrolled {
        viewport: Viewport {
            top: top.into(),
            height: height.into(),
            row: row.get_bounding_client_rect().height(),
        },
        at_end,
    })
}

fn set_style(element: &NodeRef, property: &str, value: usize) {
    if let Some(element) = element.cast::<HtmlElement>() {
        // Fails for read-only styles only.
        let _ = element.style().set_property(property, &value.to_string());
    }
}
