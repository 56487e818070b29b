//! Sparklines of the last minute, which open the charts of the late part.

use web_core::format;
use web_core::language::Language;
use web_core::stats::{SECONDS, Second};
use web_core::time::micros;
use yew::prelude::*;

/// The height of a chart, in its own units. A second is one unit wide.
const HEIGHT: u64 = 20;

/// Messages per second: sent above the middle line, received below.
pub fn rate_chart(t: Language, minute: &[Second], on_charts: &Callback<()>) -> Html {
    let most = minute.iter().map(|it| it.sent.max(it.received)).max();
    let most = most.unwrap_or_default();
    let half = HEIGHT / 2;
    let bars = |value, up| bars(minute, value, most.into(), half, up);
    chart(
        t.rate_chart(most),
        on_charts,
        html! {
            <>
                <path class="axis" d={format!("M0 {half}H{SECONDS}")} />
                <path class="sent" d={bars(|it| it.sent.into(), true)} />
                <path class="received" d={bars(|it| it.received.into(), false)} />
            </>
        },
    )
}

/// The longest round trip of each second, and the service's part of it.
pub fn round_trip_chart(t: Language, minute: &[Second], on_charts: &Callback<()>) -> Html {
    let longest = minute.iter().filter_map(|it| it.round_trip).max();
    let label = longest.map_or_else(|| t.no_value().into(), format::round_trip);
    let most = longest.map_or(0, micros);
    let bars = |value| bars(minute, value, most, HEIGHT, true);
    chart(
        t.round_trip_chart(&label),
        on_charts,
        html! {
            <>
                <path class="axis" d={format!("M0 {HEIGHT}H{SECONDS}")} />
                <path class="round-trip" d={bars(|it| it.round_trip.map_or(0, micros))} />
                <path class="service" d={bars(|it| it.service_time.map_or(0, micros))} />
            </>
        },
    )
}

fn chart(label: String, on_charts: &Callback<()>, content: Html) -> Html {
    let view_box = format!("0 0 {SECONDS} {HEIGHT}");
    let onclick = on_charts.reform(|_| ());
    html! {
        <button type="button" class="chart" aria-label={label} {onclick}>
            <svg viewBox={view_box} preserveAspectRatio="none">{ content }</svg>
        </button>
    }
}

/// The SVG path of a bar per second, from the line at `base`, which is the height of the highest.
/// The smallest bar is a unit high, so that it can be seen.
fn bars(minute: &[Second], value: fn(&Second) -> u64, most: u64, base: u64, up: bool) -> String {
    let sign = if up { "-" } else { "" };
    let bar = |(x, second): (usize, &Second)| {
        let value = value(second);
        let tenths = (value * base * 10).checked_div(most)?.max(10);
        let (units, tenths) = (tenths / 10, tenths % 10);
        (value > 0).then(|| format!("M{x} {base}v{sign}{units}.{tenths}h.8V{base}z"))
    };
    minute.iter().enumerate().filter_map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_proportional_and_at_least_one_unit_high() {
        let path = |values: &[u32], up| {
            let second = |&sent: &u32| Second {
                sent,
                ..Second::default()
            };
            let minute: Vec<_> = values.iter().map(second).collect();
            let most = values.iter().copied().max().unwrap_or_default();
            bars(&minute, |it| it.sent.into(), most.into(), 10, up)
        };
        assert_eq!(path(&[], true), "");
        assert_eq!(path(&[0, 0], true), "");
        assert_eq!(
            path(&[0, 4, 2], true),
            "M1 10v-10.0h.8V10zM2 10v-5.0h.8V10z"
        );
        assert_eq!(path(&[1, 1000], false), "M0 10v1.0h.8V10zM1 10v10.0h.8V10z");
    }
}
