//! Dictionary of Japanese texts by their English ones. The page's first program is compiled without
//! Japanese (feature `dictionary`), which few visits need: it loads these texts as a file.

use std::cell::Cell;
use std::fmt::{Display, Write};

type Entry = (&'static str, &'static str);

thread_local! {
    static ENTRIES: Cell<&'static [Entry]> = const { Cell::new(&[]) };
}

/// Sets the dictionary: lines of an English text, a tab, and the Japanese one, sorted by the
/// English texts. It is kept until the page is closed.
pub fn set(lines: String) {
    let entries: Vec<Entry> = lines
        .leak()
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .collect();
    ENTRIES.set(entries.leak());
}

/// Returns true if no dictionary was set.
pub fn is_empty() -> bool {
    ENTRIES.get().is_empty()
}

/// Returns a text in Japanese by the English one. A text without an entry stays English.
pub fn japanese(english: &'static str) -> &'static str {
    let entries = ENTRIES.get();
    match entries.binary_search_by(|entry| entry.0.cmp(english)) {
        Ok(index) => entries[index].1,
        Err(_) => english,
    }
}

/// Fills the braces of a text with values: by their number in the braces, or in their order.
pub fn fill(text: &str, values: &[&dyn Display]) -> String {
    let mut parts = text.split('{');
    let mut filled = String::from(parts.next().unwrap_or_default());
    for (place, part) in parts.enumerate() {
        let (name, after) = part.split_once('}').unwrap_or_default();
        let index = match name.as_bytes() {
            [digit @ b'0'..=b'9'] => usize::from(digit - b'0'),
            _ => place,
        };
        if let Some(value) = values.get(index) {
            // Strings have room.
            let _ = write!(filled, "{value}");
        }
        filled += after;
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_looked_up() {
        assert_eq!(japanese("Open"), "Open");
        set("Close\t閉じる\nOpen\t接続済み\n{n} new\t新着 {0} 件\n".into());
        assert_eq!(japanese("Open"), "接続済み");
        assert_eq!(japanese("{n} new"), "新着 {0} 件");
        assert_eq!(japanese("Other"), "Other");
    }

    #[test]
    fn values_are_filled_in_by_order_or_number() {
        let check = |text, expected: &str| assert_eq!(fill(text, &[&1, &"b"]), expected, "{text}");
        check("{count} of {all}.", "1 of b.");
        check("{1} 件中 {0} 件", "b 件中 1 件");
        check("{a}{b}", "1b");
        check("none", "none");
    }
}
