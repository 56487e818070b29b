//! A live region that announces received messages to screen readers.

use std::rc::Rc;

use gloo_timers::callback::Timeout;
use web_core::format;
use web_core::language::Language;
use web_core::message_log::Row;
use yew::prelude::*;

use super::changing::changing;

/// The interval between announcements, in milliseconds: long enough to hear one out.
const INTERVAL_MS: u32 = 3000;

/// The properties of a [`LiveRegion`].
#[derive(Debug, PartialEq, Properties)]
pub struct LiveRegionProps {
    /// The language.
    pub language: Language,
    /// The number of messages received so far.
    pub received: u64,
    /// The latest received message.
    pub latest: Option<Rc<Row>>,
}

/// A polite live region, with one announcement for all messages of an interval.
#[component]
pub fn LiveRegion(props: &LiveRegionProps) -> Html {
    let t = props.language;
    let announcement = use_state_eq(String::new);
    let announced = use_mut_ref(|| 0);
    let current = use_mut_ref(|| (0, None));
    let timer = use_mut_ref(|| None::<Timeout>);
    *current.borrow_mut() = (props.received, props.latest.clone());
    use_effect_with(props.received, {
        let announcement = announcement.clone();
        move |&received| {
            if received < *announced.borrow() {
                *announced.borrow_mut() = received;
            }
            if received == *announced.borrow() || timer.borrow().is_some() {
                return;
            }
            let running = Rc::clone(&timer);
            *timer.borrow_mut() = Some(Timeout::new(INTERVAL_MS, move || {
                let (received, latest) = current.borrow().clone();
                let new = received - announced.replace(received).min(received);
                let latest = latest.map(|row: Rc<Row>| format::preview_text(&row.payload));
                if new > 0 {
                    announcement.set(t.announcement(new, &latest.unwrap_or_default()));
                }
                running.take();
            }));
        }
    });
    html! { <p class="sr-only" aria-live="polite">{ changing((*announcement).clone()) }</p> }
}
