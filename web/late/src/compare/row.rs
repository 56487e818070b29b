//! Rows of a comparison, before they are markup: both messages side by side.

use std::ops::Range;

/// Equal rows that are shown on either side of a difference.
const CONTEXT: usize = 2;
/// Rows with differences on a page: so many are drawn at once.
pub const PAGE: usize = 200;

/// Row of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// Both sides, and true if they differ.
    Pair(Side, Side, bool),
    /// Number of equal units that are left out: bytes, lines or fields.
    Skipped(usize),
    /// Number of rows with differences on the pages before.
    Earlier(usize),
    /// Number of rows with differences on the pages after.
    Later(usize),
}

/// Differences of two messages in a view of them.
#[derive(Debug, Default)]
pub struct Differences {
    /// Rows with differences, in order.
    pub rows: Vec<usize>,
    /// Place among `rows` at which each difference begins.
    pub begins: Vec<usize>,
}

impl Differences {
    /// Returns the number of the first difference that begins in the row at that place of `rows`,
    /// or after it.
    pub fn first_from(&self, place: usize) -> usize {
        self.begins.partition_point(|&begin| begin < place)
    }

    /// Returns the places among `rows` that a page has.
    pub fn on_page(&self, page: usize) -> Range<usize> {
        let begin = (page * PAGE).min(self.rows.len());
        begin..(begin + PAGE).min(self.rows.len())
    }
}

/// Side of a row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Side {
    /// Offset or line number; empty where there is nothing.
    pub label: String,
    /// Bytes in hexadecimal, or text.
    pub runs: Vec<Run>,
    /// Text beside bytes.
    pub chars: Vec<Run>,
}

/// Text with one mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Text.
    pub text: String,
    /// Mark.
    pub mark: Mark,
}

/// Mark of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Equal on both sides.
    Same,
    /// Difference of that number: unlike on the two sides, or on one side only.
    Differs(usize),
    /// Gap: only the other side has something of that difference here.
    Gap(usize),
    /// Note in place of a long equal text.
    Note,
}

/// Appends a text to runs, to the last one if it has that mark.
pub fn push(runs: &mut Vec<Run>, text: &str, mark: Mark) {
    match runs.last_mut() {
        Some(last) if last.mark == mark => last.text += text,
        _ => runs.push(Run {
            text: text.into(),
            mark,
        }),
    }
}

/// Lays out a page of the rows with differences, and some around them. `differing` has the numbers of
/// all such rows, `shown` the places in it of the page's. `rows` is the number of all rows, `skipped`
/// returns the number of units in rows that are left out.
pub fn with_context(
    differing: &[usize],
    shown: Range<usize>,
    rows: usize,
    skipped: impl Fn(Range<usize>) -> usize,
    row: impl Fn(usize) -> Row,
) -> Vec<Row> {
    let (earlier, later) = (shown.start, differing.len() - shown.end);
    let mut laid_out = Vec::new();
    // The first row that is not laid out yet, and the end of those around the last difference.
    let (mut next, mut until) = (0, 0);
    if let Some(before) = earlier.checked_sub(1) {
        laid_out.push(Row::Earlier(earlier));
        next = differing[before] + 1;
        until = next;
    }
    for &place in &differing[shown] {
        let begin = place.saturating_sub(CONTEXT);
        if begin > until + 1 {
            laid_out.extend((next..until).map(&row));
            laid_out.push(Row::Skipped(skipped(until..begin)));
            next = begin;
        }
        laid_out.extend((next..=place).map(&row));
        next = place + 1;
        until = (next + CONTEXT).min(rows);
    }
    if later > 0 {
        laid_out.push(Row::Later(later));
        return laid_out;
    }
    laid_out.extend((next..until).map(&row));
    if until < rows {
        laid_out.push(Row::Skipped(skipped(until..rows)));
    }
    laid_out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laid_out(differing: &[usize], shown: Range<usize>, rows: usize) -> Vec<String> {
        let row = |place: usize| {
            let label = place.to_string();
            Row::Pair(
                Side {
                    label,
                    ..Side::default()
                },
                Side::default(),
                false,
            )
        };
        let rows = with_context(differing, shown, rows, |rows| rows.len(), row);
        let text = |row: Row| match row {
            Row::Pair(left, ..) => left.label,
            Row::Skipped(rows) => format!("…{rows}"),
            Row::Earlier(rows) => format!("-{rows}"),
            Row::Later(rows) => format!("+{rows}"),
        };
        rows.into_iter().map(text).collect()
    }

    fn all(differing: &[usize], rows: usize) -> Vec<String> {
        laid_out(differing, 0..differing.len(), rows)
    }

    #[test]
    fn equal_rows_far_from_differences_are_left_out() {
        assert_eq!(all(&[], 9), ["…9"]);
        assert_eq!(all(&[0], 9), ["0", "1", "2", "…6"]);
        assert_eq!(all(&[5], 9), ["…3", "3", "4", "5", "6", "7", "…1"]);
        assert_eq!(all(&[0, 6], 7), ["0", "1", "2", "3", "4", "5", "6"]);
        let apart = ["0", "1", "2", "…2", "5", "6", "7"];
        assert_eq!(all(&[0, 7], 8), apart);
    }

    #[test]
    fn a_page_tells_the_rows_before_and_after_it() {
        let differing = [0, 1, 9, 10, 11];
        assert_eq!(laid_out(&differing, 0..2, 12), ["0", "1", "+3"]);
        let middle = ["-2", "…5", "7", "8", "9", "10", "+1"];
        assert_eq!(laid_out(&differing, 2..4, 12), middle);
        assert_eq!(laid_out(&differing, 4..5, 12), ["-4", "11"]);
    }

    #[test]
    fn differences_are_on_the_page_on_which_they_begin() {
        let differences = Differences {
            rows: (0..PAGE + 3).collect(),
            begins: vec![0, 0, 1, PAGE + 1],
        };
        assert_eq!(differences.on_page(0), 0..PAGE);
        assert_eq!(differences.on_page(1), PAGE..PAGE + 3);
        assert_eq!(differences.first_from(1), 2);
        assert_eq!(differences.first_from(PAGE), 3);
    }
}
