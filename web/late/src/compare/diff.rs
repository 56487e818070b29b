//! Difference of two sequences: the parts that are equal, and those that replace each other. The
//! common beginning and end are taken off first, then the rest is aligned by the greedy algorithm of
//! Myers ("An O(ND) Difference Algorithm", 1986), whose work is bounded.

use std::ops::Range;

/// Most edits that one search looks for. Its trace takes the square of that.
const MAX_EDITS: usize = 1000;

/// Part of two sequences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Place in the first sequence.
    pub left: Range<usize>,
    /// Place in the second one.
    pub right: Range<usize>,
    /// True if both are equal there.
    pub is_equal: bool,
}

/// Comparisons that are left to be made: the same for all sequences that a view compares.
#[derive(Debug)]
pub struct Work {
    left: usize,
    /// True if there were too few, so that some parts are longer than they had to be.
    pub is_exhausted: bool,
}

/// A run of equal items: its places in both sequences, and its length.
type Run = (usize, usize, usize);

impl Work {
    /// Allows so many comparisons.
    pub fn new(comparisons: usize) -> Self {
        Self {
            left: comparisons,
            is_exhausted: false,
        }
    }

    /// Returns false if none are left.
    fn spend(&mut self, comparisons: usize) -> bool {
        self.left = self.left.saturating_sub(comparisons);
        self.left > 0
    }
}

/// Returns the parts of two sequences, in order: they cover both. Equal runs of at most `noise` items
/// that are shorter than the differences on either side count as different, because they are chance.
pub fn diff<T: PartialEq>(left: &[T], right: &[T], noise: usize, work: &mut Work) -> Vec<Part> {
    let begin = common(left.iter().zip(right));
    let (rest_left, rest_right) = (&left[begin..], &right[begin..]);
    let end = common(rest_left.iter().rev().zip(rest_right.iter().rev()));
    let ends = (left.len() - end, right.len() - end);
    let mut runs = vec![(0, 0, begin)];
    let (mut x, mut y) = (begin, begin);
    while x < ends.0 && y < ends.1 {
        if !work.spend(1) {
            work.is_exhausted = true;
            break;
        }
        let (found, length) = search(&left[x..ends.0], &right[y..ends.1], work);
        runs.extend(found.into_iter().map(|(a, b, len)| (x + a, y + b, len)));
        (x, y) = (x + length.0, y + length.1);
    }
    let end_run = (ends.0, ends.1, end);
    let parts = parts(&runs, end_run, (left.len(), right.len()));
    without_noise(parts, noise)
}

/// Returns the number of equal pairs before the first unequal one.
fn common<'a, T: PartialEq + 'a>(pairs: impl Iterator<Item = (&'a T, &'a T)>) -> usize {
    pairs.take_while(|(a, b)| a == b).count()
}

/// Returns runs of equal items in order, and the lengths of the beginnings that they align: those
/// that reach furthest with [`MAX_EDITS`] edits, or with the work that is left.
fn search<T: PartialEq>(left: &[T], right: &[T], work: &mut Work) -> (Vec<Run>, (usize, usize)) {
    let (n, m) = (left.len() as isize, right.len() as isize);
    // For each number of edits, the places reached in `left` on the diagonals `x - y`, every second.
    let mut trace: Vec<Vec<isize>> = Vec::new();
    for edits in 0..=MAX_EDITS as isize {
        let mut reached = Vec::with_capacity(edits as usize + 1);
        for diagonal in (-edits..=edits).step_by(2) {
            let from = trace.last().map_or(0, |before| start(before, diagonal));
            let mut x = from;
            // A place outside of the sequences leads nowhere.
            while (0..n).contains(&x)
                && (0..m).contains(&(x - diagonal))
                && left[x as usize] == right[(x - diagonal) as usize]
            {
                x += 1;
            }
            reached.push(x);
            let is_left = work.spend((x - from) as usize + 1);
            if x >= n && x - diagonal >= m {
                trace.push(reached);
                return (runs(&trace, diagonal), (left.len(), right.len()));
            }
            if !is_left && reached.len() < edits as usize + 1 {
                work.is_exhausted = true;
                return furthest(&trace, n, m);
            }
        }
        trace.push(reached);
    }
    furthest(&trace, n, m)
}

