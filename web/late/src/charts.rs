//! Charts of the last minute: a panel with two plots, a cursor that follows pointer and keys, and
//! the summaries of all round trips.

use std::cell::{Cell, RefCell};

use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_core::chart_numbers::{self, ChartNumbers};
use web_core::format::{count, round_trip, service_time};
use web_core::language::Language;
use web_core::stats::{SECONDS, Second};
use web_core::time::micros;
use web_sys::{
    Document, Element, Event, EventTarget, HtmlDialogElement, KeyboardEvent, PointerEvent,
};

use crate::document_language;
use crate::markup::{Markup, element, join, text};
use crate::plot::{Bars, plot};

/// Id of the panel.
const PANEL: &str = "charts";

thread_local! {
    /// Numbers that are drawn.
    static NUMBERS: RefCell<Vec<u8>> = RefCell::default();
    /// Second that the cursor is at, the oldest first.
    static CURSOR: Cell<usize> = const { Cell::new(SECONDS - 1) };
}

/// Draws the charts; opens their panel if `opens`. Returns false if it is closed.
///
/// # Errors
/// An exception of the browser.
pub fn draw(numbers: &[u8], opens: bool) -> Result<bool, JsValue> {
    let panel = panel()?;
    if !opens && !panel.open() {
        return Ok(false);
    }
    NUMBERS.set(numbers.to_vec());
    let t = document_language();
    if !panel.open() {
        panel.set_attribute("lang", t.tag())?;
        panel.set_inner_html(frame(t).as_str());
        panel.show();
    }
    redraw()?;
    Ok(true)
}

fn redraw() -> Result<(), JsValue> {
    let t = document_language();
    let numbers = NUMBERS.with_borrow(|it| chart_numbers::decode(it));
    let cursor = CURSOR.get();
    let set = |id: &str, content: Markup| {
        if let Some(element) = find(id) {
            element.set_inner_html(content.as_str());
        }
    };
    set("charts-plots", plots(t, &numbers, cursor));
    set("charts-summary", summary(t, &numbers));
    let second = numbers.minute.get(cursor).copied().unwrap_or_default();
    let age = SECONDS - 1 - cursor;
    let reading = format!(
        "{}: {} · {}",
        t.seconds_ago(age),
        t.second_rates(&second),
        t.second_trip(&second)
    );
    set("charts-reading", text(&reading));
    if let Some(plots) = find("charts-plots") {
        plots.set_attribute("aria-valuenow", &format!("-{age}"))?;
        plots.set_attribute("aria-valuetext", &reading)?;
    }
    Ok(())
}

/// Returns the panel's elements that stay. The plots are a slider: their value is a second.
fn frame(t: Language) -> Markup {
    let slider = [
        ("id", "charts-plots"),
        ("role", "slider"),
        ("tabindex", "0"),
        ("aria-label", t.charts_time()),
        ("aria-valuemin", "-59"),
        ("aria-valuemax", "0"),
        ("aria-valuenow", "0"),
    ];
    let close = [("type", "button"), ("id", "charts-close")];
    join([
        element(
            "div",
            &[("class", "head")],
            &[
                element("h2", &[("id", "charts-title")], &[text(t.charts())]),
                element("button", &close, &[text(t.close())]),
            ],
        ),
        element("div", &slider, &[]),
        element("p", &[("id", "charts-reading")], &[]),
        element("table", &[("id", "charts-summary")], &[]),
    ])
}

fn plots(t: Language, numbers: &ChartNumbers, cursor: usize) -> Markup {
    let values = |value: fn(&Second) -> u64| numbers.minute.iter().map(value).collect();
    let bars = |class, place, value| Bars {
        class,
        values: values(value),
        place,
    };
    let rates = [
        bars("sent", (1, 4), |it| it.sent.into()),
        bars("received", (5, 4), |it| it.received.into()),
    ];
    let trips = [
        bars("round-trip", (1, 8), |it| it.round_trip.map_or(0, micros)),
        bars("service", (1, 8), |it| it.service_time.map_or(0, micros)),
    ];
    let rate = |it: u64| t.rate(u32::try_from(it).unwrap_or(u32::MAX));
    let title = |title: &str| element("h3", &[], &[text(title)]);
    let key = |class: &str, name: &str| element("span", &[("class", class)], &[text(name)]);
    let keys = |keys: &[Markup]| element("p", &[("class", "keys")], keys);
    join([
        title(t.messages_per_second()),
        plot(&rates, Some(cursor), rate, t.now()),
        keys(&[
            key("sent", t.direction(web_core::message::Direction::Sent)),
            key(
                "received",
                t.direction(web_core::message::Direction::Received),
            ),
        ]),
        title(t.longest_round_trips()),
        plot(&trips, Some(cursor), |it| scale(it), t.now()),
        keys(&[key("round-trip", t.way()), key("service", t.service())]),
    ])
}

