//! Order of a layout: a field that takes all bytes to the end has to be the last.

use super::types::{Item, Kind, Layout, Len, Repeat, When};
use crate::text_problem::TextProblem;

/// Returns the problem of a layout, if it has one.
pub(super) fn check(layout: &Layout) -> Option<TextProblem> {
    let lines = &layout.lines;
    if lines.is_empty() {
        return Some(TextProblem::NoFields);
    }
    for (n, line) in lines.iter().enumerate() {
        let mut later = lines[n + 1..].iter();
        let is_last = match line.when {
            When::Always => n + 1 == lines.len(),
            _ => later.all(|it| !matches!(it.when, When::Always)),
        };
        if let Some(problem) = items(&line.items, is_last) {
            return Some(problem);
        }
    }
    None
}

/// Finds a field that takes all bytes without being the last.
fn items(items: &[Item], is_last: bool) -> Option<TextProblem> {
    let count = items.len();
    items
        .iter()
        .enumerate()
        .find_map(|(n, it)| item(it, is_last && n + 1 == count))
}

fn item(item: &Item, is_last: bool) -> Option<TextProblem> {
    let name = &item.name;
    if matches!(item.repeat, Repeat::Rest) && !is_last {
        return Some(TextProblem::EndlessList(name.clone()));
    }
    let is_last = is_last && matches!(item.repeat, Repeat::Once);
    match &item.kind {
        Kind::Text(Len::Rest) | Kind::Bytes(Len::Rest) | Kind::Format(_, Len::Rest) if !is_last => {
            Some(TextProblem::EndlessField(name.clone()))
        }
        Kind::Group(inner) => items(inner, is_last),
        _ => None,
    }
}
