//! Write clock: the time for which a file operation of the recorder has been running.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;

use crate::sync::lock;

/// A clock that is read by each scrape: the thread that hangs in a write cannot tell of it.
/// Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct WriteClock(Arc<Mutex<Option<Instant>>>);

/// A guard that lets the clock run until it is dropped.
#[derive(Debug)]
pub(crate) struct WriteGuard(WriteClock);

impl WriteClock {
    pub(super) fn start(&self) -> WriteGuard {
        *lock(&self.0) = Some(Instant::now());
        WriteGuard(self.clone())
    }
}

impl Drop for WriteGuard {
    fn drop(&mut self) {
        *lock(&self.0.0) = None;
    }
}

impl Collector for WriteClock {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let seconds = lock(&self.0).map_or(0.0, |since| since.elapsed().as_secs_f64());
        let gauge = ConstGauge::new(seconds);
        let encoder = encoder.encode_descriptor(
            "recording_write",
            "Time for which the current write to the recording has taken, 0 between writes",
            Some(&Unit::Seconds),
            gauge.metric_type(),
        )?;
        gauge.encode(encoder)
    }
}
