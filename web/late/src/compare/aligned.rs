//! Alignment of two sequences: places where an item of each, or of one, stands.

use super::diff::Part;

/// Parts of two sequences side by side. Where one part is longer, the other has gaps at its end.
pub struct Aligned<'a> {
    parts: &'a [Part],
    /// The first place of each part.
    begins: Vec<usize>,
    /// Number of places.
    pub len: usize,
}

/// An item of each sequence in a place, by its index; `None` in a gap.
pub type Pair = [Option<usize>; 2];

impl<'a> Aligned<'a> {
    /// Aligns two sequences by their difference.
    pub fn new(parts: &'a [Part]) -> Self {
        let (mut begins, mut len) = (Vec::with_capacity(parts.len()), 0);
        for part in parts {
            begins.push(len);
            len += part.left.len().max(part.right.len());
        }
        Self { parts, begins, len }
    }

    /// Returns the items in a place.
    pub fn at(&self, place: usize) -> Pair {
        let index = self.begins.partition_point(|&begin| begin <= place);
        let Some(part) = index.checked_sub(1).and_then(|it| self.parts.get(it)) else {
            return [None, None];
        };
        let within = place - self.begins[index - 1];
        [&part.left, &part.right].map(|it| Some(it.start + within).filter(|&at| at < it.end))
    }

    /// Returns the numbers of the rows with differences, in order, if a row has `width` places.
    pub fn differing(&self, width: usize) -> Vec<usize> {
        let mut differing: Vec<usize> = Vec::new();
        for (part, &begin) in self.parts.iter().zip(&self.begins) {
            if !part.is_equal {
                let end = begin + part.left.len().max(part.right.len());
                let first = differing.last().map_or(0, |last| last + 1);
                differing.extend(first.max(begin / width)..end.div_ceil(width));
            }
        }
        differing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shorter_part_has_gaps_at_its_end() {
        let part = |left, right, is_equal| Part {
            left,
            right,
            is_equal,
        };
        let parts = [
            part(0..2, 0..2, true),
            part(2..3, 2..5, false),
            part(3..5, 5..7, true),
        ];
        let aligned = Aligned::new(&parts);
        let pairs: Vec<_> = (0..8).map(|place| aligned.at(place)).collect();
        let both = |left, right| [Some(left), Some(right)];
        let expected = [
            both(0, 0),
            both(1, 1),
            both(2, 2),
            [None, Some(3)],
            [None, Some(4)],
            both(3, 5),
            both(4, 6),
            [None, None],
        ];
        assert_eq!((pairs, aligned.len), (expected.to_vec(), 7));
        assert_eq!(aligned.differing(1), [2, 3, 4]);
        assert_eq!(aligned.differing(3), [0, 1]);
    }
}
