//! Hex dump of a frame, as the wire view has it.

use crate::hex_dump::{ByteRun, HexDump};

use crate::markup::{Markup, element, join, text};

/// Returns a hex dump: offsets, hexadecimal and text.
pub fn dump(
    HexDump {
        len,
        hex,
        text: chars,
    }: &HexDump,
) -> Markup {
    let offset = |offset| element("span", &[], &[text(&format!("{offset:04x}"))]);
    let hex = hex.iter().map(|run| {
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
                &[join((0..*len).step_by(8).map(offset))],
            ),
            element("code", &[("class", "hex")], &[join(hex)]),
            element(
                "code",
                &[("class", "text")],
                &[join(chars.iter().map(text_run))],
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
