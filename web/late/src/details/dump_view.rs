//! View of a dump: rows of bytes, those that are lit, and the cursor.

use std::ops::Range;

use wasm_bindgen::JsCast;
use web_sys::Element;

use super::markup::dump_row;
use super::scroller::Scroller;
use super::source::Source;
use super::wire::Wire;
use crate::markup::join;

/// Numbers of bytes in a row, the most first.
const WIDTHS: [usize; 4] = [32, 16, 8, 4];
/// Space left and right of a row, in CSS pixels.
const PADDING: f64 = 16.0;
/// Fewest digits of an offset.
const MIN_DIGITS: usize = 4;

/// View of a dump.
pub struct DumpView {
    /// Element.
    pub scroller: Scroller,
    /// Bytes.
    pub wire: Wire,
    /// Bytes that are lit until others are.
    picked: Range<usize>,
    /// Bytes that are lit while the pointer is on them, or on what stands for them.
    hovered: Range<usize>,
    /// Byte under the cursor.
    pub cursor: Option<usize>,
    width: usize,
}

impl DumpView {
    /// Creates the view of a dump.
    pub fn new(scroller: Scroller, wire: Wire) -> Self {
        Self {
            scroller,
            wire,
            picked: 0..0,
            hovered: 0..0,
            cursor: None,
            width: 0,
        }
    }

    /// Shows other bytes.
    pub fn set_wire(&mut self, wire: Wire) {
        self.wire = wire;
        (self.picked, self.hovered, self.cursor) = (0..0, 0..0, None);
        self.width = 0;
    }

    fn digits(&self) -> usize {
        let last = self.wire.len().saturating_sub(1);
        MIN_DIGITS.max((usize::BITS - last.leading_zeros()).div_ceil(4) as usize)
    }

    /// Fits the rows to the width of the element; `ch` is the width of a character.
    pub fn fit(&mut self, ch: f64) {
        let room = f64::from(self.scroller.root().client_width()) - PADDING;
        let columns = (room / ch) as usize;
        let digits = self.digits();
        let fitting = |width: &&usize| digits + 1 + 4 * **width < columns;
        let width = *WIDTHS.iter().find(fitting).unwrap_or(&WIDTHS[3]);
        if width != self.width {
            self.scroller.follow();
            let first = self.scroller.first() * self.width;
            self.width = width;
            self.scroller.set_rows(self.wire.len().div_ceil(width));
            self.scroller.show(first / width);
        }
        // Fails for names that are no names.
        let _ = self
            .scroller
            .root()
            .set_attribute("data-width", &width.to_string());
    }

    /// Returns the bytes that are lit.
    pub fn lit(&self) -> &Range<usize> {
        match self.hovered.is_empty() {
            true => &self.picked,
            false => &self.hovered,
        }
    }

    /// Returns the bytes of the message that are picked.
    pub fn lit_message(&self) -> Option<Range<usize>> {
        let last = self.picked.end.checked_sub(1)?;
        let (begin, end) = (
            self.wire.to_message(self.picked.start)?,
            self.wire.to_message(last)?,
        );
        Some(begin..end + 1)
    }

    /// Draws the rows in sight.
    pub fn draw(&mut self, source: &dyn Source, anew: bool) {
        self.scroller.follow();
        let (digits, width, lit) = (self.digits(), self.width, self.lit().clone());
        let wire = &self.wire;
        self.scroller.draw(anew, |rows| {
            let bytes = rows.start * width..(rows.end * width).min(wire.len());
            let cells = wire.cells(source, bytes.clone());
            let rows = cells.chunks(width).enumerate();
            join(rows.map(|(row, cells)| dump_row(bytes.start + row * width, digits, cells, &lit)))
        });
    }

    /// Lights bytes until others are, and shows the first.
    pub fn pick(&mut self, range: Range<usize>, source: &dyn Source) {
        let before = self.lit().clone();
        self.hovered = 0..0;
        self.picked = range;
        self.scroller.show(self.picked.start / self.width.max(1));
        self.draw(source, false);
        self.relight(before);
    }

    /// Lights bytes while the pointer is on them.
    pub fn hover(&mut self, range: Range<usize>) {
        if range != self.hovered {
            let before = self.lit().clone();
            self.hovered = range;
            self.relight(before);
        }
    }

    /// Moves the cursor by so many bytes, or to the first byte in sight if there is none. Returns
    /// its place.
    pub fn move_cursor(&mut self, way: isize) -> usize {
        let last = self.wire.len().saturating_sub(1);
        let place = match self.cursor {
            None if way.unsigned_abs() <= last => self.scroller.first() * self.width,
            cursor => cursor.unwrap_or_default().saturating_add_signed(way),
        };
        let place = place.min(last);
        self.cursor = Some(place);
        place
    }

    /// Returns the number of bytes of a row, and of those in sight.
    pub fn steps(&self) -> (isize, isize) {
        let page = self.width * self.scroller.page();
        (self.width as isize, page as isize)
    }

    /// Returns the offset of the byte that a cell shows.
    pub fn offset_of(&self, cell: &Element) -> Option<usize> {
        let columns = cell.parent_element()?;
        if !columns.matches(".dump-row > code").ok()? {
            return None;
        }
        let row = columns.parent_element()?.get_attribute("data-at")?;
        let mut place = 0;
        let mut before = cell.previous_element_sibling();
        while let Some(it) = before {
            place += 1;
            before = it.previous_element_sibling();
        }
        Some(row.parse::<usize>().ok()? + place)
    }

    /// Marks the cells that are lit, and no others, among those that are drawn.
    fn relight(&self, before: Range<usize>) {
        let lit = self.lit();
        let rows = self.scroller.window().children();
        for row in (0..rows.length()).filter_map(|row| rows.item(row)) {
            let at = row.get_attribute("data-at").and_then(|it| it.parse().ok());
            let Some(at) = at else { continue };
            let shown: Range<usize> = at..at + self.width;
            let changes = |it: &Range<usize>| it.start < shown.end && shown.start < it.end;
            if changes(lit) || changes(&before) {
                self.relight_row(&row, at);
            }
        }
    }

    fn relight_row(&self, row: &Element, at: usize) {
        let codes = row.get_elements_by_tag_name("code");
        for code in (0..codes.length()).filter_map(|code| codes.item(code)) {
            let cells = code.children();
            for place in 0..cells.length() {
                let is_lit = self.lit().contains(&(at + place as usize));
                if let Some(cell) = cells.item(place) {
                    let cell: Element = cell.unchecked_into();
                    // Fails for names that are no names.
                    let _ = cell.class_list().toggle_with_force("lit", is_lit);
                }
            }
        }
    }
}
