//! Sending a message many times.

use web_core::action::Action;
use web_core::draft::Message;
use web_core::repeat::{MAX_COUNT, Order, Pace, Repeat};
use web_core::text;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::select::Select;
use super::{reading, use_language};

/// How many times, unless the person says otherwise: as often as the tutorial does.
const USUAL_COUNT: u32 = 10;

/// What a [`RepeatGroup`] needs.
#[derive(Debug, PartialEq, Properties)]
pub struct RepeatGroupProps {
    /// The message in the making, if it can be sent.
    pub message: Option<Message>,
    /// What was last repeated.
    pub repeat: Option<Repeat>,
    /// Whether messages can be sent.
    pub open: bool,
    /// Told what the person wants.
    pub on_action: Callback<Action>,
}

/// How many times, how often, and how far it has got. Without a message, it is the first
/// way to begin that is repeated.
#[component]
pub fn RepeatGroup(props: &RepeatGroupProps) -> Html {
    let t = use_language();
    let count = use_state_eq(|| Some(USUAL_COUNT));
    let pace = use_state_eq(|| 0);
    let running = props.repeat.as_ref().is_some_and(|repeat| repeat.running);
    let order = (*count)
        .zip(props.message.clone())
        .map(|(count, message)| Order::repeat(or_hello(message), count, Pace::ALL[*pace]));
    let disabled = !running && (!props.open || order.is_none());
    let onclick = reading(&props.on_action, move |_| match running {
        true => Some(Action::StopRepeat),
        false => order.clone().map(Action::Repeat),
    });
    let oninput = {
        let count = count.clone();
        Callback::from(move |event: InputEvent| {
            let text = event.target_unchecked_into::<HtmlInputElement>().value();
            let number = text.parse().ok();
            count.set(number.filter(|it| (1..=MAX_COUNT).contains(it)));
        })
    };
    let choose = {
        let pace = pace.clone();
        Callback::from(move |index| pace.set(index))
    };
    html! {
        <div class="repeat" role="group" aria-label={t.repeat()}>
            <span class="quiet" aria-hidden="true">{ t.repeat() }</span>
            <input
                type="number"
                aria-label={t.count()}
                aria-invalid={count.is_none().to_string()}
                min="1"
                max={MAX_COUNT.to_string()}
                value={count.map(|count| count.to_string())}
                {oninput}
            />
            <Select
                label={t.pace()}
                options={Pace::ALL.map(|pace| t.pace_name(pace)).to_vec()}
                selected={*pace}
                on_choose={choose}
            />
            <button type="button" {disabled} {onclick}>
                { if running { t.stop() } else { t.start() } }
            </button>
            if let Some(repeat) = &props.repeat {
                <span class="progress">{ t.progress(repeat) }</span>
            }
        </div>
    }
}

fn or_hello(message: Message) -> Message {
    let payload = match message.payload.is_empty() {
        true => text::HELLO.into(),
        false => message.payload,
    };
    Message { payload, ..message }
}
