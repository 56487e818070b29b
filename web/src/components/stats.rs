//! The figures of the session, in a line.

use web_core::figures::Tally;
use web_core::format;
use web_core::log::Direction;
use web_core::state::State;
use web_core::text::{Language, arrow};
use yew::prelude::*;

use super::chart::{rate_chart, round_trip_chart};

/// The percentiles that are shown.
const PERCENTILES: [(u64, &str); 3] = [(50, "p50"), (90, "p90"), (99, "p99")];

/// Messages and bytes each way, rate, round trips, and what has no answer.
pub fn stats(t: Language, state: &State) -> Html {
    let State { figures, now, .. } = state;
    let minute = figures.last_minute(*now);
    let tally = |direction| tally(t, direction, figures.tally(direction));
    let trips = figures.round_trips();
    let trip = |trip: Option<_>| trip.map_or_else(|| t.no_figure().into(), format::round_trip);
    let percentile = |(percent, name): (u64, &'static str)| {
        figure(name, t.round_trip_hint(), trip(trips.percentile(percent)))
    };
    let unanswered = state.unanswered();
    html! {
        <section class="stats" aria-label={t.statistics()}>
            <dl>
                { tally(Direction::Sent) }
                { tally(Direction::Received) }
                { figure("", t.rate_hint(), t.rate(figures.rate(*now))) }
            </dl>
            { rate_chart(t, &minute) }
            <dl>
                { for PERCENTILES.into_iter().map(percentile) }
                { figure(t.longest(), t.longest_hint(), trip(trips.longest())) }
            </dl>
            { round_trip_chart(t, &minute) }
            <dl>
                <div class={(unanswered > 0).then_some("warn")}>
                    <dt>{ t.unanswered() }</dt>
                    <dd>{ format::count(unanswered) }</dd>
                </div>
            </dl>
        </section>
    }
}

fn tally(t: Language, direction: Direction, tally: Tally) -> Html {
    let messages = format::count(tally.messages);
    let bytes = format::size(tally.bytes);
    html! {
        <div title={t.tally_hint(direction)}>
            <dt class={super::row::class(direction)}>
                <span class="arrow" aria-hidden="true">{ arrow(direction) }</span>
                <span class="unseen">{ t.direction(direction) }</span>
            </dt>
            <dd>{ messages }{ " · " }{ bytes }</dd>
        </div>
    }
}

fn figure(name: &'static str, hint: &'static str, figure: String) -> Html {
    html! {
        <div title={hint}>
            if name.is_empty() {
                <dt class="unseen">{ hint }</dt>
            } else {
                <dt>{ name }</dt>
            }
            <dd>{ figure }</dd>
        </div>
    }
}
