//! Captures for guesses, and checks of what is guessed.

use std::iter;

use protocol::{Evidence, Guess, guess};

/// Returns the frames of `messages`, each between what `frame` puts around it.
pub(crate) fn framed(messages: &[&[u8]], frame: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    messages.iter().flat_map(|message| frame(message)).collect()
}

pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: String = text.split_whitespace().collect();
    let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    (0..digits.len()).step_by(2).map(byte).collect()
}

/// Returns bytes without a pattern.
pub(crate) fn noise(seed: u64) -> impl Iterator<Item = u8> {
    let next = |state: &u64| {
        let next = state.wrapping_mul(6_364_136_223_846_793_005);
        Some(next.wrapping_add(1_442_695_040_888_963_407))
    };
    iter::successors(Some(seed), next)
        .skip(2)
        .map(|state| (state >> 33) as u8)
}

pub(crate) fn names(guesses: &[Guess]) -> Vec<String> {
    let name = |it: &Guess| format!("{} {:?} {}", it.framing, it.evidence, it.frames);
    guesses.iter().map(name).collect()
}

/// Checks that `framing` is among the first three guesses, with evidence and all bytes.
#[track_caller]
pub(crate) fn check(capture: &[u8], framing: &str) -> Vec<Guess> {
    let guesses = guess(capture, 8);
    let shown = names(&guesses);
    let place = guesses
        .iter()
        .position(|it| it.framing.to_string() == framing);
    assert!(place.is_some_and(|place| place < 3), "{framing}: {shown:?}");
    let right = guesses[place.unwrap()];
    assert!(right.evidence > Evidence::Weak, "{framing}: {shown:?}");
    assert!(
        right.complete && right.bytes == capture.len(),
        "{framing}: {shown:?}"
    );
    guesses
}

/// Checks that `framing` is the first guess.
#[track_caller]
pub(crate) fn check_first(capture: &[u8], framing: &str) {
    let guesses = check(capture, framing);
    assert_eq!(
        guesses[0].framing.to_string(),
        framing,
        "{:?}",
        names(&guesses)
    );
}
