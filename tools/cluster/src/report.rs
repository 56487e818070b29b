//! A scenario's report: figures and checks.

use std::fmt::Display;

/// Prints figures and checks as they come, and counts the checks that fail.
#[derive(Debug, Default)]
pub(crate) struct Report {
    failed: u32,
}

impl Report {
    /// Prints a scenario's title.
    pub(crate) fn title(&self, title: &str) {
        println!("\n{title}");
    }

    /// Prints a figure that is not checked.
    pub(crate) fn figure(&self, name: &str, value: impl Display) {
        println!("        {name}: {value}");
    }

    /// Prints `claim` and its verdict.
    pub(crate) fn check(&mut self, claim: impl Display, holds: bool) {
        let verdict = if holds { "ok  " } else { "FAIL" };
        println!("  {verdict}  {claim}");
        self.failed += u32::from(!holds);
    }

    /// Prints `fault` as a check that failed.
    pub(crate) fn fail(&mut self, fault: impl Display) {
        self.check(fault, false);
    }

    /// Checks that the figure `name` has the expected value.
    pub(crate) fn check_equal<T: Copy + Display + PartialEq>(
        &mut self,
        name: &str,
        value: T,
        expected: T,
    ) {
        match value == expected {
            true => self.check(format_args!("{name}: {value}"), true),
            false => self.fail(format_args!("{name}: {value}, but expected {expected}")),
        }
    }

    /// The number of checks that failed.
    pub(crate) fn failed(&self) -> u32 {
        self.failed
    }
}
