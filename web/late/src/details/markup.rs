//! Markup of rows: lines of text, and lines of a hex dump.

use std::ops::Range;

use super::rows::{Ink, Row};
use crate::cell::{Cell, Glyph, is_narrow};
use crate::markup::{Markup, element, join, text};

/// Returns a row of text. `is_lit` marks it.
pub fn line(row: &Row, is_lit: bool) -> Markup {
    let number = row.line.map(|it| it.to_string()).unwrap_or_default();
    let runs = row.runs.iter().map(|(ink, run)| match ink.class() {
        "" => text(run),
        class => element("span", &[("class", class)], &[text(run)]),
    });
    let class = if is_lit { "line lit" } else { "line" };
    element(
        "div",
        &[
            ("class", class),
            ("data-from", &row.bytes.start.to_string()),
            ("data-to", &row.bytes.end.to_string()),
        ],
        &[
            element(
                "span",
                &[("class", "number"), ("aria-hidden", "true")],
                &[text(&number)],
            ),
            element("bdi", &[("dir", "auto")], &[join(runs)]),
        ],
    )
}

impl Ink {
    fn class(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Escape => "escape",
            Self::Key => "key",
            Self::String => "string",
            Self::Literal => "literal",
        }
    }
}

/// Returns a row of a hex dump: offset, hexadecimal and text of its cells. Cells whose offset is
/// in `lit` are marked.
pub fn dump_row(offset: usize, digits: usize, cells: &[Cell], lit: &Range<usize>) -> Markup {
    let class = |place: usize, cell: &Cell, more: &str| {
        let lit = if lit.contains(&(offset + place)) {
            " lit"
        } else {
            ""
        };
        format!("{}{more}{lit}", cell.role.class())
    };
    let hex = cells.iter().enumerate().map(|(place, cell)| {
        let follows = cells.get(place + 1).is_some_and(|it| it.role == cell.role);
        let shown = format!("{:02x}", cell.byte);
        let inner = if follows { shown.clone() + " " } else { shown };
        let cell = element(
            "span",
            &[("class", &class(place, cell, ""))],
            &[text(&inner)],
        );
        match follows {
            true => cell,
            false => join([cell, text(" ")]),
        }
    });
    let chars = cells.iter().enumerate().map(|(place, cell)| {
        let (shown, more) = match cell.glyph {
            Glyph::Char(c) if is_narrow(c) => (c.to_string(), ""),
            Glyph::Char(c) => (c.to_string(), " cell"),
            Glyph::Continuation => (String::new(), " cell"),
            Glyph::Dot => (crate::cell::DOT.to_string(), ""),
        };
        element(
            "span",
            &[("class", &class(place, cell, more))],
            &[text(&shown)],
        )
    });
    element(
        "div",
        &[("class", "dump-row"), ("data-at", &offset.to_string())],
        &[
            element(
                "span",
                &[("class", "offset"), ("aria-hidden", "true")],
                &[text(&format!("{offset:0digits$x}"))],
            ),
            element("code", &[("class", "hex")], &[join(hex)]),
            element("code", &[("class", "text")], &[join(chars)]),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::{ByteRole, cells};

    #[test]
    fn a_dump_row_has_a_cell_for_each_byte_twice() {
        let mut bytes = cells(ByteRole::Header, b"\x05\0");
        bytes.extend(cells(ByteRole::Payload, "日<".as_bytes()));
        let markup = dump_row(16, 4, &bytes, &(18..19));
        let expected = concat!(
            r#"<div class="dump-row" data-at="16"><span class="offset" aria-hidden="true">0010</span>"#,
            r#"<code class="hex"><span class="header">05 </span><span class="header">00</span> "#,
            r#"<span class="payload lit">e6 </span><span class="payload">97 </span>"#,
            r#"<span class="payload">a5 </span><span class="payload">3c</span> </code>"#,
            r#"<code class="text"><span class="header">·</span><span class="header">·</span>"#,
            r#"<span class="payload cell lit">日</span><span class="payload cell"></span>"#,
            r#"<span class="payload cell"></span><span class="payload">&lt;</span></code></div>"#,
        );
        assert_eq!(markup.as_str(), expected);
    }

    #[test]
    fn a_line_has_a_number_and_isolated_text() {
        let row = Row {
            runs: vec![(Ink::Plain, "<b>".into()), (Ink::Escape, "\\r".into())],
            bytes: 4..8,
            line: Some(2),
        };
        let expected = concat!(
            r#"<div class="line" data-from="4" data-to="8"><span class="number" aria-hidden="true">2</span>"#,
            r#"<bdi dir="auto">&lt;b&gt;<span class="escape">\r</span></bdi></div>"#,
        );
        assert_eq!(line(&row, false).as_str(), expected);
    }
}
