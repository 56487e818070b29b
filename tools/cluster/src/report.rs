//! What a scenario tells: figures, and whether what it claims holds.

use std::fmt::Display;

/// Prints a scenario's findings as they come, and remembers whether all of them are good.
#[derive(Debug, Default)]
pub(crate) struct Report {
    failed: u32,
}

impl Report {
    /// Begins a scenario.
    pub(crate) fn title(&self, title: &str) {
        println!("\n{title}");
    }

    /// Tells a figure that is neither good nor bad.
    pub(crate) fn figure(&self, name: &str, value: impl Display) {
        println!("        {name}: {value}");
    }

    /// Tells whether `claim` holds.
    pub(crate) fn check(&mut self, claim: impl Display, holds: bool) {
        let verdict = if holds { "ok  " } else { "FAIL" };
        println!("  {verdict}  {claim}");
        self.failed += u32::from(!holds);
    }

    /// Tells that `name` has the value that it should have.
    pub(crate) fn equal<T: Copy + Display + PartialEq>(
        &mut self,
        name: &str,
        value: T,
        expected: T,
    ) {
        match value == expected {
            true => self.check(format_args!("{name}: {value}"), true),
            false => self.check(
                format_args!("{name}: {value}, but expected {expected}"),
                false,
            ),
        }
    }

    /// How many claims did not hold.
    pub(crate) fn failed(&self) -> u32 {
        self.failed
    }
}
