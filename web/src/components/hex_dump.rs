//! A hex dump: offsets, hexadecimal and text.

use web_core::hex_dump::{ByteRun, HexDump};
use yew::prelude::*;

/// The hex dump. Its bytes wrap: the stylesheet sets the columns' width, for eight or
/// sixteen bytes per line.
pub fn hex_dump_view(HexDump { len, hex, text }: &HexDump) -> Html {
    let offset = |offset| html! { <span>{ format!("{offset:04x}") }</span> };
    html! {
        <div class="dump">
            <div class="offsets" aria-hidden="true">{ for (0..*len).step_by(8).map(offset) }</div>
            <code class="hex">{ for hex.iter().map(hex_run) }</code>
            <code class="text">{ for text.iter().map(text_run) }</code>
        </div>
    }
}

fn hex_run(run: &ByteRun) -> Html {
    html! { <><span class={run.role.class()}>{ &run.shown }</span>{ " " }</> }
}

/// A character of several bytes takes the cell of its first byte; the others are empty.
fn text_run(run: &ByteRun) -> Html {
    let role = run.role.class();
    if run.is_narrow() {
        return html! { <span class={role}>{ &run.shown }</span> };
    }
    let empty = (1..run.len).map(|_| html! { <span class="cell"></span> });
    html! {
        <><span class={classes!("cell", role)}>{ &run.shown }</span>{ for empty }</>
    }
}