/// Writes a value of the scale of times, which is a round number of microseconds.
fn scale(micros: u64) -> String {
    match micros {
        0 => "0 ms".into(),
        1..1000 => format!("{micros} µs"),
        1000..1_000_000 => {
            format!("{}.{} ms", micros / 1000, micros % 1000 / 100).replace(".0 ", " ")
        }
        _ => format!("{} s", count(micros / 1_000_000)),
    }
}

fn summary(t: Language, numbers: &ChartNumbers) -> Markup {
    let heads = ["p50", "p99", t.longest(), t.of_all()];
    let heads = heads.map(|it| element("th", &[("scope", "col")], &[text(it)]));
    let corner = element("td", &[], &[]);
    let row = |name: &str, cells: [String; 4]| {
        let cells = cells.map(|it| element("td", &[], &[text(&it)]));
        let name = element("th", &[("scope", "row")], &[text(name)]);
        element("tr", &[], &[name, join(cells)])
    };
    let [trips, service, way] = &numbers.summaries;
    join([
        element("tr", &[], &[corner, join(heads)]),
        row(t.round_trip(), t.summary(trips, round_trip)),
        row(t.service(), t.summary(service, service_time)),
        row(t.way(), t.summary(way, round_trip)),
    ])
}

/// Returns the panel, made at the first call.
fn panel() -> Result<HtmlDialogElement, JsValue> {
    if let Some(panel) = find(PANEL) {
        return Ok(panel.unchecked_into());
    }
    let document = document().ok_or(JsValue::UNDEFINED)?;
    let panel: HtmlDialogElement = document.create_element("dialog")?.unchecked_into();
    panel.set_id(PANEL);
    panel.set_attribute("aria-labelledby", "charts-title")?;
    listen(&panel, "pointermove", |event| point(event.unchecked_ref()))?;
    listen(&panel, "pointerdown", |event| point(event.unchecked_ref()))?;
    listen(&panel, "keydown", |event| press(event.unchecked_ref()))?;
    listen(&panel, "click", |event| {
        if target_id(event) == "charts-close" {
            close();
        }
    })?;
    document
        .body()
        .ok_or(JsValue::UNDEFINED)?
        .append_child(&panel)?;
    Ok(panel)
}

/// Moves the cursor to the pointer.
fn point(event: &PointerEvent) {
    let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
    let plot = target.and_then(|it| it.closest(".plot").ok().flatten());
    if let Some(svg) = plot.and_then(|it| it.query_selector("svg").ok().flatten()) {
        let area = svg.get_bounding_client_rect();
        let part = (f64::from(event.client_x()) - area.left()) / area.width();
        move_to((part.clamp(0.0, 1.0) * SECONDS as f64) as usize);
    }
}

/// Moves the cursor by the keys of a slider; Escape closes the panel.
fn press(event: &KeyboardEvent) {
    let is_plots = target_id(event) == "charts-plots";
    let at = CURSOR.get();
    match &*event.key() {
        "Escape" => close(),
        "ArrowLeft" | "ArrowDown" if is_plots => move_to(at.saturating_sub(1)),
        "ArrowRight" | "ArrowUp" if is_plots => move_to(at + 1),
        "PageDown" if is_plots => move_to(at.saturating_sub(10)),
        "PageUp" if is_plots => move_to(at + 10),
        "Home" if is_plots => move_to(0),
        "End" if is_plots => move_to(SECONDS),
        _ => return,
    }
    event.prevent_default();
    event.stop_propagation();
}

fn move_to(second: usize) {
    let second = second.min(SECONDS - 1);
    if CURSOR.replace(second) != second {
        // Fails if the browser refuses an attribute, which it does not.
        let _ = redraw();
    }
}

/// Closes the panel, and gives the focus back to the button that opened it.
fn close() {
    if let Some(panel) = find(PANEL) {
        panel.unchecked_into::<HtmlDialogElement>().close();
    }
}

fn target_id(event: &Event) -> String {
    let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
    target.map_or_else(String::new, |it| it.id())
}

fn listen(
    target: &EventTarget,
    event: &str,
    handle: impl Fn(&Event) + 'static,
) -> Result<(), JsValue> {
    let closure = Closure::<dyn Fn(Event)>::new(move |event: Event| handle(&event));
    target.add_event_listener_with_callback(event, closure.as_ref().unchecked_ref())?;
    closure.forget();
    Ok(())
}

fn find(id: &str) -> Option<Element> {
    document()?.get_element_by_id(id)
}

fn document() -> Option<Document> {
    web_sys::window()?.document()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_have_units() {
        let labels = [0, 20, 1000, 2000, 2500, 40_000, 2_000_000].map(scale);
        let expected = ["0 ms", "20 µs", "1 ms", "2 ms", "2.5 ms", "40 ms", "2 s"];
        assert_eq!(labels, expected);
    }
}
