//! Markup of a comparison: its form, and its rows as a table.

use web_core::format::count;
use web_core::language::Language;
use web_core::shown_message::ShownMessage;

use super::listing::{Form, Listing};
use super::row::{Mark, Row, Run, Side};
use crate::details::head;
use crate::dialog;
use crate::markup::{Markup, element, join, text};

/// Facts of a message, and the length of its payload.
pub type Facts = (ShownMessage, usize);

/// Returns the content of the dialog, whose rows are drawn later.
pub fn form(
    t: Language,
    messages: &[Facts; 2],
    forms: &[Form],
    chosen: Form,
    note: &str,
) -> Markup {
    let option = |&form: &Form| {
        let mut attributes = vec![("value", form.key())];
        if form == chosen {
            attributes.push(("selected", ""));
        }
        let name = match form {
            Form::Text => t.plain_text(),
            Form::Fields => t.fields(),
            Form::Bytes => "Hex",
        };
        element("option", &attributes, &[text(name)])
    };
    let select = [("id", "compare-as"), ("aria-label", t.compare_as())];
    let select = element("select", &select, &[join(forms.iter().map(option))]);
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
            &[select, element("p", &summary, &[]), note_of(note), steps(t)],
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

/// Returns the buttons that step from difference to difference.
fn steps(t: Language) -> Markup {
    let button = |id: &str, name: &str, key: &str, keys: &str| {
        let attributes = [
            ("type", "button"),
            ("id", id),
            ("title", key),
            ("aria-keyshortcuts", keys),
        ];
        element("button", &attributes, &[text(name)])
    };
    let place = [("id", "compare-place"), ("role", "status")];
    element(
        "div",
        &[("id", "compare-steps")],
        &[
            element("p", &place, &[]),
            button(
                "compare-previous",
                t.previous_difference(),
                "Alt+↑",
                "Alt+ArrowUp",
            ),
            button(
                "compare-next",
                t.next_difference(),
                "Alt+↓",
                "Alt+ArrowDown",
            ),
        ],
    )
}

fn note_of(note: &str) -> Markup {
    element("p", &[("class", "muted")], &[text(note)])
}

fn head(sign: &str, name: &str, t: Language, (message, len): &Facts) -> Markup {
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
pub fn rows(t: Language, rows: &[Row], form: Form) -> Markup {
    join(rows.iter().map(|row| match row {
        Row::Pair(left, right, differs) => pair(left, right, *differs),
        Row::Skipped(units) => note_row(&[text(&match form {
            Form::Text => t.equal_lines(*units),
            Form::Fields => t.equal_fields(*units),
            Form::Bytes => t.equal_bytes(*units),
        })]),
        Row::Earlier(rows) => page_row(t, &t.earlier_differences(*rows), "compare-earlier"),
        Row::Later(rows) => page_row(t, &t.later_differences(*rows), "compare-later"),
    }))
}

fn note_row(parts: &[Markup]) -> Markup {
    let cell = element("span", &[("role", "cell")], parts);
    element(
        "div",
        &[("class", "compare-note"), ("role", "row")],
        &[cell],
    )
}

/// Returns a note on another page, with the button that shows it.
fn page_row(t: Language, note: &str, id: &str) -> Markup {
    let button = [("type", "button"), ("id", id)];
    let button = element("button", &button, &[text(t.show_them())]);
    note_row(&[text(note), text(" "), button])
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
        Mark::Differs(number) => {
            element(mark, &[("data-difference", &number.to_string())], &[text])
        }
        Mark::Gap(number) => {
            let number = number.to_string();
            let attributes = [("class", "gap"), ("data-difference", number.as_str())];
            element("span", &attributes, &[text])
        }
        Mark::Note => element("span", &[("class", "muted")], &[text]),
    }
}

/// Returns the sentence on the differences: their number, and the bytes of each message in them.
pub fn summary(t: Language, listing: &Listing) -> String {
    let [left, right] = listing.bytes.map(|it| count(it as u64));
    match (listing.position.differences, listing.bytes) {
        (0, [0, 0]) => t.equal_messages().into(),
        (0, _) => t.equal_fields_alone(&left, &right),
        (differences, _) => t.differences(differences, &left, &right),
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
            runs: vec![run("<a ", Mark::Same), run("b", Mark::Differs(0))],
            chars: Vec::new(),
        };
        let right = Side {
            runs: vec![run("c", Mark::Differs(0)), run("  ", Mark::Gap(1))],
            ..Side::default()
        };
        let row = [
            Row::Pair(left, right, true),
            Row::Skipped(1234),
            Row::Later(7),
        ];
        let markup = rows(Language::English, &row, Form::Bytes);
        let html = markup.as_str();
        for part in [
            r#"class="compare-row differs""#,
            r#"&lt;a <del data-difference="0">b</del>"#,
            r#"<ins data-difference="0">c</ins><span class="gap" data-difference="1">  </span>"#,
            "1,234 equal bytes",
            "7 more rows with differences follow.",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
    }
}
