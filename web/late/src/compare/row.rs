//! Rows of a comparison, before they are markup: both messages side by side.

use std::ops::Range;

/// Equal rows that are shown on either side of a difference.
const CONTEXT: usize = 2;
/// Most rows that are shown.
pub const MAX_ROWS: usize = 2000;

/// Row of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// Both sides, and true if they differ.
    Pair(Side, Side, bool),
    /// So many equal units that are left out: bytes or lines.
    Skipped(usize),
    /// So many rows with differences that are left out at the end.
    More(usize),
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
    /// Different, or on one side only.
    Differs,
    /// Nothing: only the other side has something here.
    Gap,
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

/// Lays out the rows with differences, whose numbers are given in order, and some around them. `rows`
/// is the number of all, `skipped` the number of units in rows that are left out.
pub fn with_context(
    differing: impl Iterator<Item = usize>,
    rows: usize,
    skipped: impl Fn(Range<usize>) -> usize,
    row: impl Fn(usize) -> Row,
) -> Vec<Row> {
    // The first row that is not laid out yet, and the end of those around the last difference.
    let (mut next, mut until) = (0, 0);
    let (mut shown, mut left_out) = (Vec::new(), 0);
    for place in differing {
        if shown.len() >= MAX_ROWS {
            left_out += 1;
            continue;
        }
        let begin = place.saturating_sub(CONTEXT);
        if begin > until + 1 {
            shown.extend((next..until).map(&row));
            shown.push(Row::Skipped(skipped(until..begin)));
            next = begin;
        }
        shown.extend((next..=place).map(&row));
        next = place + 1;
        until = (next + CONTEXT).min(rows);
    }
    if left_out > 0 {
        shown.push(Row::More(left_out));
        return shown;
    }
    shown.extend((next..until).map(&row));
    if until < rows {
        shown.push(Row::Skipped(skipped(until..rows)));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(differing: &[usize], rows: usize) -> Vec<String> {
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
        let shown = with_context(differing.iter().copied(), rows, |rows| rows.len(), row);
        let text = |row: Row| match row {
            Row::Pair(left, ..) => left.label,
            Row::Skipped(rows) => format!("…{rows}"),
            Row::More(rows) => format!("+{rows}"),
        };
        shown.into_iter().map(text).collect()
    }

    #[test]
    fn equal_rows_far_from_differences_are_left_out() {
        assert_eq!(shown(&[], 9), ["…9"]);
        assert_eq!(shown(&[0], 9), ["0", "1", "2", "…6"]);
        assert_eq!(shown(&[5], 9), ["…3", "3", "4", "5", "6", "7", "…1"]);
        assert_eq!(shown(&[0, 6], 7), ["0", "1", "2", "3", "4", "5", "6"]);
        let apart = ["0", "1", "2", "…2", "5", "6", "7"];
        assert_eq!(shown(&[0, 7], 8), apart);
    }

    #[test]
    fn rows_beyond_the_most_are_counted() {
        let differing: Vec<_> = (0..MAX_ROWS + 7).collect();
        let shown = shown(&differing, MAX_ROWS + 7);
        assert_eq!(shown.len(), MAX_ROWS + 1);
        assert_eq!(shown[MAX_ROWS], "+7");
    }
}
