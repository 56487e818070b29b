//! A client's bytes, in pieces: the events are those that tungstenite has for them.
//!
//! The input is the number of cuts, their lengths, and the bytes.
#![no_main]

use gateway::fuzz::{ours, theirs};
use libfuzzer_sys::fuzz_target;

/// The longest message, in bytes: short enough for inputs to be over it.
const MAX: usize = 1000;

fuzz_target!(|input: &[u8]| {
    let [cuts, rest @ ..] = input else {
        return;
    };
    let Some((cuts, bytes)) = rest.split_at_checked(usize::from(*cuts)) else {
        return;
    };
    let cuts = cuts.iter().map(|cut| usize::from(*cut));
    let (theirs, ours) = (theirs(bytes, MAX), ours(bytes, cuts, MAX));
    assert!(theirs.agrees_with(&ours), "{theirs:02x?} {ours:02x?}");
});
