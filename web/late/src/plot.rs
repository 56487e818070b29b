//! Plots: bars over the last minute, with axes, a time scale and a cursor.

use web_core::stats::SECONDS;

use crate::markup::{Markup, element, text};

/// Height of a plot, in its own units. A second is ten units wide.
const HEIGHT: u64 = 100;
const SECOND: usize = 10;

/// Marks of the time scale, in seconds ago.
const AGES: [usize; 5] = [60, 45, 30, 15, 0];

/// Values of a plot, the oldest first, as bars of one class.
pub struct Bars {
    /// Class of the bars, which has their colour.
    pub class: &'static str,
    /// Value of each second.
    pub values: Vec<u64>,
    /// Place of the bar within its second, and its width, in units.
    pub place: (usize, usize),
}

/// Returns a plot with its axes. `unit` writes a value.
pub fn plot(
    bars: &[Bars],
    cursor: Option<usize>,
    unit: impl Fn(u64) -> String,
    now: &str,
) -> Markup {
    let greatest = bars.iter().flat_map(|it| &it.values).max();
    let top = top_of_scale(greatest.copied().unwrap_or_default());
    let middle = HEIGHT / 2;
    let width = SECONDS * SECOND;
    let mut paths = vec![path(
        "grid",
        &format!("M0 0H{width}M0 {middle}H{width}M0 {HEIGHT}H{width}"),
    )];
    if let Some(at) = cursor {
        let x = at * SECOND;
        paths.push(path(
            "cursor",
            &format!("M{x} 0h{SECOND}v{HEIGHT}h-{SECOND}z"),
        ));
    }
    paths.extend(bars.iter().map(|it| path(it.class, &it.outline(top))));
    let view_box = format!("0 0 {width} {HEIGHT}");
    let attributes = [("viewBox", &*view_box), ("preserveAspectRatio", "none")];
    let labels = [top, top / 2, 0].map(|value| element("span", &[], &[text(&unit(value))]));
    let ages = AGES.map(|age| {
        let label = if age == 0 {
            now.into()
        } else {
            format!("−{age} s")
        };
        element("span", &[], &[text(&label)])
    });
    element(
        "div",
        &[("class", "plot"), ("aria-hidden", "true")],
        &[
            element("div", &[("class", "values")], &labels),
            element("svg", &attributes, &paths),
            element("div", &[("class", "ages")], &ages),
        ],
    )
}

impl Bars {
    /// Outlines the bars of a scale up to `top`. The smallest is a unit high, so that it is seen.
    fn outline(&self, top: u64) -> String {
        let (begin, width) = self.place;
        let bar = |(at, &value): (usize, &u64)| {
            let height = (value * HEIGHT / top).max(1);
            let x = at * SECOND + begin;
            (value > 0).then(|| format!("M{x} {HEIGHT}v-{height}h{width}v{height}z"))
        };
        self.values.iter().enumerate().filter_map(bar).collect()
    }
}

/// Returns the top of a scale with room for `greatest`: 2, 4 or 10 times a power of ten, so that
/// its middle is a round number, too.
pub fn top_of_scale(greatest: u64) -> u64 {
    let mut unit = 1;
    loop {
        for factor in [2, 4, 10] {
            let top = factor * unit;
            if top >= greatest {
                return top;
            }
        }
        unit *= 10;
    }
}

fn path(class: &str, outline: &str) -> Markup {
    element("path", &[("class", class), ("d", outline)], &[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_end_and_halve_at_round_numbers() {
        let tops = [0, 2, 3, 5, 11, 21, 39, 400, 401, 20_001].map(top_of_scale);
        assert_eq!(tops, [2, 2, 4, 10, 20, 40, 40, 400, 1000, 40_000]);
    }

    #[test]
    fn a_plot_has_its_scale_and_its_bars() {
        let bars = [Bars {
            class: "sent",
            values: vec![0, 30, 1],
            place: (1, 4),
        }];
        let plot = plot(&bars, Some(1), |value| format!("{value}/s"), "now");
        let plot = plot.as_str();
        for part in [
            "<span>40/s</span><span>20/s</span><span>0/s</span>",
            "<span>−60 s</span>",
            "<span>now</span>",
            "d=\"M11 100v-75h4v75zM21 100v-2h4v2z\"",
            "class=\"cursor\" d=\"M10 0h10",
        ] {
            assert!(plot.contains(part), "{part} in {plot}");
        }
    }
}
