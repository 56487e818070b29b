//! The statistics bar.

use web_core::format;
use web_core::histogram::Histogram;
use web_core::language::Language;
use web_core::message::Direction;
use web_core::state::State;
use web_core::stats::Tally;
use yew::prelude::*;

use super::chart::{rate_chart, round_trip_chart};

/// The percentiles of the round trip.
const PERCENTILES: [(u64, &str); 2] = [(50, "p50"), (99, "p99")];

/// Messages and bytes each way, rate, round trips, and requests without a reply.
pub fn stats_bar(t: Language, state: &State, on_charts: &Callback<()>) -> Html {
    let State { stats, now, .. } = state;
    let minute = stats.last_minute(*now);
    let tally = |direction| tally(t, direction, stats.tally(direction));
    let trips = stats.round_trips();
    let trip = |trip: Option<_>| trip.map_or_else(|| t.no_value().into(), format::round_trip);
    let percentile = |(percent, name): (u64, &'static str)| {
        stat(name, t.round_trip_hint(), trip(trips.percentile(percent)))
    };
    let parts = state.resumable.is_some() || stats.ways().longest().is_some();
    let part = |times: &Histogram| {
        let [p50, p99] = PERCENTILES.map(|(percent, _)| times.percentile(percent));
        p50.zip(p99).map_or_else(
            || t.no_value().into(),
            |(p50, p99)| format::service_times(p50, p99),
        )
    };
    html! {
        <section class="stats" aria-label={t.statistics()}>
            <dl>
                { tally(Direction::Sent) }
                { tally(Direction::Received) }
                { stat("", t.rate_hint(), t.rate(stats.rate(*now))) }
            </dl>
            { rate_chart(t, &minute, on_charts) }
            <dl>
                { for PERCENTILES.into_iter().map(percentile) }
                { stat(t.of_all(), t.of_all_hint(), format::count(trips.count())) }
                if parts {
                    { stat(t.service(), t.parts_hint(), part(stats.service_times())) }
                    { stat(t.way(), t.parts_hint(), part(stats.ways())) }
                }
            </dl>
            { round_trip_chart(t, &minute, on_charts) }
            <dl>
                { warning(t.unanswered(), state.unanswered()) }
                if stats.dropped() > 0 {
                    { warning(t.not_kept(), stats.dropped()) }
                }
            </dl>
        </section>
    }
}

fn tally(t: Language, direction: Direction, tally: Tally) -> Html {
    let messages = format::count(tally.messages);
    let bytes = format::size(tally.bytes);
    html! {
        <div title={t.tally_hint(direction)}>
            <dt class={direction.key()}>
                <span class="arrow" aria-hidden="true">{ direction.arrow() }</span>
                <span class="sr-only">{ t.direction(direction) }</span>
            </dt>
            <dd translate="no">{ messages }{ " · " }{ bytes }</dd>
        </div>
    }
}

fn warning(name: &'static str, number: u64) -> Html {
    html! {
        <div class={(number > 0).then_some("warn")}>
            <dt>{ name }</dt>
            <dd translate="no">{ format::count(number) }</dd>
        </div>
    }
}

fn stat(name: &'static str, hint: &'static str, stat: String) -> Html {
    html! {
        <div title={hint}>
            if name.is_empty() {
                <dt class="sr-only">{ hint }</dt>
            } else {
                <dt>{ name }</dt>
            }
            <dd translate="no">{ stat }</dd>
        </div>
    }
}
