//! Stack of open arrays and objects, a bit for each level. A leaf: it uses no format.

use crate::scan::ScanState;

/// Deepest level of JSON and bencode: 8 KiB of bits.
pub(super) const MAX_LEVELS: usize = 65_536;

/// Opens a level; returns false if there are [`MAX_LEVELS`] already.
pub(super) fn push(state: &mut ScanState, has_keys: bool) -> bool {
    if state.open == MAX_LEVELS as u64 {
        return false;
    }
    let (word, bit) = place(state.open);
    if word == state.levels.len() {
        state.levels.push(0);
    }
    state.levels[word] &= !(1 << bit);
    state.levels[word] |= u64::from(has_keys) << bit;
    state.open += 1;
    true
}

/// Closes the innermost level, if there is one.
pub(super) fn pop(state: &mut ScanState) {
    state.open = state.open.saturating_sub(1);
}

/// Returns true if the innermost level is an object or a dictionary.
pub(super) fn has_keys(state: &ScanState) -> bool {
    let Some(innermost) = state.open.checked_sub(1) else {
        return false;
    };
    let (word, bit) = place(innermost);
    state.levels.get(word).is_some_and(|it| it >> bit & 1 == 1)
}

/// Returns the index of a level's word, and the bit in it.
const fn place(level: u64) -> (usize, u64) {
    ((level / 64) as usize, level % 64)
}
