//! The composer's attachments.

use web_core::action::Action;
use web_core::attachment::Attachment;
use web_core::format;
use web_core::framing::Refusal;
use web_core::gateway_info::SendLimits;
use web_core::language::Language;
use yew::prelude::*;

/// The most bytes of a file that are shown.
const MAX_SHOWN: usize = 16;

/// The attachments, and the reasons why they cannot be sent; nothing if there are none.
pub fn attachment_list(
    t: Language,
    attachments: &[Attachment],
    refusals: &[Option<String>],
    on_action: &Callback<Action>,
) -> Html {
    let item = |(place, (it, refusal)): (usize, (&Attachment, &Option<String>))| {
        let detach = on_action.reform(move |_| Action::Detach(place));
        attachment(t, it, refusal.as_ref(), detach)
    };
    html! {
        if !attachments.is_empty() {
            <ul class="attachments" aria-label={t.attachments()}>
                { for attachments.iter().zip(refusals).enumerate().map(item) }
            </ul>
        }
    }
}

/// The reason why a file cannot be sent.
pub fn refusal(t: Language, limits: &SendLimits, attachment: &Attachment) -> Option<String> {
    let refused = match (&attachment.content, limits.max_len) {
        (Some(content), _) => limits.check(content).err()?,
        (None, max) => Refusal::TooLong {
            len: attachment.len,
            max: max.unwrap_or_default() as u64,
        },
    };
    Some(t.refusal(&refused))
}

/// A file that waits to be sent: its name, size and first bytes, and the reason if it cannot be.
fn attachment(
    t: Language,
    attachment: &Attachment,
    refusal: Option<&String>,
    onclick: Callback<MouseEvent>,
) -> Html {
    let content = attachment.content.as_deref().unwrap_or_default();
    let shown = &content[..content.len().min(MAX_SHOWN)];
    html! {
        <li>
            <b translate="no"><bdi>{ &attachment.name }</bdi></b>
            <span translate="no">{ format::size(attachment.len) }</span>
            if let Some(refusal) = refusal {
                <span class="refusal" role="alert">{ refusal }</span>
            } else {
                <code translate="no">
                    { format::hex(shown) }
                    if shown.len() < content.len() { { " …" } }
                </code>
            }
            <button type="button" aria-label={t.detach(&attachment.name)} {onclick}>{ "×" }</button>
        </li>
    }
}
