//! Output of the tool: ranked guesses, and the frames of a capture.

use protocol::{CutError, CutFrame, Evidence, Framing, Guess, guess};
use web_core::format;
use web_core::frame_view::{FrameView, SegmentView};
use web_core::language::Language;

use crate::cut::{Cut, cut};
use crate::explain;
use crate::hex_dump::hex_dump;
use crate::markup::{Markup, element, join, text};
use crate::protocols;
use crate::reason;

/// Most guesses that are listed.
const GUESSES: usize = 6;
/// Most frames that are listed.
const MAX_FRAMES: usize = 100;
/// Most bytes of a frame's dump.
const MAX_DUMP: usize = 256;
/// Number of bytes shown where cutting failed.
const SHOWN_REST: usize = 24;

/// Returns the frames of `capture` by a framing; without one, the guesses, and the frames by
/// the likeliest.
pub fn output(t: Language, framing: Option<Framing>, capture: &[u8]) -> Markup {
    if capture.is_empty() {
        return hint(t.nothing_to_cut());
    }
    if let Some(framing) = framing {
        return frames(t, framing, capture);
    }
    let mut guesses = guess(capture, GUESSES);
    guesses.retain(|guess| guess.framing != Framing::Raw);
    let likely = guesses.first().filter(|it| it.evidence > Evidence::Weak);
    let frames = match likely {
        Some(best) => frames(t, best.framing, capture),
        None => hint(t.no_guess()),
    };
    join([ranking(t, &guesses, capture), frames])
}

fn hint(sentence: &str) -> Markup {
    element("p", &[("class", "hint")], &[text(sentence)])
}

fn ranking(t: Language, guesses: &[Guess], capture: &[u8]) -> Markup {
    let item = |guess: &Guess| element("li", &[], &[guess_button(t, guess, capture)]);
    join([
        element("h3", &[], &[text(t.likeliest())]),
        element(
            "ol",
            &[("class", "guesses")],
            &[join(guesses.iter().map(item))],
        ),
    ])
}

fn guess_button(t: Language, guess: &Guess, capture: &[u8]) -> Markup {
    let notation = guess.framing.to_string();
    let (class, evidence) = match guess.evidence {
        Evidence::Strong => ("evidence strong", t.evidence_strong()),
        Evidence::Fair => ("evidence", t.evidence_fair()),
        Evidence::Weak => ("evidence weak", t.evidence_weak()),
    };
    let left = capture.len().saturating_sub(guess.bytes);
    let reason = t.guess_reason(guess.frames, left);
    let names = protocols::names_of(&notation).join(" · ");
    element(
        "button",
        &[("type", "button"), ("data-pick", &notation)],
        &[
            element("code", &[], &[text(&notation)]),
            element("span", &[("class", class)], &[text(evidence)]),
            element(
                "span",
                &[],
                &[
                    text(&reason),
                    text(" "),
                    element("span", &[("class", "muted")], &[text(&names)]),
                ],
            ),
        ],
    )
}

fn frames(t: Language, framing: Framing, capture: &[u8]) -> Markup {
    let Cut {
        frames,
        count,
        error,
    } = cut(framing, capture, MAX_FRAMES);
    let title = t.cut_by(count, &framing.to_string());
    let mut parts = vec![element("h3", &[], &[text(&title)])];
    parts.extend(frames.iter().map(|frame| self::frame(t, framing, frame)));
    if count > frames.len() {
        parts.push(hint(&t.more_frames(count - frames.len())));
    }
    parts.extend(error.map(|error| fault(t, &error, capture)));
    join(parts)
}

/// A frame: its range and its bytes, and when it is opened, each segment.
fn frame(t: Language, framing: Framing, frame: &CutFrame) -> Markup {
    let view = explain::view_of_cut(framing, frame, t);
    let last = frame.offset + (frame.wire.len() as u64).saturating_sub(1);
    let range = format!("{}–{last}", frame.offset);
    let bytes = view.segments.iter().map(|segment| run(&view, segment));
    let preview = format::preview(&frame.message).into_iter().map(|segment| {
        let class = if segment.is_escape { "escape" } else { "" };
        element("span", &[("class", class)], &[text(&segment.text)])
    });
    let summary = [
        element("span", &[("class", "range")], &[text(&range)]),
        element("code", &[("class", "bytes")], &[join(bytes)]),
        element("span", &[("class", "preview")], &[join(preview)]),
    ];
    element(
        "details",
        &[("class", "frame")],
        &[
            element("summary", &[], &summary),
            notes(t, &view),
            hex_dump(&abridged(&view)),
        ],
    )
}

fn run(view: &FrameView, segment: &SegmentView) -> Markup {
    let class = segment.class(view.is_whole);
    let bytes = format::hex_abridged(&segment.bytes);
    join([
        element("span", &[("class", class)], &[text(&bytes)]),
        text(" "),
    ])
}

