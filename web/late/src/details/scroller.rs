//! Scroller: a virtual list in an element, which has elements only for the rows in sight.

use std::ops::Range;

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::geometry::Geometry;
use crate::markup::{Markup, element};

/// Height of a row if the stylesheet does not say it.
const DEFAULT_LINE: f64 = 22.0;

/// Element with rows.
pub struct Scroller {
    root: HtmlElement,
    spacer: HtmlElement,
    window: HtmlElement,
    geometry: Geometry,
    drawn: Range<usize>,
}

/// Returns the markup of an empty scroller: a focusable group.
pub fn markup(id: &str, class: &str, name: &str) -> Markup {
    let window = element("div", &[("class", "rows-window")], &[]);
    let attributes = [
        ("id", id),
        ("class", class),
        ("role", "group"),
        ("aria-label", name),
        ("tabindex", "0"),
        ("translate", "no"),
    ];
    element(
        "div",
        &attributes,
        &[element("div", &[("class", "rows-spacer")], &[window])],
    )
}

impl Scroller {
    /// Finds the scroller of that id in the document.
    pub fn find(id: &str) -> Option<Self> {
        let root = web_sys::window()?.document()?.get_element_by_id(id)?;
        let root: HtmlElement = root.unchecked_into();
        let spacer: HtmlElement = root.first_element_child()?.unchecked_into();
        let window: HtmlElement = spacer.first_element_child()?.unchecked_into();
        let line = css_pixels(&root, "line-height").unwrap_or(DEFAULT_LINE);
        let geometry = Geometry {
            rows: 0,
            line,
            height: root.client_height().into(),
            top: 0.0,
            scroll: 0.0,
        };
        Some(Self {
            root,
            spacer,
            window,
            geometry,
            drawn: 0..0,
        })
    }

    /// Returns the element.
    pub fn root(&self) -> &HtmlElement {
        &self.root
    }

    /// Returns the element of the drawn rows.
    pub fn window(&self) -> &HtmlElement {
        &self.window
    }

    /// Returns the number of rows.
    pub fn rows(&self) -> usize {
        self.geometry.rows
    }

    /// Returns the first row in sight.
    pub fn first(&self) -> usize {
        (self.geometry.top / self.geometry.line).ceil() as usize
    }

    /// Returns the number of rows in sight.
    pub fn page(&self) -> usize {
        ((self.geometry.height / self.geometry.line) as usize).max(1)
    }

    /// Sets the number of rows, at the same position.
    pub fn set_rows(&mut self, rows: usize) {
        if self.geometry.rows == rows {
            return;
        }
        // It may have been scrolled since the last event.
        self.follow();
        self.geometry.rows = rows;
        let height = format!("{}px", self.geometry.spacer());
        // Fails for read-only styles only.
        let _ = self.spacer.style().set_property("height", &height);
        self.move_to(self.geometry.top);
    }

    /// Follows the element's scroll position and height.
    pub fn follow(&mut self) {
        self.geometry.height = self.root.client_height().into();
        let scroll = f64::from(self.root.scroll_top());
        if (scroll - self.geometry.scroll).abs() >= 1.0 {
            self.geometry.scrolled(scroll);
        }
        if self.geometry.is_stuck() {
            self.move_to(self.geometry.top);
        }
    }

    /// Scrolls so that a row is in sight.
    pub fn show(&mut self, row: usize) {
        self.follow();
        let top = self.geometry.top_for(row);
        if top != self.geometry.top {
            self.move_to(top);
        }
    }

    /// Scrolls to the first row.
    pub fn show_first(&mut self) {
        self.move_to(0.0);
    }

    fn move_to(&mut self, top: f64) {
        let scroll = self.geometry.set_top(top);
        self.root.set_scroll_top(scroll as i32);
        self.geometry.scroll = self.root.scroll_top().into();
    }

    /// Draws the rows in sight, by `markup`. Rows that are drawn already stay, unless `anew`.
    pub fn draw(&mut self, anew: bool, markup: impl FnOnce(Range<usize>) -> Markup) {
        let rows = self.geometry.window();
        if anew || rows != self.drawn {
            self.window.set_inner_html(markup(rows.clone()).as_str());
            self.drawn = rows;
        }
        let place = self.geometry.place(self.drawn.start);
        // Fails for read-only styles only.
        let _ = self
            .window
            .style()
            .set_property("transform", &format!("translateY({place}px)"));
    }
}

/// Returns a computed length of an element, in CSS pixels.
pub fn css_pixels(of: &Element, property: &str) -> Option<f64> {
    let style = web_sys::window()?.get_computed_style(of).ok()??;
    let value = style.get_property_value(property).ok()?;
    value.strip_suffix("px")?.parse().ok()
}

/// Returns the width of a character of the dump, in CSS pixels.
pub fn char_width(root: &HtmlElement) -> f64 {
    const PROBE: usize = 64;
    let probe = || {
        let probe = web_sys::window()?.document()?.create_element("span").ok()?;
        probe.set_text_content(Some(&"0".repeat(PROBE)));
        root.append_child(&probe).ok()?;
        let width = probe.get_bounding_client_rect().width() / PROBE as f64;
        probe.remove();
        (width > 0.0).then_some(width)
    };
    probe().unwrap_or(7.25)
}
