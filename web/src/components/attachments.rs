//! The composer's attachments.

use std::rc::Rc;

use bytes::Bytes;
use web_core::action::Action;
use web_core::attachment::Attachment;
use web_core::format;
use web_core::framing::Refusal;
use web_core::language::Language;
use yew::prelude::*;

/// The most bytes of a file that are shown.
const MAX_SHOWN: usize = 16;

/// The attachments: names, sizes and first bytes, or the reasons why they cannot be sent.
pub fn attachment_list(
    t: Language,
    attachments: &[Rc<Attachment>],
    on_action: &Callback<Action>,
) -> Html {
    if attachments.is_empty() {
        return Html::default();
    }
    let item = |it: &Rc<Attachment>| {
        let removed = it.clone();
        let onclick = on_action.reform(move |_| Action::Detach(removed.clone()));
        let name = format::preview_text(it.name.as_bytes());
        html! {
            <li>
                <b translate="no"><bdi>{ &name }</bdi></b>
                <span translate="no">{ format::size(it.len) }</span>
                { content(t, &it.content) }
                <button type="button" aria-label={t.detach(&name)} {onclick}>{ "×" }</button>
            </li>
        }
    };
    html! {
        <ul class="attachments" aria-label={t.attachments()}>
            { for attachments.iter().map(item) }
        </ul>
    }
}

fn content(t: Language, content: &Result<Bytes, Refusal>) -> Html {
    match content {
        Err(refusal) => html! { <span class="refusal" role="alert">{ t.refusal(refusal) }</span> },
        Ok(bytes) => {
            let shown = format::hex(&bytes[..bytes.len().min(MAX_SHOWN)]);
            let more = if bytes.len() > MAX_SHOWN { " …" } else { "" };
            html! { <code translate="no">{ shown }{ more }</code> }
        }
    }
}
