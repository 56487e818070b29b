//! The figures of the session, in a line.

use std::rc::Rc;

use yew::prelude::*;

use crate::log::{Direction, Log, Tally};
use crate::{format, text};

/// What [`Stats`] needs.
#[derive(Debug, PartialEq, Properties)]
pub struct StatsProps {
    /// The messages to count.
    pub log: Rc<Log>,
}

/// Messages and bytes each way, the median round trip, and what has no answer.
#[component]
pub fn Stats(props: &StatsProps) -> Html {
    let log = &props.log;
    let median = log.median_round_trip();
    let median = median.map_or_else(|| text::NO_FIGURE.into(), format::round_trip);
    html! {
        <section class="stats" aria-label={text::STATISTICS}>
            <dl>
                { tally(Direction::Sent, log.sent_tally()) }
                { tally(Direction::Received, log.received_tally()) }
                <div title={text::MEDIAN_HINT}>
                    <dt>{ text::MEDIAN }</dt>
                    <dd>{ median }</dd>
                </div>
                <div class={(log.unanswered() > 0).then_some("warn")}>
                    <dt>{ text::UNANSWERED }</dt>
                    <dd>{ format::count(log.unanswered()) }</dd>
                </div>
            </dl>
        </section>
    }
}

fn tally(direction: Direction, tally: Tally) -> Html {
    let label = text::direction(direction);
    let messages = format::count(tally.messages);
    let bytes = format::size(tally.bytes);
    html! {
        <div class={label} title={text::tally_hint(direction)}>
            <dt><span aria-hidden="true">{ text::arrow(direction) }</span>
                <span class="unseen">{ label }</span></dt>
            <dd>{ messages }{ " · " }{ bytes }</dd>
        </div>
    }
}
