//! Markup as text: elements whose text and attributes are always escaped.

use std::fmt::Write as _;

/// Markup without anything unescaped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Markup(String);

/// Returns an element with its children.
pub fn element(name: &str, attributes: &[(&str, &str)], children: &[Markup]) -> Markup {
    let mut markup = void(name, attributes);
    for Markup(child) in children {
        markup.0 += child;
    }
    let _ = write!(markup.0, "</{name}>");
    markup
}

/// Returns an element that has no children and no end, such as `input`.
pub fn void(name: &str, attributes: &[(&str, &str)]) -> Markup {
    let mut markup = format!("<{name}");
    for (name, value) in attributes {
        let _ = write!(markup, " {name}=\"{}\"", escape(value));
    }
    markup.push('>');
    Markup(markup)
}

/// Returns a text.
pub fn text(text: &str) -> Markup {
    Markup(escape(text))
}

/// Joins markup.
pub fn join(parts: impl IntoIterator<Item = Markup>) -> Markup {
    Markup(parts.into_iter().map(|Markup(part)| part).collect())
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c => escaped.push(c),
        }
    }
    escaped
}

impl Markup {
    /// Returns the markup as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_attributes_are_escaped() {
        let attributes = [("title", "\"><script>")];
        let markup = element("b", &attributes, &[text("<img> & \"x\"")]);
        let expected = "<b title=\"&quot;&gt;&lt;script&gt;\">&lt;img&gt; &amp; &quot;x&quot;</b>";
        assert_eq!(markup.as_str(), expected);
        let joined = join([void("hr", &[]), text("a")]);
        assert_eq!(joined.as_str(), "<hr>a");
    }
}
