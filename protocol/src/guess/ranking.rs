//! Ranking of the framings that divide a capture.

use super::bits::{BIT, Bits, log2};
use super::capture::Capture;
use super::division::Division;
use super::evidence::{Evidence, Guess};
use super::fixed_bytes;
use crate::framing::Framing;

/// Evidence that is hardly chance, and evidence that is unlikely to be.
const STRONG: Bits = 26 * BIT;
const FAIR: Bits = 10 * BIT;
/// Evidence of a single landing at the capture's end, at most.
const MAX_LANDING: Bits = 8 * BIT;
/// Evidence of bytes under each other in a text, at most: its lines are alike wherever frames
/// begin.
const MAX_IN_TEXT: Bits = 24 * BIT;
/// Cost of a capture that ends inside a frame.
const CUT: Bits = 4 * BIT;
/// Largest number of guesses that divide a capture alike.
const ALIKE: usize = 4;
/// Evidence below that of the first guess which is not worth a mention.
const FAR_BELOW: Bits = 60 * BIT;

/// Framings that divide a capture, with the evidence for each.
#[derive(Debug)]
pub(super) struct Ranking<'a> {
    pub(super) capture: &'a Capture<'a>,
    ranked: Vec<Ranked>,
    /// Alignments already computed, by the hash of the division.
    alignments: Vec<(u32, Bits)>,
}

#[derive(Debug)]
struct Ranked {
    guess: Guess,
    bits: Bits,
    division: u32,
}

impl<'a> Ranking<'a> {
    pub(super) fn new(capture: &'a Capture<'a>) -> Self {
        Self {
            capture,
            ranked: Vec::new(),
            alignments: Vec::new(),
        }
    }

    /// Adds a framing that divides the capture so. `bits` is the evidence besides the
    /// division, less the cost of the notation.
    pub(super) fn add(&mut self, framing: Framing, division: &Division, bits: Bits) {
        let alignment = self.alignment(division, division.hash());
        self.add_unaligned(framing, division, bits + alignment);
    }

    /// Adds a framing whose frames are alike because of the search for their ends: where they
    /// end is no evidence.
    pub(super) fn add_unaligned(&mut self, framing: Framing, division: &Division, bits: Bits) {
        let guess = Guess {
            framing,
            frames: division.len(),
            bytes: division.bytes(),
            complete: division.complete,
            evidence: Evidence::Weak,
        };
        self.ranked.push(Ranked {
            guess,
            bits: bits + self.end(division),
            division: division.hash(),
        });
    }

    /// Adds a framing with a length, and with the bytes around it that never change.
    pub(super) fn add_picture(&mut self, framing: Framing, division: &Division, bits: Bits) {
        self.add(framing, division, bits);
        for (fixed, gain) in fixed_bytes::variants(framing, self.capture, division) {
            self.add(fixed, division, bits + gain);
        }
    }

    /// Returns the evidence of the capture's end: a frame ends there as well, or the frame
    /// that is cut announces a length.
    pub(super) fn end(&self, division: &Division) -> Bits {
        let len = self.capture.bytes.len();
        let mean = len / division.len();
        match division.announced {
            _ if self.capture.is_cut => 0,
            _ if division.complete => log2(mean.max(1) as u32).min(MAX_LANDING),
            Some(announced) => {
                let longest = division.frames().map(|(begin, end)| end - begin).max();
                let usual = longest.unwrap_or(1).max(len - division.bytes());
                -CUT - log2((announced / usual).max(1) as u32)
            }
            None => -CUT,
        }
    }

    fn alignment(&mut self, division: &Division, hash: u32) -> Bits {
        let known = self.alignments.iter().find(|(known, _)| *known == hash);
        if let Some((_, bits)) = known {
            return *bits;
        }
        let mut bits = self.capture.alignment(division);
        if self.capture.is_text {
            bits = bits.min(MAX_IN_TEXT);
        }
        self.alignments.push((hash, bits));
        bits
    }

    /// Returns the best guesses, at most `max`.
    pub(super) fn best(mut self, max: usize) -> Vec<Guess> {
        self.ranked.sort_by_key(|it| -it.bits);
        let best = self.ranked.first().map_or(0, |first| first.bits);
        let mut chosen: Vec<Ranked> = Vec::new();
        for mut ranked in self.ranked {
            let alike = chosen.iter().filter(|it| it.division == ranked.division);
            let is_known = chosen
                .iter()
                .any(|it| it.guess.framing == ranked.guess.framing);
            if is_known || alike.count() >= ALIKE || ranked.bits < best - FAR_BELOW {
                continue;
            }
            ranked.guess.evidence = match ranked.bits {
                STRONG.. => Evidence::Strong,
                FAIR.. => Evidence::Fair,
                _ => Evidence::Weak,
            };
            chosen.push(ranked);
            if chosen.len() >= max {
                break;
            }
        }
        let mut guesses: Vec<Guess> = chosen.into_iter().map(|it| it.guess).collect();
        if guesses
            .first()
            .is_none_or(|first| first.evidence == Evidence::Weak)
        {
            guesses.insert(0, raw(self.capture));
            guesses.truncate(max);
        }
        guesses
    }
}

fn raw(capture: &Capture<'_>) -> Guess {
    Guess {
        framing: Framing::Raw,
        frames: 1,
        bytes: capture.bytes.len(),
        complete: true,
        evidence: Evidence::Weak,
    }
}
