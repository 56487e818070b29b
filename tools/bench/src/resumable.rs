//! Resumable sessions: their rate, as a part of that of plain sessions in the same round.

use crate::contender::{Contender, FRAMEGATE};
use crate::measure::Setup;
use crate::table::Table;
use crate::variants::{Variant, compare};
use crate::workload::LOADS;

/// Measures the bridge with plain and with resumable sessions; `None` if it is no contender.
pub(crate) async fn run(
    setup: &Setup,
    contenders: &[Contender],
    upstream: &Contender,
    rounds: usize,
) -> Option<Table> {
    let bridge = contenders.iter().find(|it| it.name == FRAMEGATE[1])?;
    let variant = |name, contender| Variant {
        name,
        contender,
        upstream: upstream.clone(),
    };
    let variants = [
        variant("plain", bridge.clone()),
        variant("resumable", bridge.resumable()),
    ];
    Some(compare(setup, bridge.kind, &variants, &LOADS, rounds).await)
}