/// Returns the place in the first sequence from which a diagonal goes on after one more edit: an
/// insertion from the diagonal above, or a deletion from the one below, whichever is further.
fn start(before: &[isize], diagonal: isize) -> isize {
    let edits = before.len() as isize;
    let at = |diagonal: isize| {
        let place = (diagonal + edits - 1) / 2;
        let is_there = diagonal.abs() < edits;
        is_there.then(|| before[place as usize])
    };
    let (above, below) = (at(diagonal + 1), at(diagonal - 1));
    above.max(below.map(|x| x + 1)).unwrap_or_default()
}

/// Returns the runs to the place that is furthest in both sequences, inside of them.
fn furthest(trace: &[Vec<isize>], n: isize, m: isize) -> (Vec<Run>, (usize, usize)) {
    let Some(reached) = trace.last() else {
        return (Vec::new(), (n as usize, m as usize));
    };
    let edits = reached.len() as isize - 1;
    let places = reached.iter().zip((-edits..=edits).step_by(2));
    let inside = places.filter(|&(&x, diagonal)| x <= n && x - diagonal <= m);
    let best = inside.max_by_key(|&(&x, diagonal)| 2 * x - diagonal);
    match best {
        Some((&x, diagonal)) if x > 0 || x > diagonal => {
            (runs(trace, diagonal), (x as usize, (x - diagonal) as usize))
        }
        _ => (Vec::new(), (n as usize, m as usize)),
    }
}

/// Returns the equal runs of the way to a diagonal of the last edits.
fn runs(trace: &[Vec<isize>], mut diagonal: isize) -> Vec<Run> {
    let mut runs = Vec::new();
    for (edits, reached) in trace.iter().enumerate().rev() {
        let edits = edits as isize;
        let x = reached[((diagonal + edits) / 2) as usize];
        let from = match edits {
            0 => 0,
            _ => start(&trace[edits as usize - 1], diagonal),
        };
        if x > from {
            let y = from - diagonal;
            runs.push((from as usize, y as usize, (x - from) as usize));
        }
        if edits > 0 {
            let before = &trace[edits as usize - 1];
            let above = ((diagonal + edits) / 2) as usize;
            let is_insertion =
                diagonal + 1 < edits && before[above] == from || diagonal - 1 <= -edits;
            diagonal += if is_insertion { 1 } else { -1 };
        }
    }
    runs.reverse();
    runs
}

/// Returns the parts around the equal runs.
fn parts(runs: &[Run], end: Run, (left, right): (usize, usize)) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let (mut x, mut y) = (0, 0);
    let all = runs.iter().copied().chain([end, (left, right, 0)]);
    for (a, b, len) in all {
        if a > x || b > y {
            parts.push(Part {
                left: x..a,
                right: y..b,
                is_equal: false,
            });
        }
        match parts.last_mut() {
            _ if len == 0 => {}
            Some(last) if last.is_equal && last.left.end == a && last.right.end == b => {
                (last.left.end, last.right.end) = (a + len, b + len);
            }
            _ => parts.push(Part {
                left: a..a + len,
                right: b..b + len,
                is_equal: true,
            }),
        }
        (x, y) = (a + len, b + len);
    }
    parts
}

