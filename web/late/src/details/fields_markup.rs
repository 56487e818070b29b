//! Markup of the Fields view: the choice of a format, the rows, and the editor of a value.

use fields::{Field, Format, Kind, SchemaUse};
use web_core::format::escape;
use web_core::language::Language;

use super::fields_view::{FieldsView, MAX_DECODED};
use crate::field_reason::of_stop;
use crate::markup::{Markup, element, join, text};
use crate::text_reason::of_text;

/// Value of the select for a guess.
pub const GUESS: &str = "guess";

/// Returns the form above the rows: the format, and the schema or layout.
pub fn form(t: Language, view: &FieldsView) -> Markup {
    let chosen = view.choice.format;
    let guessed = match (chosen, view.format) {
        (None, Some(format)) => t.guessed_format(format.title()),
        (None, None) => t.no_format_guessed().into(),
        (Some(_), _) => t.guess_format().into(),
    };
    let option = |value: &str, name: &str, is_chosen: bool| {
        let mut attributes = vec![("value", value)];
        if is_chosen {
            attributes.push(("selected", ""));
        }
        element("option", &attributes, &[text(name)])
    };
    let formats = Format::ALL.map(|format| {
        let name = match format {
            Format::Layout => t.own_layout(),
            format => format.title(),
        };
        option(format.name(), name, chosen == Some(format))
    });
    let select = [("id", "fields-format"), ("aria-label", t.format())];
    let select = element(
        "select",
        &select,
        &[option(GUESS, &guessed, chosen.is_none()), join(formats)],
    );
    let json = match view.has_json() {
        true => element(
            "button",
            &[("type", "button"), ("id", "fields-json")],
            &[text(t.write_json())],
        ),
        false => Markup::default(),
    };
    join([
        element(
            "div",
            &[("class", "fields-choice")],
            &[select, note(t, view), json],
        ),
        schema(t, view),
    ])
}

fn schema(t: Language, view: &FieldsView) -> Markup {
    let name = match view.choice.format {
        Some(Format::Layout) => t.layout_text(),
        Some(format) if format.schema_use() != SchemaUse::None => t.schema_text(),
        _ => return Markup::default(),
    };
    let is_wrong = view.decoded.is_err();
    let placeholder = match view.choice.format {
        Some(Format::Layout) => "u8 type, u32be seq\ntype=1: text:u16be user\nelse: bytes rest",
        Some(Format::Protobuf) => "message Event { uint32 id = 1; string name = 2; }",
        _ => r#"{"type": "record", "name": "Event", "fields": [{"name": "id", "type": "int"}]}"#,
    };
    let attributes = [
        ("id", "fields-schema"),
        ("rows", "4"),
        ("spellcheck", "false"),
        ("translate", "no"),
        ("placeholder", placeholder),
        ("aria-label", name),
        ("aria-invalid", if is_wrong { "true" } else { "false" }),
    ];
    element("textarea", &attributes, &[text(&view.choice.schema)])
}

/// Returns the state of the reading: what is wrong with the schema, or how far it came.
pub fn state(t: Language, view: &FieldsView) -> Markup {
    let stopped = match &view.decoded {
        Err(fault) => {
            let fault = text(&of_text(t, fault));
            return element("p", &[("class", "refusal")], &[fault]);
        }
        Ok(decoded) => decoded.stopped.as_ref(),
    };
    let Some(stopped) = stopped else {
        return Markup::default();
    };
    let why = of_stop(t, stopped.reason);
    element(
        "p",
        &[("class", "stopped")],
        &[text(&t.stopped_at(stopped.at, &why))],
    )
}

fn note(t: Language, view: &FieldsView) -> Markup {
    let mut notes = Vec::new();
    if let Some((name, len)) = view.unpacked {
        notes.push(t.unpacked_note(name, len, view.source.len()));
    }
    if view.is_cut() {
        notes.push(t.beginning_note(MAX_DECODED));
    }
    let is_guess = match &view.decoded {
        Ok(decoded) => decoded.is_guess || view.choice.format.is_none() && view.format.is_some(),
        Err(_) => false,
    };
    if is_guess {
        notes.push(t.guess_note().into());
    }
    if view.format.is_none() && !view.source.is_empty() {
        notes.push(t.no_format_fits().into());
    }
    element("span", &[("class", "muted")], &[text(&notes.join(" "))])
}

