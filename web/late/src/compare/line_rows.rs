//! Lines of two messages side by side: in those that differ, the characters that do.

use std::ops::Range;

use web_core::format::{count, escape};

use super::aligned::Aligned;
use super::diff::{Part, Work, diff};
use super::row::{Differences, Mark, Row, Run, Side, push, with_context};

/// Most characters between two differences of a line that are shown, and those of them at its ends.
const MAX_EQUAL: usize = 120;
const ENDS: usize = 40;
/// Most characters of a difference that are shown.
const MAX_DIFFERENT: usize = 2000;
/// Longest equal run of characters that is noise between two differences.
const NOISE: usize = 3;

/// Lines of two texts, aligned by their difference.
pub struct LineRows<'a> {
    lines: [Vec<&'a [u8]>; 2],
    aligned: Aligned,
    /// Differences: of characters, in the lines that differ.
    pub differences: Differences,
    /// Parts of the lines in each row with differences, one row after another.
    parts: Vec<Part>,
    /// First of the parts of each row with differences.
    part_begins: Vec<usize>,
}

impl<'a> LineRows<'a> {
    /// Aligns the lines of two texts, and the characters of those that differ.
    pub fn new(texts: [&'a [u8]; 2], work: &mut Work) -> Self {
        let lines = texts.map(|text| text.split(|&byte| byte == b'\n').collect::<Vec<_>>());
        let aligned = Aligned::new(diff(&lines[0], &lines[1], 0, work));
        let rows = aligned.differences(1).rows;
        let mut lined = Self {
            lines,
            aligned,
            differences: Differences::default(),
            parts: Vec::new(),
            part_begins: Vec::with_capacity(rows.len()),
        };
        for (place, &row) in rows.iter().enumerate() {
            let parts = line_parts(lined.at(row), work);
            let differing = parts.iter().filter(|it| !it.is_equal);
            let begins = differing.map(|_| place);
            lined.differences.begins.extend(begins);
            lined.part_begins.push(lined.parts.len());
            lined.parts.extend(parts);
        }
        lined.differences.rows = rows;
        lined
    }

    /// Returns the rows of a page: see [`with_context`].
    pub fn rows(&self, shown: Range<usize>) -> Vec<Row> {
        with_context(
            &self.differences.rows,
            shown,
            self.aligned.len,
            |rows| rows.len(),
            |row| self.row(row),
        )
    }

    fn at(&self, row: usize) -> [Option<&'a [u8]>; 2] {
        let pair = self.aligned.at(row);
        [0, 1].map(|which| pair[which].map(|it| self.lines[which][it]))
    }

    fn row(&self, row: usize) -> Row {
        let found = self.differences.rows.binary_search(&row).ok();
        let [left_runs, right_runs] = match found {
            Some(place) => self.marked_runs(place, row),
            None => self.at(row).map(plain),
        };
        let [left, right] = self.aligned.at(row);
        let side = |line: Option<usize>, runs| Side {
            label: line.map_or_else(String::new, |it| count(it as u64 + 1)),
            runs,
            chars: Vec::new(),
        };
        Row::Pair(
            side(left, left_runs),
            side(right, right_runs),
            found.is_some(),
        )
    }

    /// Returns the runs of two lines, with their differences marked.
    fn marked_runs(&self, place: usize, row: usize) -> [Vec<Run>; 2] {
        let lines = self.at(row);
        let symbols = lines.map(|line| line.map(symbols).unwrap_or_default());
        let end = self.part_begins.get(place + 1);
        let parts = self.part_begins[place]..end.map_or(self.parts.len(), |it| *it);
        let mut number = self.differences.first_from(place);
        let mut runs = [Vec::new(), Vec::new()];
        for part in &self.parts[parts] {
            for (which, range) in [&part.left, &part.right].into_iter().enumerate() {
                let (runs, symbols) = (&mut runs[which], &symbols[which][range.clone()]);
                match part.is_equal {
                    true => push_equal(runs, symbols),
                    // An empty line that the other text does not have.
                    false if lines[which] == Some(b"") && lines[1 - which].is_none() => {
                        push(runs, "\\n", Mark::Differs(number));
                    }
                    false => push_different(runs, symbols, number),
                }
            }
            number += usize::from(!part.is_equal);
        }
        runs
    }
}

/// Returns the runs of an equal line.
fn plain(line: Option<&[u8]>) -> Vec<Run> {
    let mut runs = Vec::new();
    if let Some(line) = line {
        push_equal(&mut runs, &symbols(line));
    }
    runs
}

/// Returns the parts of two different lines, in symbols, of which at least one differs. Lines with
/// little in common differ as a whole.
fn line_parts(lines: [Option<&[u8]>; 2], work: &mut Work) -> Vec<Part> {
    let [left, right] = lines.map(|line| line.map(symbols).unwrap_or_default());
    let parts = diff(&left, &right, NOISE, work);
    let equal = parts.iter().filter(|it| it.is_equal);
    let equal: usize = equal.map(|it| it.left.len()).sum();
    if !parts.is_empty() && 4 * equal >= left.len().max(right.len()) {
        return parts;
    }
    vec![Part {
        left: 0..left.len(),
        right: 0..right.len(),
        is_equal: false,
    }]
}

/// Character, or byte of no character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Symbol {
    Char(char),
    Byte(u8),
}

