//! Tells those who do not see the log what came in.

use std::rc::Rc;

use gloo_timers::callback::Timeout;
use web_core::format;
use web_core::log::Row;
use yew::prelude::*;

use super::use_language;

/// How long messages are gathered to be announced together, in milliseconds: long enough
/// to be heard out.
const GATHER_MS: u32 = 3000;

/// What an [`Announcer`] needs.
#[derive(Debug, PartialEq, Properties)]
pub struct AnnouncerProps {
    /// How many messages came in so far.
    pub received: u64,
    /// The latest message.
    pub latest: Option<Rc<Row>>,
}

/// A polite live region that speaks once for many messages.
#[component]
pub fn Announcer(props: &AnnouncerProps) -> Html {
    let t = use_language();
    let said = use_state_eq(String::new);
    let told = use_mut_ref(|| 0);
    let current = use_mut_ref(|| (0, None));
    let timer = use_mut_ref(|| None::<Timeout>);
    *current.borrow_mut() = (props.received, props.latest.clone());
    use_effect_with(props.received, {
        let said = said.clone();
        move |&received| {
            if received < *told.borrow() {
                *told.borrow_mut() = received;
            }
            if received == *told.borrow() || timer.borrow().is_some() {
                return;
            }
            let gathering = Rc::clone(&timer);
            *timer.borrow_mut() = Some(Timeout::new(GATHER_MS, move || {
                let (received, latest) = current.borrow().clone();
                let new = received - told.replace(received).min(received);
                let latest = latest.map(|row: Rc<Row>| format::preview_text(&row.payload));
                if new > 0 {
                    said.set(t.announcement(new, &latest.unwrap_or_default()));
                }
                gathering.take();
            }));
        }
    });
    html! { <p class="unseen" aria-live="polite">{ &*said }</p> }
}
