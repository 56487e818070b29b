//! Bytes in two notations, side by side.

use web_core::wire::{Dump, Role, Run};
use yew::prelude::*;

/// The bytes flow: the columns' widths say how many stand in a line, eight or, where
/// there is room, sixteen.
pub fn dump_view(Dump { len, hex, text }: &Dump) -> Html {
    let offset = |offset| html! { <span>{ format!("{offset:04x}") }</span> };
    html! {
        <div class="dump">
            <div class="offsets" aria-hidden="true">{ for (0..*len).step_by(8).map(offset) }</div>
            <code class="hex">{ for hex.iter().map(hex_run) }</code>
            <code class="text">{ for text.iter().map(text_run) }</code>
        </div>
    }
}

fn hex_run(run: &Run) -> Html {
    html! { <><span class={role(run.role)}>{ &run.shown }</span>{ " " }</> }
}

/// A character of several bytes stands in the place of its first; the others' are empty.
fn text_run(run: &Run) -> Html {
    let role = role(run.role);
    if run.is_narrow() {
        return html! { <span class={role}>{ &run.shown }</span> };
    }
    let empty = (1..run.len).map(|_| html! { <span class="cell"></span> });
    html! {
        <><span class={classes!("cell", role)}>{ &run.shown }</span>{ for empty }</>
    }
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Header => "header",
        Role::Payload => "payload",
        Role::Control => "control",
        Role::Invalid => "invalid",
    }
}