/// Joins differences that only noise is between.
fn without_noise(parts: Vec<Part>, noise: usize) -> Vec<Part> {
    let size = |part: &Part| part.left.len().max(part.right.len());
    let mut kept: Vec<Part> = Vec::new();
    let mut rest = parts.into_iter().peekable();
    while let Some(part) = rest.next() {
        let before = kept.last().filter(|it| !it.is_equal).map_or(0, size);
        let after = rest.peek().map_or(0, size);
        let len = part.left.len();
        let is_noise = part.is_equal && len <= noise && len < before && len < after;
        match kept.last_mut() {
            Some(last) if !last.is_equal && (is_noise || !part.is_equal) => {
                (last.left.end, last.right.end) = (part.left.end, part.right.end);
            }
            _ => kept.push(part),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A difference as text: `{removed|added}`.
    fn shown(left: &str, right: &str, noise: usize) -> String {
        let (a, b) = (left.as_bytes(), right.as_bytes());
        let mut work = Work::new(1 << 20);
        let parts = diff(a, b, noise, &mut work);
        assert!(!work.is_exhausted);
        let part = |it: &Part| match it.is_equal {
            true => left[it.left.clone()].to_owned(),
            false => format!(
                "{{{}|{}}}",
                &left[it.left.clone()],
                &right[it.right.clone()]
            ),
        };
        parts.iter().map(part).collect()
    }

    #[test]
    fn insertions_deletions_and_replacements_are_aligned() {
        let check = |left, right, expected: &str| assert_eq!(shown(left, right, 0), expected);
        check("", "", "");
        check("abc", "abc", "abc");
        check("", "abc", "{|abc}");
        check("abc", "", "{abc|}");
        check("abcdef", "abXdef", "ab{c|X}def");
        check("abcdef", "abdef", "ab{c|}def");
        check("one two three", "one 2 two free", "one {|2 }two {th|f}ree");
        check("aaaa", "aa", "aa{aa|}");
        check("abcabba", "cbabac", "{ab|}c{|b}ab{b|}a{|c}");
    }

    #[test]
    fn short_equal_runs_between_differences_are_noise() {
        assert_eq!(shown("1234a5678", "bcdeafghi", 3), "{1234a5678|bcdeafghi}");
        assert_eq!(shown("1a2", "baccc", 3), "{1|b}a{2|ccc}");
        assert_eq!(
            shown("1234aaaa5678", "bcdeaaaafghi", 3),
            "{1234|bcde}aaaa{5678|fghi}"
        );
    }

    /// The parts cover both sequences, and equal ones are equal.
    fn check_parts(left: &[u8], right: &[u8], parts: &[Part]) {
        let (mut x, mut y) = (0, 0);
        for part in parts {
            assert_eq!((part.left.start, part.right.start), (x, y));
            assert!(!part.left.is_empty() || !part.right.is_empty());
            let is_equal = left[part.left.clone()] == right[part.right.clone()];
            assert!(is_equal || !part.is_equal);
            (x, y) = (part.left.end, part.right.end);
        }
        assert_eq!((x, y), (left.len(), right.len()));
    }

    #[test]
    fn work_is_bounded_and_the_parts_stay_right() {
        // A linear congruential generator: bytes that have little in common.
        let mut seed = 1u32;
        let mut bytes = |len: usize, values: u32| -> Vec<u8> {
            let mut byte = || {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (seed >> 16) % values
            };
            (0..len).map(|_| byte() as u8).collect()
        };
        for values in [1, 2, 3, 256] {
            for (len, other) in [(10, 12), (300, 200), (5000, 6000), (100_000, 90_000)] {
                let (left, right) = (bytes(len, values), bytes(other, values));
                for limit in [1, 1000, 1 << 20] {
                    let mut work = Work::new(limit);
                    let parts = diff(&left, &right, 2, &mut work);
                    check_parts(&left, &right, &parts);
                }
            }
        }
    }

    #[test]
    fn a_long_message_with_many_changes_is_aligned_piece_by_piece() {
        let left: Vec<u8> = (0..200_000u32)
            .map(|it| (it.wrapping_mul(it) >> 7) as u8)
            .collect();
        let mut right = left.clone();
        for at in (0..190_000).step_by(95) {
            right.insert(at, 0xee);
        }
        let mut work = Work::new(8 << 20);
        let parts = diff(&left, &right, 0, &mut work);
        check_parts(&left, &right, &parts);
        assert!(!work.is_exhausted);
        let added: usize = parts
            .iter()
            .map(|it| if it.is_equal { 0 } else { it.right.len() })
            .sum();
        assert!((2000..2600).contains(&added), "{added}");
    }
}
