//! Order of a layout: a field that takes all bytes to the end has to be the last.

use super::types::{Item, Kind, Layout, Len, Repeat, When};

/// Returns the fault of a layout, if it has one.
pub(super) fn check(layout: &Layout) -> Option<String> {
    let lines = &layout.lines;
    if lines.is_empty() {
        return Some("the layout has no fields: expected such as \"u8 type, text name\"".into());
    }
    for (n, line) in lines.iter().enumerate() {
        let mut later = lines[n + 1..].iter();
        let is_last = match line.when {
            When::Always => n + 1 == lines.len(),
            _ => later.all(|it| !matches!(it.when, When::Always)),
        };
        if let Some(fault) = items(&line.items, is_last) {
            return Some(fault);
        }
    }
    None
}

/// Finds a field that takes all bytes without being the last.
fn items(items: &[Item], is_last: bool) -> Option<String> {
    let count = items.len();
    items
        .iter()
        .enumerate()
        .find_map(|(n, it)| item(it, is_last && n + 1 == count))
}

fn item(item: &Item, is_last: bool) -> Option<String> {
    let name = &item.name;
    if matches!(item.repeat, Repeat::Rest) && !is_last {
        return Some(format!(
            "{name}[] goes on to the end, so it has to be the last field"
        ));
    }
    let is_last = is_last && matches!(item.repeat, Repeat::Once);
    match &item.kind {
        Kind::Text(Len::Rest) | Kind::Bytes(Len::Rest) | Kind::Format(_, Len::Rest) if !is_last => {
            Some(format!(
                "{name} has no length and goes on to the end, so it has to be the last field: \
                 give it a length, such as :u16be, :12 or that of a field"
            ))
        }
        Kind::Group(inner) => items(inner, is_last),
        _ => None,
    }
}
