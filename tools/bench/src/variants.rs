//! Variants: framegate's figures with other settings, as parts of its own in the same round.

use crate::compare::PER_CPU;
use crate::contender::{Contender, Kind};
use crate::measure::{Figures, Setup};
use crate::table::{Table, median, median_ratio, short};
use crate::workload::Workload;

/// A contender with settings of its own.
pub(crate) struct Variant {
    /// The name in the table.
    pub(crate) name: &'static str,
    pub(crate) contender: Contender,
    /// The upstream of a bridge.
    pub(crate) upstream: Contender,
}

/// Measures the variants of a service in turns. Returns a table with a row for each, and in a cell the
/// median of the messages per server-CPU second, then that of the ratios to the first variant in the same round.
pub(crate) async fn compare(
    setup: &Setup,
    kind: Kind,
    variants: &[Variant],
    workloads: &[Workload],
    rounds: usize,
) -> Table {
    let (measure_name, of) = PER_CPU;
    // By variant and workload, a figure for each round.
    let mut figures = vec![vec![Vec::new(); workloads.len()]; variants.len()];
    for _ in 0..rounds {
        for (variant, figures) in variants.iter().zip(&mut figures) {
            for (workload, figures) in workloads.iter().zip(figures) {
                figures.push(measure(setup, variant, workload).await.as_ref().map(of));
            }
        }
    }
    let title = format!("{}: {measure_name}", kind.title());
    let mut table = Table::new(&title, workloads.iter().map(|workload| workload.name));
    for (variant, figures_of) in variants.iter().zip(&figures) {
        let cells = figures_of.iter().zip(&figures[0]);
        let cells = cells.map(|(figures, of_first)| cell(figures, of_first));
        table.push(variant.name, cells.collect());
    }
    table
}

/// Returns the figures; `None`, after a message, if a reply is wrong.
async fn measure(setup: &Setup, variant: &Variant, workload: &Workload) -> Option<Figures> {
    let Variant {
        name,
        contender,
        upstream,
    } = variant;
    let figures = setup.measure(contender, upstream, workload).await;
    let figures = figures.inspect_err(|error| eprintln!("{name} {}: {error}", workload.name));
    figures.ok()
}

fn cell(figures: &[Option<f64>], of_first: &[Option<f64>]) -> String {
    let middle = median(figures.iter().copied().flatten().collect());
    match (middle, median_ratio(figures, of_first)) {
        (Some(figure), Some(ratio)) => format!("{} = {ratio:.2}", short(figure)),
        _ => "–".into(),
    }
}