fn symbols(line: &[u8]) -> Vec<Symbol> {
    let chunks = line.utf8_chunks();
    let symbols = chunks.flat_map(|it| {
        let chars = it.valid().chars().map(Symbol::Char);
        chars.chain(it.invalid().iter().map(|&byte| Symbol::Byte(byte)))
    });
    symbols.collect()
}

/// Returns symbols as text: what is invisible, and what is no text, escaped.
fn text_of(symbols: &[Symbol]) -> String {
    let mut text = String::new();
    for symbol in symbols {
        match symbol {
            Symbol::Char(c) => match escape(*c) {
                Some(escape) => text += &escape,
                None => text.push(*c),
            },
            Symbol::Byte(byte) => text += &format!("\\x{byte:02x}"),
        }
    }
    text
}

fn push_equal(runs: &mut Vec<Run>, symbols: &[Symbol]) {
    if symbols.len() <= MAX_EQUAL {
        return push(runs, &text_of(symbols), Mark::Same);
    }
    let (begin, rest) = symbols.split_at(ENDS);
    let (middle, end) = rest.split_at(rest.len() - ENDS);
    push(runs, &text_of(begin), Mark::Same);
    push(
        runs,
        &format!(" … {} … ", count(middle.len() as u64)),
        Mark::Note,
    );
    push(runs, &text_of(end), Mark::Same);
}

fn push_different(runs: &mut Vec<Run>, symbols: &[Symbol], number: usize) {
    let shown = &symbols[..symbols.len().min(MAX_DIFFERENT)];
    if !shown.is_empty() {
        push(runs, &text_of(shown), Mark::Differs(number));
    }
    if let left_out @ 1.. = symbols.len() - shown.len() {
        push(runs, &format!(" … {}", count(left_out as u64)), Mark::Note);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(left: &str, right: &str) -> Vec<String> {
        let run = |run: &Run| match run.mark {
            Mark::Differs(_) => format!("<{}>", run.text),
            _ => run.text.clone(),
        };
        let side = |side: Side| {
            let runs: String = side.runs.iter().map(run).collect();
            format!("{} {runs}", side.label)
        };
        let row = |row: Row| match row {
            Row::Pair(left, right, _) => format!("{} | {}", side(left), side(right)),
            Row::Skipped(lines) => format!("… {lines}"),
            Row::Earlier(rows) | Row::Later(rows) => format!("+ {rows}"),
        };
        let texts = [left.as_bytes(), right.as_bytes()];
        let rows = LineRows::new(texts, &mut Work::new(1 << 20));
        let all = rows.rows(0..rows.differences.rows.len());
        all.into_iter().map(row).collect()
    }

    #[test]
    fn lines_are_aligned_and_their_differences_marked() {
        assert_eq!(
            shown(
                "GET / HTTP/1.1\nHost: a\n\n",
                "GET /x HTTP/1.1\nHost: a\nAccept: *\n\n"
            ),
            [
                "1 GET / HTTP/1.1 | 1 GET /<x> HTTP/1.1",
                "2 Host: a | 2 Host: a",
                "  | 3 <Accept: *>",
                "3  | 4 ",
                "4  | 5 ",
            ]
        );
    }

    #[test]
    fn lines_with_little_in_common_differ_as_a_whole() {
        assert_eq!(shown("echo : one", "xyz"), ["1 <echo : one> | 1 <xyz>"]);
        assert_eq!(shown("id=1", "id=2"), ["1 id=<1> | 1 id=<2>"]);
    }

    #[test]
    fn long_equal_text_in_a_line_is_left_out() {
        let long = "x".repeat(500);
        let rows = shown(&format!("{long}1"), &format!("{long}2"));
        let ends = "x".repeat(ENDS);
        let side = |last| format!("1 {ends} … 420 … {ends}<{last}>");
        assert_eq!(rows, [format!("{} | {}", side(1), side(2))]);
    }

    #[test]
    fn bytes_that_are_no_text_are_escaped() {
        let texts: [&[u8]; 2] = [b"a\xff\tb", b"a\xfe\tb"];
        let rows = LineRows::new(texts, &mut Work::new(99));
        let texts = |runs: Vec<Run>| runs.into_iter().map(|it| it.text).collect::<Vec<_>>();
        let [left, right] = rows.marked_runs(0, 0).map(texts);
        assert_eq!(left, ["a", "\\xff", "\\tb"]);
        assert_eq!(right, ["a", "\\xfe", "\\tb"]);
    }

    #[test]
    fn a_line_has_as_many_differences_as_parts_that_differ() {
        let texts: [&[u8]; 2] = [
            b"same\nid=1, name=bob\nend",
            b"same\nid=2, name=bobby\nend\n",
        ];
        let rows = LineRows::new(texts, &mut Work::new(1 << 20));
        let Differences {
            rows: lines,
            begins,
        } = &rows.differences;
        assert_eq!((&lines[..], &begins[..]), (&[1, 3][..], &[0, 0, 1][..]));
        let [left, right] = rows.marked_runs(1, 3);
        assert_eq!((left.len(), &*right[0].text), (0, "\\n"));
        assert_eq!(right[0].mark, Mark::Differs(2));
    }
}
