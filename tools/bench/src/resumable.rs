//! Resumable sessions: their cost, as a part of that of plain sessions in the same round.

use crate::contender::{Contender, FRAMEGATE};
use crate::measure::{Figures, Setup};
use crate::table::Table;
use crate::variants::{Variant, compare};
use crate::workload::{IDLE, LOADS};

/// Measures the bridge with plain and with resumable sessions; returns a table of the rates, and
/// one of the memory.
pub(crate) async fn run(
    setup: &Setup,
    contenders: &[Contender],
    upstream: &Contender,
    rounds: usize,
) -> Vec<Table> {
    let Some(bridge) = contenders.iter().find(|it| it.name == FRAMEGATE[1]) else {
        return Vec::new();
    };
    let variant = |name, contender| Variant {
        name,
        contender,
        upstream: upstream.clone(),
    };
    let variants = [
        variant("plain", bridge.clone()),
        variant("resumable", bridge.resumable()),
    ];
    let rates = "bridge: messages per server-CPU second";
    let memory = "bridge: bytes for each idle session";
    let memory_of = |figures: &Figures| figures.memory_per_connection(IDLE.connections);
    vec![
        compare(
            setup,
            rates,
            &variants,
            &LOADS,
            Figures::messages_per_cpu_second,
            rounds,
        )
        .await,
        compare(setup, memory, &variants, &[IDLE], memory_of, rounds).await,
    ]
}
