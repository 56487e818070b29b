//! Conversion of floating-point numbers to text and back.

use std::fmt;

/// Functions that convert floating-point numbers: the standard library's, or those of the
/// browser, which spare a WebAssembly program the tables for them.
#[derive(Clone, Copy)]
pub struct Floats {
    /// Returns the shortest text that reads as the number; of an `f32`, if the second argument
    /// is true.
    pub write: fn(f64, bool) -> String,
    /// Reads a decimal number such as `-1.5e3`.
    pub read: fn(&str) -> Option<f64>,
}

impl Floats {
    /// The standard library's.
    pub const STD: Self = Self {
        write: |number, is_single| match is_single {
            true => format!("{:?}", number as f32),
            false => format!("{number:?}"),
        },
        read: |text| text.parse().ok(),
    };

    /// No conversion, for what shows no numbers.
    pub(crate) const NONE: Self = Self {
        write: |_, _| String::new(),
        read: |_| None,
    };
}

impl fmt::Debug for Floats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Floats")
    }
}
