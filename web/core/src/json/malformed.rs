//! Texts that are no JSON, for the tests of its readers.

/// Texts with the line and column of their fault.
pub(super) const PLACED: [(&str, usize, usize); 8] = [
    ("", 1, 1),
    ("{\n  \"a\": 1,\n}", 3, 1),
    ("[1 2]", 1, 4),
    ("nul", 1, 1),
    ("'a'", 1, 1),
    ("[日]", 1, 2),
    ("1 2", 1, 3),
    ("{\"a\" 1}", 1, 6),
];

/// Texts whose fault may be told at more than one place.
pub(super) const UNPLACED: [&str; 10] = [
    "\"",
    "\"\\",
    "\"\\u12",
    "\"\\u+123\"",
    "\"\n\"",
    "{\"a\"",
    "[1,",
    "[1,]",
    "{\"a\":1,}",
    "[}",
];
