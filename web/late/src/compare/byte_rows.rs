//! Bytes of two messages side by side: equal ones in the same columns.

use std::ops::Range;

use web_core::format::count;

use super::aligned::{Aligned, Pair};
use super::diff::Part;
use super::row::{Differences, Mark, Row, Run, Side, push, with_context};

/// Bytes of two messages, aligned by their difference.
pub struct ByteRows<'a> {
    messages: [&'a [u8]; 2],
    aligned: Aligned,
    /// Columns of a row.
    width: usize,
    /// Differences.
    pub differences: Differences,
}

impl<'a> ByteRows<'a> {
    /// Aligns two messages by their difference, in rows of so many columns.
    pub fn new(messages: [&'a [u8]; 2], parts: Vec<Part>, width: usize) -> Self {
        let aligned = Aligned::new(parts);
        Self {
            messages,
            differences: aligned.differences(width),
            aligned,
            width,
        }
    }

    /// Returns the rows of a page: see [`with_context`].
    pub fn rows(&self, shown: Range<usize>) -> Vec<Row> {
        let columns = self.aligned.len;
        let skipped =
            |rows: Range<usize>| (rows.end * self.width).min(columns) - rows.start * self.width;
        let differing = &self.differences.rows;
        let rows = columns.div_ceil(self.width);
        with_context(differing, shown, rows, skipped, |row| self.row(row))
    }

    fn row(&self, row: usize) -> Row {
        let places = row * self.width..((row + 1) * self.width).min(self.aligned.len);
        let columns: Vec<Column> = places.map(|place| self.column(place)).collect();
        let differs = columns.iter().any(|it| it.difference.is_some());
        let [left, right] = [0, 1].map(|which| self.side(which, &columns));
        Row::Pair(left, right, differs)
    }

    fn column(&self, place: usize) -> Column {
        let pair = self.aligned.at(place);
        let [left, right] = [0, 1].map(|which| self.byte(which, &pair));
        Column {
            pair,
            difference: (left != right).then(|| self.aligned.difference_at(place)),
        }
    }

    fn byte(&self, which: usize, pair: &Pair) -> Option<u8> {
        pair[which].map(|at| self.messages[which][at])
    }

    fn side(&self, which: usize, columns: &[Column]) -> Side {
        let offset = columns.iter().find_map(|it| it.pair[which]);
        let (mut runs, mut chars): (Vec<Run>, Vec<Run>) = Default::default();
        for Column { pair, difference } in columns {
            let mark = difference.map_or(Mark::Same, Mark::Differs);
            let (hex, shown, mark) = match self.byte(which, pair) {
                None => ("  ".into(), ' ', difference.map_or(Mark::Same, Mark::Gap)),
                Some(byte @ 0x20..0x7f) => (hex(byte), char::from(byte), mark),
                Some(byte) => (hex(byte), '·', mark),
            };
            if let Some(last) = runs.last().map(|it| it.mark) {
                // Between two marks, the space has none.
                push(&mut runs, " ", if last == mark { mark } else { Mark::Same });
            }
            push(&mut runs, &hex, mark);
            push(&mut chars, shown.encode_utf8(&mut [0; 4]), mark);
        }
        // The text beside the last row stands where the others do.
        let missing = self.width - columns.len();
        push(&mut runs, &"   ".repeat(missing), Mark::Same);
        Side {
            label: offset.map_or_else(String::new, |it| count(it as u64)),
            runs,
            chars,
        }
    }
}

/// Bytes in a column, by their places, and the number of the difference that they are in.
struct Column {
    pair: Pair,
    difference: Option<usize>,
}

fn hex(byte: u8) -> String {
    format!("{byte:02x}")
}

/// Returns the number of bytes of each message that differ.
pub fn differing_bytes(messages: [&[u8]; 2], parts: &[Part]) -> [usize; 2] {
    let mut bytes = [0, 0];
    for part in parts.iter().filter(|it| !it.is_equal) {
        let [left, right] = [
            &messages[0][part.left.clone()],
            &messages[1][part.right.clone()],
        ];
        let equal = left.iter().zip(right).filter(|(a, b)| a == b).count();
        bytes[0] += left.len() - equal;
        bytes[1] += right.len() - equal;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::super::diff::{Work, diff};
    use super::*;

    fn shown(left: &[u8], right: &[u8], width: usize) -> Vec<String> {
        let parts = diff(left, right, 3, &mut Work::new(1 << 20));
        let rows = ByteRows::new([left, right], parts, width);
        let run = |run: &Run| match run.mark {
            Mark::Differs(_) => format!("<{}>", run.text),
            Mark::Gap(_) => "_".repeat(run.text.len().div_ceil(3)),
            _ => run.text.clone(),
        };
        let side = |side: Side| {
            let runs: String = side.runs.iter().map(run).collect();
            format!("{}: {}", side.label, runs.trim_end())
        };
        let row = |row: Row| match row {
            Row::Pair(left, right, _) => format!("{} | {}", side(left), side(right)),
            Row::Skipped(bytes) => format!("… {bytes}"),
            Row::Earlier(rows) | Row::Later(rows) => format!("+ {rows}"),
        };
        let all = rows.rows(0..rows.differences.rows.len());
        all.into_iter().map(row).collect()
    }

    #[test]
    fn equal_bytes_are_in_the_same_columns() {
        assert_eq!(
            shown(b"\x01\x02\x03", b"\x01\x09\x03", 4),
            ["0: 01 <02> 03 | 0: 01 <09> 03"]
        );
        assert_eq!(
            shown(b"abcdef", b"abXYcdef", 4),
            [
                "0: 61 62 __ | 0: 61 62 <58 59>",
                "2: 63 64 65 66 | 4: 63 64 65 66"
            ]
        );
        assert_eq!(shown(b"ab", b"", 4), ["0: <61 62> | : __"]);
        assert_eq!(shown(b"same", b"same", 4), ["… 4"]);
    }

    #[test]
    fn long_equal_parts_are_left_out() {
        let left = vec![7; 1000];
        let mut right = left.clone();
        right[500] = 8;
        let rows = shown(&left, &right, 8);
        assert_eq!((rows.len(), &*rows[0], &*rows[6]), (7, "… 480", "… 480"));
        assert_eq!(
            rows[3],
            "496: 07 07 07 07 <07> 07 07 07 | 496: 07 07 07 07 <08> 07 07 07"
        );
    }

    #[test]
    fn equal_bytes_of_a_replaced_part_are_not_counted() {
        let (left, right) = (b"\x01\x02\x03", b"\x09\x02\x08\x07");
        let parts = [Part {
            left: 0..3,
            right: 0..4,
            is_equal: false,
        }];
        assert_eq!(differing_bytes([left, right], &parts), [2, 3]);
    }

    #[test]
    fn marks_have_the_number_of_their_difference() {
        let (left, right) = (b"a1b2c3d4e", b"a0b2c3d0e");
        let parts = diff(left, right, 0, &mut Work::new(1 << 20));
        let rows = ByteRows::new([left, right], parts, 4);
        assert_eq!(rows.differences.begins, [0, 1]);
        let marks = |row: &Row| match row {
            Row::Pair(left, ..) => left.runs.iter().map(|it| it.mark).collect(),
            _ => Vec::new(),
        };
        let marks: Vec<_> = rows.rows(0..2).iter().flat_map(marks).collect();
        let numbers = marks.into_iter().filter(|it| *it != Mark::Same);
        assert_eq!(
            numbers.collect::<Vec<_>>(),
            [Mark::Differs(0), Mark::Differs(1)]
        );
    }
}
