//! Controls that send a message many times.

use web_core::action::Action;
use web_core::batch::{Batch, BatchRun, MAX_COUNT, SendRate};
use web_core::language::Language;
use web_core::message::Message;
use web_core::snippets;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::changing::changing;
use super::event::filter_callback;
use super::select::select;
use super::text_box::use_text;

/// The default number of repetitions.
const DEFAULT_COUNT: u32 = 10;

/// Count, rate, start button and progress. `message` is the draft, if it can be sent: an empty
/// one repeats the example message. A hook of the composer rather than a component of its own,
/// which would be 1 KB of program.
#[hook]
pub fn use_repeat_group(
    t: Language,
    message: Option<Message>,
    batch_run: Option<&BatchRun>,
    open: bool,
    on_action: &Callback<Action>,
) -> Html {
    let count = use_state_eq(|| Some(DEFAULT_COUNT));
    let rate_index = use_state_eq(|| 0);
    let input = use_node_ref();
    use_text(&input, &DEFAULT_COUNT.to_string().into());
    let running = batch_run.is_some_and(|run| run.running);
    let batch = (*count).zip(message).map(|(count, message)| {
        Batch::repeat(or_hello(message), count, SendRate::ALL[*rate_index])
    });
    let disabled = !running && (!open || batch.is_none());
    let onclick = filter_callback(on_action, move |_| match running {
        true => Some(Action::StopBatch),
        false => batch.clone().map(Action::StartBatch),
    });
    let oninput = {
        let count = count.clone();
        Callback::from(move |event: InputEvent| {
            let text = event.target_unchecked_into::<HtmlInputElement>().value();
            let number = text.parse().ok();
            count.set(number.filter(|it| (1..=MAX_COUNT).contains(it)));
        })
    };
    let on_rate = {
        let rate_index = rate_index.clone();
        Callback::from(move |index| rate_index.set(index))
    };
    html! {
        <div class="repeat" role="group" aria-label={t.repeat()}>
            <span class="muted" aria-hidden="true">{ t.repeat() }</span>
            <input
                ref={input}
                type="number"
                aria-label={t.count()}
                aria-invalid={count.is_none().to_string()}
                min="1"
                max={MAX_COUNT.to_string()}
                {oninput}
            />
            { select(t.send_rate(), SendRate::ALL.map(|rate| t.rate_name(rate)), *rate_index, &on_rate) }
            <button type="button" {disabled} {onclick}>
                { changing(if running { t.stop() } else { t.start() }) }
            </button>
            if let Some(run) = batch_run {
                <span class="progress">{ changing(t.progress(run)) }</span>
            }
        </div>
    }
}

/// Returns `message`, or the example message of its kind if it is empty.
fn or_hello(message: Message) -> Message {
    match message.payload.is_empty() {
        true => Message {
            kind: message.kind,
            ..snippets::hello()
        },
        false => message,
    }
}
