//! Alignment of two sequences: places where an item of each, or of one, stands.

use super::diff::Part;
use super::row::Differences;

/// Parts of two sequences side by side. Where one part is longer, the other has gaps at its end.
pub struct Aligned {
    parts: Vec<Part>,
    /// First place of each part, and the number of differences before it.
    begins: Vec<(usize, usize)>,
    /// Number of places.
    pub len: usize,
}

/// An item of each sequence in a place, by its index; `None` in a gap.
pub type Pair = [Option<usize>; 2];

impl Aligned {
    /// Aligns two sequences by their difference.
    pub fn new(parts: Vec<Part>) -> Self {
        let mut begins = Vec::with_capacity(parts.len());
        let (mut len, mut differences) = (0, 0);
        for part in &parts {
            begins.push((len, differences));
            len += part.left.len().max(part.right.len());
            differences += usize::from(!part.is_equal);
        }
        Self { parts, begins, len }
    }

    /// Returns the items in a place.
    pub fn at(&self, place: usize) -> Pair {
        let Some(index) = self.part_at(place) else {
            return [None, None];
        };
        let (part, within) = (&self.parts[index], place - self.begins[index].0);
        [&part.left, &part.right].map(|it| Some(it.start + within).filter(|&at| at < it.end))
    }

    /// Returns the number of the difference that a place is in.
    pub fn difference_at(&self, place: usize) -> usize {
        self.part_at(place).map_or(0, |index| self.begins[index].1)
    }

    /// Returns the differences, if a row has `width` places.
    pub fn differences(&self, width: usize) -> Differences {
        let mut differences = Differences::default();
        let Differences { rows, begins } = &mut differences;
        for (part, &(begin, _)) in self.parts.iter().zip(&self.begins) {
            if !part.is_equal {
                let end = begin + part.left.len().max(part.right.len());
                let first = begin / width;
                let is_shared = rows.last() == Some(&first);
                begins.push(rows.len() - usize::from(is_shared));
                rows.extend(first + usize::from(is_shared)..end.div_ceil(width));
            }
        }
        differences
    }

    fn part_at(&self, place: usize) -> Option<usize> {
        let after = self.begins.partition_point(|it| it.0 <= place);
        let index = after.checked_sub(1)?;
        (place < self.len).then_some(index)
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
        let aligned = Aligned::new(parts.to_vec());
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
        let differences = |width| {
            let Differences { rows, begins } = aligned.differences(width);
            (rows, begins)
        };
        assert_eq!(differences(1), (vec![2, 3, 4], vec![0]));
        assert_eq!(differences(3), (vec![0, 1], vec![0]));
    }

    #[test]
    fn differences_that_share_a_row_begin_in_it() {
        let part = |places: std::ops::Range<usize>, is_equal| Part {
            left: places.clone(),
            right: places,
            is_equal,
        };
        let parts = vec![
            part(0..1, false),
            part(1..2, true),
            part(2..9, false),
            part(9..12, true),
            part(12..13, false),
        ];
        let aligned = Aligned::new(parts);
        let Differences { rows, begins } = aligned.differences(4);
        assert_eq!((rows, begins), (vec![0, 1, 2, 3], vec![0, 0, 3]));
        assert_eq!(
            [0, 2, 8, 12].map(|it| aligned.difference_at(it)),
            [0, 1, 1, 2]
        );
    }
}