/// A line for each segment, in wire order.
fn notes(t: Language, view: &FrameView) -> Markup {
    let line = |segment: &SegmentView| {
        let meaning = match segment.meaning.as_str() {
            "" => t.encoding_note(&segment.bytes),
            meaning => meaning.into(),
        };
        let bytes = format::hex_abridged(&segment.bytes);
        let bytes = [
            element("code", &[], &[text(&bytes)]),
            text(" "),
            text(&meaning),
        ];
        let class = segment.class(view.is_whole);
        element(
            "div",
            &[("class", class)],
            &[
                element("dt", &[], &[text(&segment.name)]),
                element("dd", &[], &bytes),
            ],
        )
    };
    let lines = join(view.segments.iter().map(line));
    element("dl", &[("class", "notes")], &[lines])
}

/// Returns the view of a frame's first bytes.
fn abridged(view: &FrameView) -> FrameView {
    let mut left = MAX_DUMP;
    let mut view = view.clone();
    for segment in &mut view.segments {
        segment.bytes.truncate(left);
        left -= segment.bytes.len();
    }
    view
}

/// The bytes after the last frame: the reason, and the byte at which it fails.
fn fault(t: Language, error: &CutError, capture: &[u8]) -> Markup {
    let why = reason::of_frame(t, &error.source);
    let in_frame = reason::offset(&error.source);
    let at = error.offset + in_frame as u64;
    let is_end = reason::is_end(&error.source);
    let (class, sentence) = match is_end {
        true => ("fault incomplete", t.incomplete_at(error.offset, &why)),
        false => ("fault", t.broken_at(at, error.number, &why)),
    };
    let begin = usize::try_from(error.offset).unwrap_or(usize::MAX);
    let rest = capture.get(begin..).unwrap_or_default();
    // The failing byte is in sight.
    let skipped = in_frame.saturating_sub(SHOWN_REST / 2).min(rest.len());
    let shown = rest[skipped..].iter().take(SHOWN_REST).enumerate();
    let bytes = shown.map(|(index, byte)| {
        let is_fault = !is_end && skipped + index == in_frame;
        let name = if is_fault { "mark" } else { "span" };
        join([
            element(name, &[], &[text(&format!("{byte:02x}"))]),
            text(" "),
        ])
    });
    let code = element("code", &[], &[join(bytes)]);
    element(
        "div",
        &[("class", class)],
        &[element("p", &[], &[text(&sentence)]), code],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use web_core::language::Language::{English, Japanese};

    const POSTGRES: &[u8] = b"R\0\0\0\x08\0\0\0\0S\0\0\0\x0bTZ\0UTC\0Z\0\0\0\x05I";

    #[track_caller]
    fn check(t: Language, framing: Option<&str>, capture: &[u8], parts: &[&str]) {
        let framing = framing.map(|it| it.parse().unwrap());
        let markup = output(t, framing, capture);
        for part in parts {
            assert!(markup.as_str().contains(part), "no {part} in {markup:?}");
        }
    }

    #[test]
    fn without_a_framing_the_guesses_are_ranked_and_the_best_cuts() {
        let parts = [
            "<button type=\"button\" data-pick=\"1+u32be-inclusive\">",
            "3 frames, to the last byte",
            "3 frames by 1+u32be-inclusive",
            "PostgreSQL 3",
        ];
        let settings = [
            "client_encoding\0UTF8",
            "DateStyle\0ISO, MDY",
            "TimeZone\0UTC",
        ];
        let mut capture = Vec::new();
        for setting in settings {
            let len = setting.len() as u8 + 5;
            capture.extend([&[b'S', 0, 0, 0, len][..], setting.as_bytes(), b"\0"].concat());
        }
        check(English, None, &capture, &parts);
        check(English, None, b"", &["Paste bytes"]);
        check(Japanese, None, b"x", &["有力なフレーミングがありません"]);
    }

    #[test]
    fn frames_have_ranges_and_explained_segments() {
        let parts = [
            "3 frames by 1+u32be-inclusive",
            ">0–8<",
            ">9–20<",
            "<span class=\"free\">53</span> <span class=\"header\">00 00 00 0b</span>",
            "= 11, u32, big-endian, itself included",
            "<div class=\"dump\">",
        ];
        check(English, Some("1+u32be-inclusive"), POSTGRES, &parts);
    }

    #[test]
    fn the_byte_at_which_cutting_fails_is_marked_with_the_reason() {
        let parts = [
            "Fails at byte 9, in frame 2",
            "0x53, expected 0x52",
            "<mark>53</mark>",
        ];
        check(English, Some("0x52+u32be-inclusive"), POSTGRES, &parts);
        let parts = [
            "From byte 21 on, the last frame is incomplete",
            "after 3 of 6 bytes",
        ];
        check(
            English,
            Some("1+u32be-inclusive"),
            &POSTGRES[..24],
            &parts[..1],
        );
        check(Japanese, Some("lines"), b"abc", &["区切りがありません"]);
    }

    #[test]
    fn markup_in_a_capture_is_escaped() {
        let markup = output(English, Some("lines".parse().unwrap()), b"<img src=x>\n<b>");
        assert!(!markup.as_str().contains("<img"), "{markup:?}");
    }

    #[test]
    fn a_long_capture_lists_its_first_frames() {
        check(
            English,
            Some("lines"),
            &b"x\n".repeat(500),
            &["400 frames more"],
        );
    }
}
