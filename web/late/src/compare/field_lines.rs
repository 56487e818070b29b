//! Fields of a payload as lines of text, which are compared like those of a text.

use fields::{Decoded, Options};
use web_core::language::Language;

use crate::details::fields_choice::FieldsChoice;
use crate::details::fields_markup::shown;
use crate::details::fields_view::{MAX_DECODED, options, read};
use crate::field_reason::of_stop;

/// Returns the fields of a payload by the choice for its upstream: label, value and type,
/// indented by their depth. `None` if no format is likely, or if it is too long.
pub fn lines(t: Language, choice: &FieldsChoice, payload: &[u8]) -> Option<String> {
    if payload.len() > MAX_DECODED {
        return None;
    }
    let options = Options {
        // A difference may be anywhere in a value.
        max_value: MAX_DECODED,
        ..options()
    };
    let reading = read(choice, payload, &options);
    reading.format?;
    Some(text_of(t, &reading.decoded.ok()?))
}

fn text_of(t: Language, decoded: &Decoded) -> String {
    let mut text = String::new();
    for field in &decoded.fields {
        if !text.is_empty() {
            text.push('\n');
        }
        text.extend(std::iter::repeat_n("  ", field.depth));
        let parts = [&*field.label, &*field.value, field.type_name];
        for (place, part) in parts.into_iter().filter(|it| !it.is_empty()).enumerate() {
            if place > 0 {
                text.push_str("  ");
            }
            text += &shown(part);
        }
    }
    if let Some(stopped) = &decoded.stopped {
        text.push('\n');
        text += &t.stopped_at(stopped.at, &of_stop(t, stopped.reason));
    }
    text
}

#[cfg(test)]
mod tests {
    use fields::Format;

    use super::*;

    fn lines_of(format: Option<Format>, payload: &[u8]) -> Option<String> {
        let choice = FieldsChoice {
            format,
            schema: String::new(),
        };
        lines(Language::English, &choice, payload)
    }

    #[test]
    fn a_field_is_a_line_with_its_whole_value() {
        let long = "x".repeat(5000);
        let json = format!(r#"{{"id": 7, "in": {{"text": "a\n{long}"}}}}"#);
        let text = lines_of(None, json.as_bytes()).unwrap();
        let lines: Vec<_> = text.lines().map(str::trim_end).collect();
        assert_eq!(lines.len(), 4, "{text}");
        assert!(lines[1].starts_with("  id  7"), "{text}");
        assert!(
            lines[3].contains(&format!("    text  a\\n{long}")),
            "{text}"
        );
    }

    #[test]
    fn bytes_without_a_format_have_no_lines() {
        assert_eq!(lines_of(None, b"\x01\xff\xfe"), None);
        let stopped = lines_of(Some(Format::MessagePack), b"\x82\xa1a\x01").unwrap();
        assert!(stopped.contains("Stopped at byte 4"), "{stopped}");
    }
}
