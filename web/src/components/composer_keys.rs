//! The keys of the message box.

use web_core::action::Action;
use web_core::step::Step;
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

/// The key code of every key that an input method handled.
const IME_KEY_CODE: u32 = 229;

/// Handles keys: Enter sends, Shift+Enter adds a line, Ctrl+Enter and Cmd+Enter always send.
/// On the first and the last line, the arrow keys recall drafts. Keys handled by an input
/// method are ignored.
pub fn on_key(
    send: Callback<()>,
    input: &NodeRef,
    on_action: &Callback<Action>,
) -> Callback<KeyboardEvent> {
    let (input, on_action) = (input.clone(), on_action.clone());
    Callback::from(move |event: KeyboardEvent| {
        let commanded = event.ctrl_key() || event.meta_key();
        let plain = !event.shift_key() && !commanded && !event.alt_key();
        if event.is_composing() || event.key_code() == IME_KEY_CODE {
            return;
        }
        match event.key().as_str() {
            "Enter" if commanded || !event.shift_key() => {
                event.prevent_default();
                send.emit(());
            }
            "ArrowUp" if plain && is_at_edge(&input, Step::Previous) => {
                event.prevent_default();
                on_action.emit(Action::RecallDraft(Step::Previous));
            }
            "ArrowDown" if plain && is_at_edge(&input, Step::Next) => {
                event.prevent_default();
                on_action.emit(Action::RecallDraft(Step::Next));
            }
            _ => {}
        }
    })
}

/// Returns true if the caret is on the first line, or on the last.
fn is_at_edge(input: &NodeRef, step: Step) -> bool {
    input.cast::<HtmlTextAreaElement>().is_some_and(|input| {
        // Positions are in UTF-16 code units.
        let text: Vec<u16> = input.value().encode_utf16().collect();
        let caret = input.selection_start().ok().flatten().unwrap_or_default();
        let caret = text.len().min(caret as usize);
        let line_break = u16::from(b'\n');
        match step {
            Step::Previous | Step::First => !text[..caret].contains(&line_break),
            Step::Next | Step::Last => !text[caret..].contains(&line_break),
        }
    })
}
