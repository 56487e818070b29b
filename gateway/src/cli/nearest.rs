//! Suggestions for mistyped names.

/// The least similarity of a suggestion, from 0 to 1.
const SIMILAR: f64 = 0.8;

/// Returns the one of `names` that is most similar to `mistyped`, if any is.
pub(super) fn nearest<'a>(mistyped: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let scored = names.map(|name| (strsim::jaro(mistyped, name), name));
    let best = scored.max_by(|(a, _), (b, _)| a.total_cmp(b));
    best.filter(|(score, _)| *score >= SIMILAR)
        .map(|(_, name)| name)
}
