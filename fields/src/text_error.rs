//! Errors of texts that people write: schemas and JSON.

use std::fmt;

use crate::text_problem::TextProblem;

/// Error of reading a schema or JSON. Displayed: "line 2, column 5: expected a type".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextError {
    /// Line, from 1 on; 0 if the problem has no place.
    pub line: usize,
    /// Column in characters, from 1 on.
    pub column: usize,
    /// Problem.
    pub problem: TextProblem,
}

impl TextError {
    /// The error of a whole text.
    pub(crate) fn whole(problem: TextProblem) -> Self {
        Self {
            line: 0,
            column: 0,
            problem,
        }
    }

    /// The error at an offset in bytes.
    pub(crate) fn at(text: &str, offset: usize, problem: TextProblem) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Self {
            line: before.bytes().filter(|it| *it == b'\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            problem,
        }
    }
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "line {}, column {}: ", self.line, self.column)?;
        }
        write!(f, "{}", self.problem)
    }
}

impl std::error::Error for TextError {}
