//! Hex dumps of frames: bytes in hexadecimal and as text, grouped into runs by role.

use web_core::format;
use web_core::frame_view::FrameView;

use crate::cell::{ByteRole, Cell, DOT, Glyph, is_narrow, push_cells};
use crate::markup::{Markup, element, join, text};

/// Returns the hex dump of a frame: offsets, hexadecimal and text.
pub fn hex_dump(frame: &FrameView) -> Markup {
    let dump = HexDump::of(frame);
    let offset = |offset| element("span", &[], &[text(&format!("{offset:04x}"))]);
    let hex = dump.hex.iter().map(|run| {
        let class = run.role.class();
        join([
            element("span", &[("class", class)], &[text(&run.shown)]),
            text(" "),
        ])
    });
    element(
        "div",
        &[("class", "dump")],
        &[
            element(
                "div",
                &[("class", "offsets"), ("aria-hidden", "true")],
                &[join((0..dump.len).step_by(8).map(offset))],
            ),
            element("code", &[("class", "hex")], &[join(hex)]),
            element(
                "code",
                &[("class", "text")],
                &[join(dump.text.iter().map(text_run))],
            ),
        ],
    )
}

/// A character of several bytes takes the cell of its first byte; the others are empty.
fn text_run(run: &ByteRun) -> Markup {
    let role = run.role.class();
    if run.is_narrow() {
        return element("span", &[("class", role)], &[text(&run.shown)]);
    }
    let first = element(
        "span",
        &[("class", &format!("cell {role}"))],
        &[text(&run.shown)],
    );
    let empty = (1..run.len).map(|_| element("span", &[("class", "cell")], &[]));
    join([first].into_iter().chain(empty))
}

/// Columns of a hex dump.
struct HexDump {
    /// Number of bytes.
    len: usize,
    /// Bytes in hexadecimal.
    hex: Vec<ByteRun>,
    /// Bytes as text.
    text: Vec<ByteRun>,
}

/// Adjacent bytes of one role.
struct ByteRun {
    role: ByteRole,
    /// Representation in its column.
    shown: String,
    /// Number of bytes.
    len: usize,
}

impl HexDump {
    fn of(frame: &FrameView) -> Self {
        let mut cells = Vec::new();
        for segment in &frame.segments {
            let role = ByteRole::of_segment(segment.role, frame.is_whole);
            push_cells(&mut cells, role, &segment.bytes);
        }
        Self {
            len: cells.len(),
            hex: hex_runs(&cells),
            text: text_runs(&cells),
        }
    }
}

impl ByteRun {
    /// Returns true if each of its characters is one byte and one column.
    fn is_narrow(&self) -> bool {
        self.shown.chars().all(is_narrow)
    }
}

fn hex_runs(cells: &[Cell]) -> Vec<ByteRun> {
    cells
        .chunk_by(|a, b| a.role == b.role)
        .map(|run| {
            let bytes: Vec<_> = run.iter().map(|cell| cell.byte).collect();
            ByteRun {
                role: run[0].role,
                shown: format::hex(&bytes),
                len: run.len(),
            }
        })
        .collect()
}

/// Groups narrow characters into runs. A wider character is a run by itself, so that it
/// can be drawn as wide as its bytes.
fn text_runs(cells: &[Cell]) -> Vec<ByteRun> {
    let mut runs: Vec<ByteRun> = Vec::new();
    for cell in cells {
        let shown = match cell.glyph {
            Glyph::Char(c) => c,
            Glyph::Continuation | Glyph::Dot => DOT,
        };
        match runs.last_mut() {
            Some(last) if cell.glyph == Glyph::Continuation && !last.is_narrow() => last.len += 1,
            Some(last) if last.is_narrow() && is_narrow(shown) && last.role == cell.role => {
                last.shown.push(shown);
                last.len += 1;
            }
            _ => runs.push(ByteRun {
                role: cell.role,
                shown: shown.into(),
                len: 1,
            }),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(payload: &[u8]) -> FrameView {
        frame_of("u32le", payload)
    }

    fn frame_of(framing: &str, payload: &[u8]) -> FrameView {
        let payload = payload.to_vec().into();
        let view = FrameView::new(&framing.into(), &payload, None);
        view.unwrap().unwrap()
    }

    fn shown(runs: &[ByteRun]) -> Vec<(ByteRole, &str, usize)> {
        runs.iter()
            .map(|run| (run.role, run.shown.as_str(), run.len))
            .collect()
    }

    #[test]
    fn header_and_payload_are_separate_runs() {
        let dump = HexDump::of(&frame(b"hello"));
        assert_eq!(
            shown(&dump.hex),
            [
                (ByteRole::Header, "05 00 00 00", 4),
                (ByteRole::Payload, "68 65 6c 6c 6f", 5)
            ]
        );
        assert_eq!(
            shown(&dump.text),
            [
                (ByteRole::Header, "····", 4),
                (ByteRole::Payload, "hello", 5)
            ]
        );
        assert_eq!(dump.len, 9);
    }

    #[test]
    fn a_trailer_comes_after_the_payload() {
        let frame = frame_of("crlf", b"hi");
        assert_eq!(
            shown(&HexDump::of(&frame).hex),
            [
                (ByteRole::Payload, "68 69", 2),
                (ByteRole::Header, "0d 0a", 2)
            ]
        );
    }

    #[test]
    fn an_empty_payload_dumps_the_header() {
        let dump = HexDump::of(&frame(b""));
        assert_eq!(shown(&dump.hex), [(ByteRole::Header, "00 00 00 00", 4)]);
        assert_eq!(shown(&dump.text), [(ByteRole::Header, "····", 4)]);
    }

    #[test]
    fn a_character_run_has_its_length_in_bytes() {
        let dump = HexDump::of(&frame("a日本é!".as_bytes()));
        assert_eq!(
            shown(&dump.text)[1..],
            [
                (ByteRole::Payload, "a", 1),
                (ByteRole::Payload, "日", 3),
                (ByteRole::Payload, "本", 3),
                (ByteRole::Payload, "é", 2),
                (ByteRole::Payload, "!", 1)
            ]
        );
    }

    #[test]
    fn control_and_invalid_bytes_have_their_own_roles() {
        let dump = HexDump::of(&frame(b"\n\xff\xc2\x85"));
        assert_eq!(
            shown(&dump.hex),
            [
                (ByteRole::Header, "04 00 00 00", 4),
                (ByteRole::Control, "0a", 1),
                (ByteRole::Invalid, "ff", 1),
                (ByteRole::Control, "c2 85", 2)
            ]
        );
        assert_eq!(
            shown(&dump.text)[1..],
            [
                (ByteRole::Control, "·", 1),
                (ByteRole::Invalid, "·", 1),
                (ByteRole::Control, "··", 2)
            ]
        );
    }
}
