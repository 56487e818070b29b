//! Markup of the wire view: the facts of a message, its times as a bar, the segments of its frame,
//! and the elements below.

use web_core::format;
use web_core::language::Language;
use web_core::message::Kind;
use web_core::message_log::Pairing;
use web_core::shown_message::ShownMessage;
use web_core::time::micros;
use web_core::wire_view_tab::WireViewTab;

use super::scroller;
use super::source::Source;
use super::wire::{Part, Wire};
use crate::markup::{Markup, element, join, text};

/// Returns the line of facts: direction, time, kind, size, framing and session.
pub fn facts(t: Language, message: &ShownMessage, len: usize) -> Markup {
    let time = message.instant.replace('T', " ");
    let kind = match message.kind {
        Kind::Text => t.kind_text(),
        Kind::Binary => t.kind_binary(),
    };
    let size = format::size((len + message.missing_len) as u64);
    let fact = |fact: &str| element("span", &[], &[text(fact)]);
    let arrow = [("class", "arrow"), ("aria-hidden", "true")];
    join([
        element(
            "span",
            &[("class", message.direction.key())],
            &[
                element("span", &arrow, &[text(message.direction.arrow())]),
                text(" "),
                text(t.direction(message.direction)),
            ],
        ),
        element("time", &[], &[text(&time)]),
        fact(kind),
        fact(&size),
        fact(&message.framing),
    ])
}

/// Returns the state of the pairing, the parts of the round trip as a bar, and the length of the
/// frame.
pub fn times(t: Language, message: &ShownMessage, wire: Option<&Wire>) -> Markup {
    let note = element("span", &[], &[text(&t.pairing_note(message))]);
    let total = wire.map_or_else(Markup::default, |wire| {
        let total = [
            text(t.on_tcp()),
            text(" "),
            element("b", &[], &[text(&t.bytes(wire.len()))]),
        ];
        element("span", &[("class", "total")], &total)
    });
    let Pairing::Paired {
        round_trip,
        service_time: Some(service),
        ..
    } = message.pairing
    else {
        return join([note, total]);
    };
    let way = round_trip.saturating_sub(service);
    let part = |class, name: &str, time: &str| {
        element(
            "span",
            &[("class", class)],
            &[text(&format!("{name} {time}"))],
        )
    };
    join([
        bar(micros(service), micros(round_trip)),
        part("way", t.way(), &format::round_trip(way)),
        part("service", t.service(), &format::service_time(service)),
        note,
        total,
    ])
}

/// A bar with the service's part of a round trip in its middle.
fn bar(service: u64, round_trip: u64) -> Markup {
    let share = (service * 100 / round_trip.max(1)).clamp(1, 100);
    let begin = (100 - share) / 2;
    let rect = |class: &str, x: u64, width: u64| {
        let (x, width) = (x.to_string(), width.to_string());
        let attributes = [
            ("class", class),
            ("x", &x),
            ("width", &width),
            ("height", "8"),
        ];
        element("rect", &attributes, &[])
    };
    element(
        "svg",
        &[
            ("class", "times-bar"),
            ("viewBox", "0 0 100 8"),
            ("preserveAspectRatio", "none"),
            ("aria-hidden", "true"),
        ],
        &[rect("way", 0, 100), rect("service", begin, share)],
    )
}

/// Returns the segments of a frame as buttons in wire order: each lights its bytes.
pub fn segments(t: Language, wire: &Wire, source: &dyn Source) -> Markup {
    let chips = wire.parts.iter().enumerate();
    let chips = chips.map(|(place, part)| element("li", &[], &[chip(wire, place, part, source)]));
    let note = wire.note.as_ref().map_or_else(Markup::default, |note| {
        let note = [
            element("b", &[], &[text(t.framing())]),
            text(" "),
            element("span", &[], &[text(note)]),
        ];
        element("li", &[("class", "framing-note")], &note)
    });
    element(
        "ul",
        &[("class", "segments"), ("aria-label", t.segments_of_frame())],
        &[note, join(chips)],
    )
}

fn chip(wire: &Wire, place: usize, part: &Part, source: &dyn Source) -> Markup {
    let class = format!("segment {}", part.segment.class(wire.is_whole));
    element(
        "button",
        &[
            ("type", "button"),
            ("class", &class),
            ("data-segment", &place.to_string()),
        ],
        &[
            element("b", &[], &[text(&part.segment.name)]),
            element(
                "span",
                &[("translate", "no")],
                &[
                    element("code", &[], &[text(&part.abridged(source))]),
                    text(" "),
                    text(&part.segment.meaning),
                ],
            ),
        ],
    )
}

/// Returns the note above a view.
pub fn note(sentence: &str) -> Markup {
    match sentence {
        "" => Markup::default(),
        sentence => element("p", &[("class", "hint")], &[text(sentence)]),
    }
}

/// Returns the buttons below a view.
pub fn actions(t: Language) -> Markup {
    let button =
        |id: &str, name: &str| element("button", &[("type", "button"), ("id", id)], &[text(name)]);
    join([
        button("message-copy", t.copy()),
        button("message-save", t.save_payload()),
        element("span", &[("id", "message-status"), ("role", "status")], &[]),
    ])
}

/// Returns the elements below the tabs.
pub fn body(t: Language, tab: WireViewTab) -> Markup {
    let part = |id| element("div", &[("id", id)], &[]);
    let lines = |class| scroller::markup("message-lines", class, t.wire_view_tab(tab));
    let above = match tab {
        WireViewTab::Wire | WireViewTab::Hex => Markup::default(),
        WireViewTab::Text | WireViewTab::Json => lines("rows-view lines"),
        WireViewTab::Fields => join([
            part("fields-form"),
            part("fields-json-editor"),
            lines("rows-view fields"),
            part("fields-state"),
            part("fields-editor"),
        ]),
    };
    let dump = scroller::markup("message-dump", "rows-view dump-view", t.bytes_of_message());
    let byte_note = [
        ("id", "message-byte"),
        ("role", "status"),
        ("translate", "no"),
    ];
    let byte_note = element("p", &byte_note, &[]);
    join([part("message-note"), above, dump, byte_note])
}
