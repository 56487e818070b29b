//! Markup of a comparison: its form, and its rows as a table.

use web_core::format::count;
use web_core::language::Language;
use web_core::shown_message::ShownMessage;

use super::row::{Mark, Row, Run, Side};
use crate::details::head;
use crate::dialog;
use crate::markup::{Markup, element, join, text};

/// Facts of a message that is compared, and the length of its payload.
pub type Compared = (ShownMessage, usize);

/// Returns the content of the dialog, whose rows are drawn later.
pub fn form(t: Language, messages: &[Compared; 2], is_text: bool, note: &str) -> Markup {
    let option = |value: &str, name: &str, is_chosen: bool| {
        let mut attributes = vec![("value", value)];
        if is_chosen {
            attributes.push(("selected", ""));
        }
        element("option", &attributes, &[text(name)])
    };
    let select = [("id", "compare-as"), ("aria-label", t.compare_as())];
    let select = element(
        "select",
        &select,
        &[
            option("text", t.plain_text(), is_text),
            option("hex", "Hex", !is_text),
        ],
    );
    let summary = [("id", "compare-summary"), ("role", "status")];
    let [left, right] = messages;
    join([
        dialog::header(t, "compare-title", t.compare_title()),
        element(
            "div",
            &[("class", "compare-heads")],
            &[
                head("−", t.first_message(), t, left),
                head("+", t.second_message(), t, right),
            ],
        ),
        element(
            "div",
            &[("class", "buttons")],
            &[select, element("p", &summary, &[]), note_of(note)],
        ),
        element(
            "div",
            &[
                ("id", "compare-rows"),
                ("tabindex", "0"),
                ("role", "table"),
                ("aria-label", t.compare_title()),
            ],
            &[],
        ),
    ])
}

fn note_of(note: &str) -> Markup {
    element("p", &[("class", "muted")], &[text(note)])
}

fn head(sign: &str, name: &str, t: Language, (message, len): &Compared) -> Markup {
    element(
        "p",
        &[],
        &[
            element("b", &[], &[text(&format!("{sign} {name}"))]),
            head::facts(t, message, *len),
        ],
    )
}

/// Returns the rows of the table.
pub fn rows(t: Language, rows: &[Row], is_text: bool) -> Markup {
    join(rows.iter().map(|row| match row {
        Row::Pair(left, right, differs) => pair(left, right, *differs),
        Row::Skipped(units) => {
            let note = match is_text {
                true => t.equal_lines(*units),
                false => t.equal_bytes(*units),
            };
            note_row(&note)
        }
        Row::More(rows) => note_row(&t.more_differences(*rows)),
    }))
}

fn note_row(note: &str) -> Markup {
    let cell = element("span", &[("role", "cell")], &[text(note)]);
    element(
        "div",
        &[("class", "compare-note"), ("role", "row")],
        &[cell],
    )
}

fn pair(left: &Side, right: &Side, differs: bool) -> Markup {
    let class = if differs {
        "compare-row differs"
    } else {
        "compare-row"
    };
    let sides = [
        side(left, "left", "−", "del"),
        side(right, "right", "+", "ins"),
    ];
    element("div", &[("class", class), ("role", "row")], &sides)
}

/// Returns a side of a row: its sign, offset or line number, bytes or text, and text beside bytes.
fn side(side: &Side, class: &str, sign: &str, mark: &str) -> Markup {
    let class = format!("side {class}");
    let runs = |class: &str, runs: &[Run]| {
        let runs = runs.iter().map(|it| run(it, mark));
        element("code", &[("class", class)], &[join(runs)])
    };
    let mut parts = vec![
        element(
            "span",
            &[("class", "sign"), ("aria-hidden", "true")],
            &[text(sign)],
        ),
        element("span", &[("class", "number")], &[text(&side.label)]),
        runs("runs", &side.runs),
    ];
    if !side.chars.is_empty() {
        // The bytes are read already.
        let chars = runs("chars", &side.chars);
        parts.push(element("span", &[("aria-hidden", "true")], &[chars]));
    }
    element("div", &[("class", &class), ("role", "cell")], &parts)
}

/// Returns a run, in the element of its side if it differs.
fn run(run: &Run, mark: &str) -> Markup {
    let text = text(&run.text);
    match run.mark {
        Mark::Same => text,
        Mark::Differs => element(mark, &[], &[text]),
        Mark::Gap => element("span", &[("class", "gap")], &[text]),
        Mark::Note => element("span", &[("class", "muted")], &[text]),
    }
}

/// Returns the sentence on the differences: the bytes of each message, and the places.
pub fn summary(t: Language, bytes: [usize; 2], places: usize) -> String {
    match places {
        0 => t.equal_messages().into(),
        places => t.differences(places, &count(bytes[0] as u64), &count(bytes[1] as u64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_elements_of_their_side() {
        let run = |text: &str, mark| Run {
            text: text.into(),
            mark,
        };
        let left = Side {
            label: "0".into(),
            runs: vec![run("<a ", Mark::Same), run("b", Mark::Differs)],
            chars: Vec::new(),
        };
        let right = Side {
            runs: vec![run("c", Mark::Differs), run("  ", Mark::Gap)],
            ..Side::default()
        };
        let row = [Row::Pair(left, right, true), Row::Skipped(1234)];
        let markup = rows(Language::English, &row, false);
        let html = markup.as_str();
        for part in [
            r#"class="compare-row differs""#,
            "&lt;a <del>b</del>",
            r#"<ins>c</ins><span class="gap">  </span>"#,
            "1,234 equal bytes",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
    }
}
