//! Form of the tool that tries framings on bytes: its fields, and the notes beside them.

use protocol::{Framing, HexError};
use web_core::framing::RAW;
use web_core::language::Language;

use crate::capture_text::{Capture, CaptureFormat, MAX_LEN};
use crate::markup::{Markup, element, join, text, void};
use crate::{picker, reason};

/// Returns the form. Buttons take the bytes that the page has.
pub fn form(t: Language, has_message: bool, has_stream: bool) -> Markup {
    join([
        element(
            "header",
            &[],
            &[
                element("h2", &[("id", "try-title")], &[text(t.try_on_bytes())]),
                button("try-close", "", t.close()),
            ],
        ),
        element(
            "div",
            &[("class", "try-body")],
            &[
                element(
                    "div",
                    &[("class", "try-fields")],
                    &[capture(t, has_message, has_stream), framing(t)],
                ),
                element(
                    "section",
                    &[("id", "try-output"), ("aria-label", t.cut_result())],
                    &[],
                ),
            ],
        ),
    ])
}

fn capture(t: Language, has_message: bool, has_stream: bool) -> Markup {
    let formats = CaptureFormat::ALL.map(|it| {
        let name = format_name(t, it);
        element("option", &[("value", it.key())], &[text(name)])
    });
    let guessed = element("option", &[("value", "")], &[text(t.format_guessed())]);
    let bytes = [
        ("id", "try-bytes"),
        ("rows", "6"),
        ("spellcheck", "false"),
        ("autofocus", ""),
        ("placeholder", t.capture_placeholder()),
        ("aria-describedby", "try-note"),
    ];
    let file = [("type", "file"), ("id", "try-file"), ("hidden", "")];
    let mut taking = vec![button("try-open", "", t.file()), void("input", &file)];
    if has_stream {
        taking.push(button("try-stream", "", t.take_stream()));
    }
    if has_message {
        taking.push(button("try-message", "", t.take_message()));
    }
    element(
        "section",
        &[],
        &[
            label("try-bytes", t.capture()),
            element("textarea", &bytes, &[]),
            element(
                "p",
                &[("id", "try-note"), ("class", "muted"), ("role", "status")],
                &[],
            ),
            element(
                "div",
                &[("class", "buttons")],
                &[
                    label("try-format", t.read_as_format()),
                    element("select", &[("id", "try-format")], &[guessed, join(formats)]),
                    join(taking),
                ],
            ),
        ],
    )
}

fn framing(t: Language) -> Markup {
    let select = |id: &str, name: &str, options: Markup| {
        element(
            "div",
            &[],
            &[
                label(id, name),
                element("select", &[("id", id)], &[options]),
            ],
        )
    };
    let notation = [
        ("id", "try-notation"),
        ("autocomplete", "off"),
        ("autocapitalize", "off"),
        ("spellcheck", "false"),
        ("placeholder", t.notation_placeholder()),
        ("aria-describedby", "try-parts"),
    ];
    element(
        "section",
        &[],
        &[
            element(
                "div",
                &[("class", "choices")],
                &[
                    select(
                        "try-framing",
                        t.choose_framing(),
                        picker::framing_options(t),
                    ),
                    select(
                        "try-protocol",
                        t.choose_protocol(),
                        picker::protocol_options(t),
                    ),
                ],
            ),
            label("try-notation", t.notation()),
            void("input", &notation),
            element("div", &[("id", "try-parts"), ("role", "status")], &[]),
            element("div", &[("id", "try-reading")], &[]),
        ],
    )
}

/// Returns the note below the bytes: their number and format, or the fault of hexadecimal.
pub fn capture_note(t: Language, capture: &Result<Capture, HexError>) -> Markup {
    match capture {
        Err(error) => {
            let sentence = t.not_hex(error.line, &reason::of_hex(t, &error.problem));
            element("span", &[("class", "refusal")], &[text(&sentence)])
        }
        Ok(capture) if capture.bytes.is_empty() => text(t.capture_hint()),
        Ok(capture) => {
            let format = format_name(t, capture.format);
            let mut note = t.capture_note(capture.bytes.len(), format);
            if capture.is_cut {
                note = note + " " + &t.capture_cut(MAX_LEN);
            }
            text(&note)
        }
    }
}

/// Returns the ways to use a framing: to read the raw upstream by it, or how to give it to the
/// gateway.
pub fn reading(t: Language, framing: Option<Framing>, reading: Option<&str>) -> Markup {
    let notation = framing.filter(|it| *it != Framing::Raw);
    let notation = notation.map(|it| it.to_string());
    let Some(reading) = reading else {
        return notation.map_or_else(Markup::default, |it| option_line(t, &it));
    };
    let mut buttons = Vec::new();
    if notation.as_deref().is_some_and(|it| it != reading) {
        buttons.push(button("try-read", "primary", t.read_upstream()));
    }
    if reading != RAW {
        buttons.push(button("try-raw", "", t.read_raw()));
    }
    if buttons.is_empty() {
        return Markup::default();
    }
    join([
        element("div", &[("class", "buttons")], &buttons),
        element("p", &[("class", "muted")], &[text(t.in_page_only())]),
        notation.map_or_else(Markup::default, |it| option_line(t, &it)),
    ])
}

fn option_line(t: Language, notation: &str) -> Markup {
    let option = format!("--upstream 'HOST:PORT?framing={notation}'");
    element(
        "p",
        &[("class", "muted")],
        &[
            text(t.not_raw()),
            text(" "),
            element("code", &[], &[text(&option)]),
        ],
    )
}

fn format_name(t: Language, format: CaptureFormat) -> &'static str {
    match format {
        CaptureFormat::Hex => t.format_hex(),
        CaptureFormat::Text => t.format_text(),
    }
}

fn label(id: &str, name: &str) -> Markup {
    element("label", &[("for", id)], &[text(name)])
}

fn button(id: &str, class: &str, name: &str) -> Markup {
    let attributes = [("type", "button"), ("id", id), ("class", class)];
    element("button", &attributes, &[text(name)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture_text::read;
    use web_core::language::Language::{English, Japanese};

    #[test]
    fn the_note_tells_length_format_and_faults() {
        let note = |t, text: &str, format| {
            let markup = capture_note(t, &read(text, format));
            markup.as_str().to_owned()
        };
        assert_eq!(
            note(English, "51 00", None),
            "2 bytes, read as hexadecimal."
        );
        assert_eq!(
            note(Japanese, "hi", None),
            "2 バイト(エスケープ付き文字列として)。"
        );
        let fault = note(English, "5g", Some(CaptureFormat::Hex));
        assert!(fault.contains("Line 1: half a byte"), "{fault}");
        let long = note(English, &"00 ".repeat(MAX_LEN + 1), None);
        assert!(long.ends_with("The first 64 KiB are looked at."), "{long}");
    }

    #[test]
    fn a_raw_upstream_can_be_read_and_any_other_gets_an_option() {
        let lines = || "lines".parse().ok();
        let has = |markup: Markup, part: &str| markup.as_str().contains(part);
        assert!(has(reading(English, lines(), Some(RAW)), "try-read"));
        assert!(!has(reading(English, lines(), Some(RAW)), "try-raw"));
        assert!(has(reading(English, None, Some("lines")), "try-raw"));
        assert!(!has(reading(English, lines(), Some("lines")), "try-read"));
        let option = reading(English, lines(), None);
        assert!(has(option, "--upstream 'HOST:PORT?framing=lines'"));
    }
}
