//! Differential fuzzing of the WebSocket layer against tungstenite: for a client's bytes, in
//! chunks of any length, both have the same messages and the same end.
//!
//! The input is the number of chunks, their lengths, and the bytes.
#![no_main]

use gateway::fuzz::{ours, theirs};
use libfuzzer_sys::fuzz_target;

/// The longest message, in bytes: short enough that inputs exceed it.
const MAX: usize = 1000;

fuzz_target!(|input: &[u8]| {
    let [chunks, rest @ ..] = input else {
        return;
    };
    let Some((chunks, bytes)) = rest.split_at_checked(usize::from(*chunks)) else {
        return;
    };
    let chunks = chunks.iter().map(|len| usize::from(*len));
    let (theirs, ours) = (theirs(bytes, MAX), ours(bytes, chunks, MAX));
    assert!(theirs.agrees_with(&ours), "{theirs:02x?} {ours:02x?}");
});
