//! Picker of a framing: the choices in groups, and the chips of a notation's parts.

use protocol::{Delimiter, Framing, NotationError};
use web_core::format;
use web_core::frame_view::{FrameView, SegmentView};
use web_core::language::Language;

use crate::explain;
use crate::markup::{Markup, element, join, text};
use crate::notation_reason::of_notation;
use crate::protocols::{self, ProtocolGroup};
use crate::sample;

/// Value of the choice whose notation is written by hand.
pub const DRAWN: &str = "drawn";

/// Returns the options of the framings, in groups: none for a guess, and `drawn` for a notation
/// that is written.
pub fn framing_options(t: Language) -> Markup {
    let groups = [
        (t.group_lengths(), of(is_length)),
        (t.group_delimiters(), of(is_delimiter)),
        (t.group_values(), of(|it| matches!(it, Framing::Value(_)))),
        (t.group_headers(), of(is_block)),
        (
            t.group_pictures(),
            of(|it| matches!(it, Framing::Picture(_))),
        ),
    ];
    let group = |(name, notations): (&str, Vec<String>)| {
        let options = notations.iter().map(|it| option(it, it));
        element("optgroup", &[("label", name)], &[join(options)])
    };
    join(
        [option("", t.guessed()), option(DRAWN, t.drawn())]
            .into_iter()
            .chain(groups.map(group)),
    )
}

/// Returns the options of the protocols, in the groups of the document.
pub fn protocol_options(t: Language) -> Markup {
    let group = |group: &ProtocolGroup| {
        let option = |(name, notation): &(&str, &str)| option(notation, name);
        let options = join(group.protocols.iter().map(option));
        element("optgroup", &[("label", group.name(t))], &[options])
    };
    let groups = protocols::GROUPS.iter().map(group);
    join([option("", t.any_protocol())].into_iter().chain(groups))
}

/// Returns the parts of a notation as chips in wire order, each with its bytes in a sample
/// message, or the error at its character.
pub fn parts(t: Language, notation: &str) -> Markup {
    match notation.parse::<Framing>() {
        Ok(framing) => chips(t, framing),
        Err(error) => refusal(t, notation, &error),
    }
}

fn chips(t: Language, framing: Framing) -> Markup {
    let frame = explain::view(framing, sample::message(framing), t).unwrap_or_default();
    let chip = |segment: &SegmentView| chip(&frame, segment);
    let chips = join(frame.segments.iter().map(chip));
    let notation = framing.to_string();
    let names = protocols::names_of(&notation).join(" · ");
    let names = element("p", &[("class", "muted")], &[text(&names)]);
    let list = [("class", "chips"), ("aria-label", t.notation())];
    join([element("ol", &list, &[chips]), names])
}

fn chip(frame: &FrameView, segment: &SegmentView) -> Markup {
    let class = format!("chip {}", segment.class(frame.is_whole));
    let meaning = match segment.meaning.as_str() {
        "" => format!("“{}”", String::from_utf8_lossy(&segment.bytes).trim()),
        meaning => meaning.into(),
    };
    let bytes = format::hex_abridged(&segment.bytes);
    element(
        "li",
        &[("class", &class)],
        &[
            element("b", &[], &[text(&segment.name)]),
            element("code", &[], &[text(&bytes)]),
            element("span", &[("class", "muted")], &[text(&meaning)]),
        ],
    )
}

/// Returns the notation with its fault marked, and the reason.
fn refusal(t: Language, notation: &str, error: &NotationError) -> Markup {
    let at = notation.floor_char_boundary(error.at());
    let (before, rest) = notation.split_at(at);
    let len = rest.find(['+', ' ']).filter(|&len| len > 0);
    let (fault, after) = rest.split_at(len.unwrap_or(rest.len()));
    let shown = if fault.is_empty() { " " } else { fault };
    let mark = element("mark", &[], &[text(shown)]);
    let notation = [text(before), mark, text(after)];
    let reason = of_notation(t, error);
    element(
        "p",
        &[("class", "refusal")],
        &[
            element("code", &[], &notation),
            element("span", &[], &[text(&reason)]),
        ],
    )
}

fn option(value: &str, name: &str) -> Markup {
    element("option", &[("value", value)], &[text(name)])
}

fn of(is_member: impl Fn(&Framing) -> bool) -> Vec<String> {
    let members = Framing::named().filter(is_member);
    members.map(|it| it.to_string()).collect()
}

fn is_length(framing: &Framing) -> bool {
    matches!(framing, Framing::Length(_) | Framing::Varint)
}

fn is_delimiter(framing: &Framing) -> bool {
    matches!(
        framing,
        Framing::Delimited(Delimiter::Lines | Delimiter::Crlf | Delimiter::Nul)
    )
}

fn is_block(framing: &Framing) -> bool {
    matches!(framing, Framing::HeaderBlock(_) | Framing::Stuffed(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use web_core::language::Language::{English, Japanese};

    #[track_caller]
    fn check(markup: &Markup, parts: &[&str]) {
        for part in parts {
            assert!(markup.as_str().contains(part), "no {part} in {markup:?}");
        }
    }

    #[test]
    fn every_named_framing_but_raw_is_an_option() {
        let options = framing_options(English);
        for framing in Framing::named().filter(|it| *it != Framing::Raw) {
            check(&options, &[&format!("<option value=\"{framing}\">")]);
        }
        let protocols = protocol_options(Japanese);
        check(
            &protocols,
            &["<option value=\"1+u32be-inclusive\">PostgreSQL 3<"],
        );
        check(
            &protocols,
            &["<optgroup label=\"データベースとキャッシュ\">"],
        );
    }

    #[test]
    fn a_notation_has_chips_in_wire_order_and_its_protocols() {
        let chips = parts(English, "1+u32be-inclusive");
        let expected = [
            "<li class=\"chip free\"><b>header</b><code>00</code>",
            "<li class=\"chip header\"><b>length</b><code>00 00 00 09</code>",
            "= 9, u32, big-endian, itself included",
            "<li class=\"chip payload\"><b>payload</b><code>68 65 6c 6c 6f</code>",
            "PostgreSQL 3",
        ];
        check(&chips, &expected);
    }

    #[test]
    fn an_error_is_marked_at_its_part() {
        check(
            &parts(English, "1+u15be"),
            &["<code>1+<mark>u15be</mark></code>", "15 bits"],
        );
        check(
            &parts(English, "whole:2+<b>"),
            &["<code>whole:2+<mark>&lt;b&gt;</mark>"],
        );
        check(
            &parts(English, "u8...u8+1"),
            &["<code>u8...<mark>u8</mark>+1</code>"],
        );
        check(&parts(English, "1+2"), &["<code>1+2<mark> </mark></code>"]);
        check(
            &parts(English, "mqtt"),
            &["<mark>mqtt</mark>", "unknown framing"],
        );
        check(
            &parts(Japanese, "1+u15be"),
            &["15 ビットの長さはありません"],
        );
    }
}
