use crate::picture_problem::PictureProblem;

/// Error of parsing a [`Framing`](crate::Framing).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotationError {
    /// Word that names no framing.
    Unknown(String),
    /// Picture that describes no framing.
    Picture {
        /// Notation as given, shortened if it is long.
        notation: String,
        /// Reason, with what is expected.
        reason: PictureProblem,
        /// Offset in the notation of the part at fault, in bytes.
        at: usize,
    },
}

/// Reason that a picture is refused, and the offset of the part at fault.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) reason: PictureProblem,
    pub(crate) at: usize,
}

impl NotationError {
    /// Longest notation repeated in an error, in characters.
    const SHOWN: usize = 100;

    /// Returns the offset in the notation of the part at fault, in bytes.
    pub fn at(&self) -> usize {
        match self {
            Self::Unknown(_) => 0,
            Self::Picture { at, .. } => *at,
        }
    }

    /// Returns the notation as given; `None` if it was shortened.
    pub(crate) fn notation(&self) -> Option<&str> {
        let (Self::Unknown(notation) | Self::Picture { notation, .. }) = self;
        (notation.chars().count() <= Self::SHOWN).then_some(notation)
    }

    pub(crate) fn new(notation: &str, refusal: Option<Refusal>) -> Self {
        let mut shown: String = notation.chars().take(Self::SHOWN).collect();
        if shown.len() < notation.len() {
            shown.push('…');
        }
        match refusal {
            Some(Refusal { reason, at }) => Self::Picture {
                notation: shown,
                reason,
                at,
            },
            None => Self::Unknown(shown),
        }
    }
}