/// Returns a row: bytes, label, value and type.
pub fn row(place: usize, field: &Field, is_picked: bool) -> Markup {
    let last = field.range.end.saturating_sub(1).max(field.range.start);
    let range = match field.range.len() {
        0 | 1 => field.range.start.to_string(),
        _ => format!("{}–{last}", field.range.start),
    };
    let label = format!("{}{}", "  ".repeat(field.depth), shown(&field.label));
    let ellipsis = if field.is_cut { "…" } else { "" };
    let value = shown(&field.value) + ellipsis;
    let class = format!("value {}", ink(field.kind));
    let guess = if field.is_guess { " ?" } else { "" };
    let kind = format!("{}{guess}", field.type_name);
    element(
        "div",
        &[
            ("class", if is_picked { "field picked" } else { "field" }),
            ("data-field", &place.to_string()),
        ],
        &[
            element("span", &[("class", "range")], &[text(&range)]),
            element("span", &[("class", "label")], &[text(&label)]),
            element(
                "bdi",
                &[("class", &class), ("dir", "auto")],
                &[text(&value)],
            ),
            element("span", &[("class", "type")], &[text(&kind)]),
        ],
    )
}

fn ink(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Time => "string",
        Kind::Map | Kind::List => "group",
        Kind::Bytes => "bytes",
        _ => "literal",
    }
}

/// Returns a text on one line, what is invisible escaped.
pub fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match escape(c) {
            Some(escape) => shown += &escape,
            None => shown.push(c),
        }
    }
    shown
}

/// Returns the editor of the picked field's value.
pub fn editor(t: Language, view: &FieldsView) -> Markup {
    let picked = view.picked.and_then(|it| view.fields().get(it));
    let Some(field) = picked.filter(|_| view.can_edit()) else {
        return Markup::default();
    };
    let name = t.value_of(&shown(&field.label));
    let input = [
        ("id", "fields-value"),
        ("value", &field.value),
        ("aria-label", &name),
        ("autocomplete", "off"),
        ("spellcheck", "false"),
        ("translate", "no"),
    ];
    join([
        element("label", &[("for", "fields-value")], &[text(&name)]),
        crate::markup::void("input", &input),
        to_composer(t, "fields-edit"),
    ])
}

/// Returns the editor of the whole payload as JSON.
pub fn json_editor(t: Language, json: &str) -> Markup {
    let area = [
        ("id", "fields-json-text"),
        ("rows", "8"),
        ("spellcheck", "false"),
        ("translate", "no"),
        ("aria-label", t.payload_as_json()),
    ];
    join([
        element("textarea", &area, &[text(json)]),
        to_composer(t, "fields-json-draft"),
    ])
}

fn to_composer(t: Language, id: &str) -> Markup {
    element(
        "button",
        &[("type", "button"), ("id", id)],
        &[text(t.to_composer())],
    )
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use fields::{Options, Schema, decode};
    use web_core::language::Language::English;

    use super::super::fields_choice::FieldsChoice;
    use super::*;

    #[test]
    fn a_row_has_bytes_label_value_and_type() {
        let schema = Schema::parse(Format::MessagePack, "").unwrap();
        let decoded = decode(&schema, b"\x81\xa1a\xa3<\n>", &Options::default());
        let markup = row(1, &decoded.fields[1], true);
        let html = markup.as_str();
        for part in [
            r#"class="field picked""#,
            r#"data-field="1""#,
            ">1–6<",
            ">  a<",
            "&lt;\\n&gt;",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
    }

    #[test]
    fn bytes_of_no_known_format_are_told_what_to_do() {
        let view =
            |bytes: &[u8]| FieldsView::new(FieldsChoice::default(), Rc::new(bytes.to_vec()), None);
        let sentence = "No known format fits: choose one, or write a layout.";
        let is_told = |bytes: &[u8]| form(English, &view(bytes)).as_str().contains(sentence);
        assert!(is_told(b"\x01\xff\xfe"));
        assert!(!is_told(b"") && !is_told(b"[1]"));
    }

    #[test]
    fn a_format_that_needs_a_schema_has_a_box_for_it() {
        let choice = |format| FieldsChoice {
            format: Some(format),
            schema: "u8 <type".into(),
        };
        let view = |format| FieldsView::new(choice(format), Rc::new(vec![1u8]), None);
        let layout = form(English, &view(Format::Layout));
        assert!(
            layout.as_str().contains("u8 &lt;type</textarea>"),
            "{layout:?}"
        );
        let plain = form(English, &view(Format::Cbor));
        assert!(!plain.as_str().contains("textarea"), "{plain:?}");
    }
}
