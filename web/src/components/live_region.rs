//! A live region that announces received messages to screen readers.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use web_core::format;
use web_core::language::Language;
use web_core::message::Direction;
use web_core::message_log::Row;
use web_core::state::State;
use yew::prelude::*;

/// The interval between announcements, in milliseconds: long enough to hear one out.
const INTERVAL_MS: u32 = 3000;

/// The id of the region. It is filled when an interval ends: nothing redraws it.
const REGION: &str = "announcement";

/// Messages that are to be announced.
#[derive(Default)]
struct Announcer {
    /// The number of messages received, and the number of those announced.
    received: u64,
    announced: u64,
    latest: Option<Rc<Row>>,
    /// True until the next announcement.
    is_due: bool,
}

thread_local! {
    static ANNOUNCER: RefCell<Announcer> = RefCell::default();
}

/// A polite live region, with one announcement for all messages of an interval.
pub fn live_region(t: Language, state: &State) -> Html {
    ANNOUNCER.with_borrow_mut(|this| {
        this.received = state.stats.tally(Direction::Received).messages;
        this.latest = state.console.log.latest_received().cloned();
        this.announced = this.announced.min(this.received);
        if this.received > this.announced && !this.is_due {
            this.is_due = true;
            Timeout::new(INTERVAL_MS, move || announce(t)).forget();
        }
    });
    html! { <p id={REGION} class="sr-only" aria-live="polite"></p> }
}

fn announce(t: Language) {
    let text = ANNOUNCER.with_borrow_mut(|this| {
        this.is_due = false;
        let new = this.received - this.announced;
        this.announced = this.received;
        let latest = this.latest.as_ref();
        let latest = latest.map(|row| format::preview_text(&row.payload));
        (new > 0).then(|| t.announcement(new, &latest.unwrap_or_default()))
    });
    let document = web_sys::window().and_then(|window| window.document());
    let region = document.and_then(|it| it.get_element_by_id(REGION));
    if let (Some(region), Some(text)) = (region, text) {
        region.set_text_content(Some(&text));
    }
}
