//! Lines of two messages side by side: in those that differ, the characters that do.

use web_core::format::{count, escape};

use super::aligned::Aligned;
use super::diff::{Part, Work, diff};
use super::row::{MAX_ROWS, Mark, Row, Run, Side, push, with_context};

/// Most characters between two differences of a line that are shown, and those of them at its ends.
const MAX_EQUAL: usize = 120;
const ENDS: usize = 40;
/// Most characters of a difference that are shown.
const MAX_DIFFERENT: usize = 2000;
/// Longest equal run of characters that is noise between two differences.
const NOISE: usize = 3;

/// Returns the rows of two texts' lines.
pub fn rows(texts: [&[u8]; 2], work: &mut Work) -> Vec<Row> {
    let lines = texts.map(|text| text.split(|&byte| byte == b'\n').collect::<Vec<_>>());
    let parts = diff(&lines[0], &lines[1], 0, work);
    let aligned = Aligned::new(&parts);
    let differing = aligned.differing(1);
    let at = |row| {
        let pair = aligned.at(row);
        [0, 1].map(|which| pair[which].map(|it| lines[which][it]))
    };
    // Only of rows that can be shown: each costs work.
    let marked = differing.iter().take(MAX_ROWS);
    let marked: Vec<_> = marked
        .map(|&row| (row, marked_runs(at(row), work)))
        .collect();
    let row = |row| {
        let found = marked.binary_search_by_key(&row, |it| it.0).ok();
        let runs = match found {
            Some(place) => marked[place].1.clone(),
            None => at(row).map(plain),
        };
        let [left, right] = aligned.at(row);
        let side = |line: Option<usize>, runs| Side {
            label: line.map_or_else(String::new, |it| count(it as u64 + 1)),
            runs,
            chars: Vec::new(),
        };
        let [left_runs, right_runs] = runs;
        Row::Pair(
            side(left, left_runs),
            side(right, right_runs),
            found.is_some(),
        )
    };
    with_context(
        differing.iter().copied(),
        aligned.len,
        |rows| rows.len(),
        row,
    )
}

/// Returns the runs of an equal line.
fn plain(line: Option<&[u8]>) -> Vec<Run> {
    let mut runs = Vec::new();
    if let Some(line) = line {
        push_equal(&mut runs, &symbols(line));
    }
    runs
}

/// Returns the runs of two lines, with their differences marked. Lines with little in common differ
/// as a whole.
fn marked_runs(lines: [Option<&[u8]>; 2], work: &mut Work) -> [Vec<Run>; 2] {
    let [left, right] = lines.map(|line| line.map(symbols).unwrap_or_default());
    let mut parts = diff(&left, &right, NOISE, work);
    let equal = parts.iter().filter(|it| it.is_equal);
    let equal: usize = equal.map(|it| it.left.len()).sum();
    if 4 * equal < left.len().max(right.len()) {
        parts = vec![Part {
            left: 0..left.len(),
            right: 0..right.len(),
            is_equal: false,
        }];
    }
    let mut runs = [Vec::new(), Vec::new()];
    for part in parts {
        let both = [&left[part.left.clone()], &right[part.right.clone()]];
        for (runs, symbols) in runs.iter_mut().zip(both) {
            match part.is_equal {
                true => push_equal(runs, symbols),
                false => push_different(runs, symbols),
            }
        }
    }
    runs
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

fn push_different(runs: &mut Vec<Run>, symbols: &[Symbol]) {
    let shown = &symbols[..symbols.len().min(MAX_DIFFERENT)];
    if !shown.is_empty() {
        push(runs, &text_of(shown), Mark::Differs);
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
            Mark::Differs => format!("<{}>", run.text),
            _ => run.text.clone(),
        };
        let side = |side: Side| {
            let runs: String = side.runs.iter().map(run).collect();
            format!("{} {runs}", side.label)
        };
        let row = |row: Row| match row {
            Row::Pair(left, right, _) => format!("{} | {}", side(left), side(right)),
            Row::Skipped(lines) => format!("… {lines}"),
            Row::More(rows) => format!("+ {rows}"),
        };
        let texts = [left.as_bytes(), right.as_bytes()];
        let rows = rows(texts, &mut Work::new(1 << 20));
        rows.into_iter().map(row).collect()
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
        let [left, right] = marked_runs([Some(b"a\xff\tb"), Some(b"a\xfe\tb")], &mut Work::new(99));
        let texts = |runs: Vec<Run>| runs.into_iter().map(|it| it.text).collect::<Vec<_>>();
        assert_eq!(texts(left), ["a", "\\xff", "\\tb"]);
        assert_eq!(texts(right), ["a", "\\xfe", "\\tb"]);
    }
}
