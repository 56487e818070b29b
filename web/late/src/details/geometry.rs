//! Geometry of a virtual list: browsers bound an element's height, so that a long list has a
//! lower one, and its scroll position is scaled.

use std::ops::Range;

/// Greatest height of an element, in CSS pixels: a quarter of the lowest bound of a browser, which
/// holds at a zoom of 400 %, too.
const MAX_HEIGHT: f64 = 4_000_000.0;

/// Rows drawn above and below the viewport.
const OVERSCAN: usize = 8;

/// Geometry of a list of rows of one height, and its position.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Geometry {
    /// Number of rows.
    pub rows: usize,
    /// Height of a row.
    pub line: f64,
    /// Height of the viewport.
    pub height: f64,
    /// Distance of the viewport's top from the first row's, not scaled.
    pub top: f64,
    /// Scroll position of the element.
    pub scroll: f64,
}

impl Geometry {
    /// Returns the height of the element that is scrolled.
    pub fn spacer(&self) -> f64 {
        self.total().min(MAX_HEIGHT)
    }

    fn total(&self) -> f64 {
        self.rows as f64 * self.line
    }

    fn max_top(&self) -> f64 {
        (self.total() - self.height).max(0.0)
    }

    fn max_scroll(&self) -> f64 {
        (self.spacer() - self.height).max(0.0)
    }

    fn is_scaled(&self) -> bool {
        self.total() > MAX_HEIGHT
    }

    /// Follows a new scroll position. A short way is the same way in the list, so that no row is
    /// skipped; a long one, of the scrollbar, is scaled.
    pub fn scrolled(&mut self, scroll: f64) {
        let way = scroll - self.scroll;
        self.scroll = scroll;
        self.top = if !self.is_scaled() {
            scroll
        } else if way.abs() < 2.0 * self.height {
            self.top + way
        } else {
            scroll / self.max_scroll() * self.max_top()
        };
        self.top = self.top.clamp(0.0, self.max_top());
    }

    /// Sets the position, and returns the element's scroll position for it. Away from both ends, it
    /// leaves room to scroll on.
    pub fn set_top(&mut self, top: f64) -> f64 {
        self.top = top.clamp(0.0, self.max_top());
        self.scroll = match () {
            _ if !self.is_scaled() => self.top,
            _ if self.top <= 0.0 => 0.0,
            _ if self.top >= self.max_top() => self.max_scroll(),
            _ => {
                let room = 4.0 * self.height;
                let scroll = self.top / self.max_top() * self.max_scroll();
                scroll.clamp(room, self.max_scroll() - room).floor()
            }
        };
        self.scroll
    }

    /// Returns true if the element cannot be scrolled on though there are rows.
    pub fn is_stuck(&self) -> bool {
        let at_begin = self.scroll <= 0.0 && self.top > 0.0;
        let at_end = self.scroll >= self.max_scroll() - 1.0 && self.top < self.max_top();
        self.is_scaled() && (at_begin || at_end)
    }

    /// Returns the position at which a row is in sight: the same one if it is already.
    pub fn top_for(&self, row: usize) -> f64 {
        let begin = row as f64 * self.line;
        let is_in_sight = begin >= self.top && begin + self.line <= self.top + self.height;
        match is_in_sight {
            true => self.top,
            false => begin - (self.height - self.line) / 3.0,
        }
    }

    /// Returns the rows to draw.
    pub fn window(&self) -> Range<usize> {
        let first = (self.top / self.line) as usize;
        let shown = (self.height / self.line) as usize + 2;
        let begin = first.saturating_sub(OVERSCAN);
        begin.min(self.rows)..(first + shown + OVERSCAN).min(self.rows)
    }

    /// Returns the place of a row in the element.
    pub fn place(&self, row: usize) -> f64 {
        self.scroll + row as f64 * self.line - self.top
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(rows: usize) -> Geometry {
        Geometry {
            rows,
            line: 22.0,
            height: 400.0,
            top: 0.0,
            scroll: 0.0,
        }
    }

    #[test]
    fn a_short_list_is_not_scaled() {
        let mut list = list(1000);
        assert_eq!(list.spacer(), 22_000.0);
        list.scrolled(500.0);
        assert_eq!(list.top, 500.0);
        assert_eq!(list.window(), 14..50);
        assert_eq!(list.place(22), 484.0);
        assert_eq!(list.set_top(1e9), 21_600.0);
        assert_eq!(list.window().end, 1000);
    }

    #[test]
    fn every_row_of_a_long_list_is_reached_by_short_ways() {
        // 64 MiB in lines of 16 bytes.
        let mut list = list(4 << 20);
        assert_eq!(list.spacer(), MAX_HEIGHT);
        list.scrolled(1_999_800.0);
        let middle = list.window();
        assert!(middle.contains(&(2 << 20)), "{middle:?}");
        let mut seen = middle.end;
        for _ in 0..100_000 {
            list.scrolled(list.scroll + 300.0);
            assert!(list.window().start <= seen);
            seen = list.window().end;
            if list.is_stuck() {
                let top = list.top;
                list.set_top(top);
                assert!((list.top - top).abs() < 1e-6 && !list.is_stuck());
            }
        }
        assert!(seen > (2 << 20) + 1_000_000, "{seen}");
        list.set_top(1000.0);
        list.scrolled(list.spacer() - 400.0);
        assert_eq!(list.window().end, 4 << 20);
        list.set_top(list.top - 100.0);
        list.scrolled(list.scroll + 100.0);
        assert_eq!(list.window().end, 4 << 20);
        list.scrolled(0.0);
        assert_eq!(list.window().start, 0);
    }

    #[test]
    fn a_row_is_brought_into_sight() {
        let mut list = list(4 << 20);
        for row in [0, 5, 1000, 2 << 20, (4 << 20) - 1] {
            list.set_top(list.top_for(row));
            assert!(list.window().contains(&row), "{row}");
            let place = list.place(row) - list.scroll;
            assert!((0.0..=378.0).contains(&place), "{row}: {place}");
            assert_eq!(list.top_for(row), list.top);
        }
    }
}
