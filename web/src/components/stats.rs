//! The figures of the session, in a line.

use yew::prelude::*;

use super::chart::{RateChart, RoundTripChart};
use super::use_language;
use crate::figures::{Figures, Tally};
use crate::format;
use crate::log::Direction;
use crate::text::{Language, arrow};
use crate::time::Moment;

/// The percentiles that are shown.
const PERCENTILES: [(u64, &str); 3] = [(50, "p50"), (90, "p90"), (99, "p99")];

/// What [`Stats`] needs.
#[derive(Debug, PartialEq, Properties)]
pub struct StatsProps {
    /// The figures.
    pub figures: Figures,
    /// How many messages have no answer.
    pub unanswered: u64,
    /// The time that the charts end at.
    pub now: Moment,
}

/// Messages and bytes each way, rate, round trips, and what has no answer.
#[component]
pub fn Stats(props: &StatsProps) -> Html {
    let t = use_language();
    let figures = &props.figures;
    let minute = figures.last_minute(props.now);
    let tally = |direction| tally(t, direction, figures.tally(direction));
    let trips = figures.round_trips();
    let trip = |trip: Option<_>| trip.map_or_else(|| t.no_figure().into(), format::round_trip);
    let percentile = |(percent, name): (u64, &'static str)| {
        figure(name, t.round_trip_hint(), trip(trips.percentile(percent)))
    };
    html! {
        <section class="stats" aria-label={t.statistics()}>
            <dl>
                { tally(Direction::Sent) }
                { tally(Direction::Received) }
                { figure("", t.rate_hint(), t.rate(figures.rate(props.now))) }
            </dl>
            <RateChart minute={minute.clone()} />
            <dl>
                { for PERCENTILES.into_iter().map(percentile) }
                { figure(t.longest(), t.longest_hint(), trip(trips.longest())) }
            </dl>
            <RoundTripChart {minute} />
            <dl>
                <div class={(props.unanswered > 0).then_some("warn")}>
                    <dt>{ t.unanswered() }</dt>
                    <dd>{ format::count(props.unanswered) }</dd>
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
