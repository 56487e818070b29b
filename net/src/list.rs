//! Comma-separated lists, as people and tools write them.

/// Returns the items of a list. The items, or the whole list, may have spaces and quotes around
/// them, as files of environment variables keep them; empty items are left out.
///
/// ```
/// for list in [r#""a.example, b.example,""#, "'a.example' , b.example"] {
///     let items: Vec<_> = net::list::items(list).collect();
///     assert_eq!(items, ["a.example", "b.example"]);
/// }
/// ```
pub fn items(list: &str) -> impl Iterator<Item = &str> {
    let items = without_quotes(list).split(',').map(without_quotes);
    items.filter(|item| !item.is_empty())
}

fn without_quotes(text: &str) -> &str {
    let text = text.trim();
    let quoted = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    let inner = quoted('"').or_else(|| quoted('\''));
    // Not in a list of quoted items: "a","b".
    inner
        .filter(|it| !it.contains(['"', '\'']))
        .unwrap_or(text)
        .trim()
}
