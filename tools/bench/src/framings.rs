//! Framings: framegate's rate with each, as a part of its rate with `u32le` in the same round.

use crate::contender::{Contender, FRAMEGATE};
use crate::measure::Setup;
use crate::table::Table;
use crate::variants::{Variant, compare};
use crate::workload::{W3, W4, Workload};

/// The first is the 1.00 of the ratios.
const FRAMINGS: [&str; 5] = [
    "u32le",
    "1+u32be-inclusive",
    "lines",
    "json",
    "whole:1+u32be-inclusive",
];
/// Floods of short messages, and long messages.
const WORKLOADS: [Workload; 2] = [W3, W4];

/// Measures echo service and bridge with each framing; returns a table for each. The bridge's
/// upstream is framegate's echo service.
pub(crate) async fn run(setup: &Setup, contenders: &[Contender], rounds: usize) -> Vec<Table> {
    let find = |name| contenders.iter().find(|it| it.name == name);
    let Some(echo) = find(FRAMEGATE[0]) else {
        return Vec::new();
    };
    let mut tables = Vec::new();
    for contender in FRAMEGATE.into_iter().filter_map(find) {
        let variants = FRAMINGS.map(|framing| Variant {
            name: framing,
            contender: contender.with_framing(framing),
            upstream: echo.with_framing(framing),
        });
        tables.push(compare(setup, contender.kind, &variants, &WORKLOADS, rounds).await);
    }
    tables
}
