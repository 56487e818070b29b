//! Rows of a comparison as they are drawn: a page of those with differences, in one of the forms.

use std::ops::Range;

use super::byte_rows::{ByteRows, differing_bytes};
use super::diff::{Work, diff};
use super::line_rows::LineRows;
use super::row::{Differences, PAGE, Row};

/// Comparisons of a view: some 30 ms.
const MAX_WORK: usize = 8 << 20;
/// Longest equal run of bytes that is noise between two differences.
const NOISE: usize = 3;

/// Form in which messages are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Lines of text.
    Text,
    /// Fields, as lines.
    Fields,
    /// Bytes.
    Bytes,
}

impl Form {
    /// Returns the value of the select's option.
    pub fn key(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Fields => "fields",
            Self::Bytes => "hex",
        }
    }

    /// Returns the form of a key.
    pub fn from_key(key: &str) -> Self {
        match key {
            "text" => Self::Text,
            "fields" => Self::Fields,
            _ => Self::Bytes,
        }
    }
}

/// Difference to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The difference of that number.
    Difference(usize),
    /// The first one that begins on a page, or else the one that fills it.
    BeginOf(usize),
    /// The last one that begins on a page.
    EndOf(usize),
}

/// Position in a comparison: the present difference, and the page that shows it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Position {
    /// Number of the page.
    pub page: usize,
    /// Number of the present difference.
    pub difference: usize,
    /// Number of differences on all pages.
    pub differences: usize,
}

/// A page of a comparison's rows.
#[derive(Debug)]
pub struct Listing {
    /// Rows of the page.
    pub rows: Vec<Row>,
    /// Position of the page.
    pub position: Position,
    /// Number of bytes of each message that differ.
    pub bytes: [usize; 2],
    /// True if there were too many differences to align them all.
    pub is_rough: bool,
}

impl Listing {
    /// Compares two messages in a form, bytes in rows of `width`.
    pub fn new(
        payloads: [&[u8]; 2],
        fields: Option<[&str; 2]>,
        form: Form,
        width: usize,
        target: Target,
    ) -> Self {
        let mut work = Work::new(MAX_WORK);
        let parts = diff(payloads[0], payloads[1], NOISE, &mut work);
        let bytes = differing_bytes(payloads, &parts);
        let texts = match form {
            Form::Text => Some(payloads),
            Form::Fields => fields.map(|it| it.map(str::as_bytes)),
            Form::Bytes => None,
        };
        let (rows, position) = match texts {
            Some(texts) => {
                let lines = LineRows::new(texts, &mut work);
                page(&lines.differences, target, |places| lines.rows(places))
            }
            None => {
                let bytes = ByteRows::new(payloads, parts, width);
                page(&bytes.differences, target, |places| bytes.rows(places))
            }
        };
        Self {
            rows,
            position,
            bytes,
            is_rough: work.is_exhausted,
        }
    }
}

/// Returns the rows of the page that shows a difference, and its position.
fn page(
    differences: &Differences,
    target: Target,
    rows: impl Fn(Range<usize>) -> Vec<Row>,
) -> (Vec<Row>, Position) {
    let position = Position::new(differences, target);
    (rows(differences.on_page(position.page)), position)
}

impl Position {
    fn new(differences: &Differences, target: Target) -> Self {
        let last_of = |page: usize| differences.first_from((page + 1) * PAGE).saturating_sub(1);
        let (page, difference) = match target {
            Target::Difference(difference) => {
                let difference = difference.min(differences.begins.len().saturating_sub(1));
                let place = differences.begins.get(difference);
                (place.map_or(0, |it| it / PAGE), difference)
            }
            Target::BeginOf(page) => {
                let first = differences.first_from(page * PAGE);
                (page, first.min(last_of(page)))
            }
            Target::EndOf(page) => (page, last_of(page)),
        };
        Self {
            page,
            difference,
            differences: differences.begins.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes of which every second row of 16 differs.
    fn messages() -> [Vec<u8>; 2] {
        let mut seed = 1u32;
        let mut byte = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 16) % 200
        };
        let left: Vec<u8> = (0..490 * 32).map(|_| byte() as u8).collect();
        let mut right = left.clone();
        for byte in right.iter_mut().step_by(32) {
            *byte = 255;
        }
        [left, right]
    }

    fn listing(target: Target) -> Listing {
        let [left, right] = messages();
        Listing::new([&left, &right], None, Form::Bytes, 16, target)
    }

    #[test]
    fn every_difference_is_on_a_page() {
        let first = listing(Target::Difference(0));
        let differences = first.position.differences;
        assert_eq!((differences, first.bytes), (490, [490, 490]));
        assert_eq!(first.rows.last(), Some(&Row::Later(290)));
        let next = listing(Target::BeginOf(1));
        let Position {
            page, difference, ..
        } = next.position;
        assert_eq!((page, difference), (1, 200));
        assert_eq!(next.rows[0], Row::Earlier(200));
        assert_eq!(next.rows.last(), Some(&Row::Later(90)));
        let last = listing(Target::Difference(489));
        assert_eq!((last.position.page, &last.rows[0]), (2, &Row::Earlier(400)));
        assert_eq!(listing(Target::EndOf(0)).position.difference, 199);
    }

    #[test]
    fn a_difference_that_fills_a_page_is_the_present_one_there() {
        let differences = Differences {
            rows: (0..3 * PAGE).collect(),
            begins: vec![0, 2 * PAGE + 5],
        };
        let difference = |target| Position::new(&differences, target).difference;
        for target in [Target::BeginOf(1), Target::EndOf(1)] {
            assert_eq!(difference(target), 0, "{target:?}");
        }
        assert_eq!(difference(Target::BeginOf(2)), 1);
    }

    #[test]
    fn fields_may_be_equal_where_bytes_are_not() {
        let payloads: [&[u8]; 2] = [b"{\"a\":1}", b"{\"a\": 1}"];
        let listing = |form| Listing::new(payloads, Some(["a 1"; 2]), form, 16, Target::BeginOf(0));
        let fields = listing(Form::Fields);
        let differences = fields.position.differences;
        assert_eq!((differences, fields.bytes), (0, [0, 1]));
        assert_eq!(listing(Form::Text).position.differences, 1);
    }
}
