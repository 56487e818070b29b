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

/// Messages that are to be announced.
#[derive(Default)]
struct Announcer {
    /// The number of messages received, and the number of those announced.
    received: u64,
    announced: u64,
    latest: Option<Rc<Row>>,
    /// Running until the next announcement.
    timer: Option<Timeout>,
}

/// A polite live region, with one announcement for all messages of an interval.
#[component]
pub fn LiveRegion(props: &LiveRegionProps) -> Html {
    let t = props.language;
    let announcement = use_state_eq(String::new);
    let announcer = use_mut_ref(Announcer::default);
    let mut this = announcer.borrow_mut();
    this.received = props.received;
    this.latest = props.latest.clone();
    this.announced = this.announced.min(this.received);
    if this.received > this.announced && this.timer.is_none() {
        let (announcer, announcement) = (Rc::clone(&announcer), announcement.clone());
        this.timer = Some(Timeout::new(INTERVAL_MS, move || {
            let mut this = announcer.borrow_mut();
            this.timer = None;
            let new = this.received - this.announced;
            this.announced = this.received;
            let latest = this.latest.as_ref();
            let latest = latest.map(|row| format::preview_text(&row.payload));
            drop(this);
            if new > 0 {
                announcement.set(t.announcement(new, &latest.unwrap_or_default()));
            }
        }));
    }
    drop(this);
    html! { <p class="sr-only" aria-live="polite">{ changing((*announcement).clone()) }</p> }
}
