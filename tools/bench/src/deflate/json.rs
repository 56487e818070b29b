//! JSON as services send it: records with the same names, and values that differ.

use std::fmt::Write;

use fastrand::Rng;

const SYMBOLS: [&str; 8] = [
    "AAPL", "MSFT", "GOOG", "AMZN", "NVDA", "TSLA", "META", "ORCL",
];
const VENUES: [&str; 4] = ["XNAS", "XNYS", "BATS", "ARCX"];

/// Returns a message of `len` bytes, or up to one record longer.
pub(super) fn message(rng: &mut Rng, len: usize) -> String {
    let mut text = String::with_capacity(len + 128);
    text.push_str("{\"type\":\"quotes\",\"items\":[");
    while text.len() + 2 < len {
        if !text.ends_with('[') {
            text.push(',');
        }
        push_record(&mut text, rng);
    }
    text.push_str("]}");
    text
}

fn push_record(text: &mut String, rng: &mut Rng) {
    let bid = rng.u32(1_000..50_000);
    let ask = bid + rng.u32(1..20);
    // Writing to a string does not fail.
    let _ = write!(
        text,
        "{{\"symbol\":\"{}\",\"venue\":\"{}\",\"bid\":{}.{:02},\"ask\":{}.{:02},\"size\":{}}}",
        SYMBOLS[rng.usize(..SYMBOLS.len())],
        VENUES[rng.usize(..VENUES.len())],
        bid / 100,
        bid % 100,
        ask / 100,
        ask % 100,
        100 * rng.u32(1..50),
    );
}
