//! Views of frames: the segments of a message on TCP, each with an explanation.

use std::fmt;
use std::rc::Rc;

use bytes::Bytes;
use protocol::Role;

use crate::encoding::{self, DecodeError};
use crate::framing::{Framing, Refusal};

/// Frame of a message, in segments.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FrameView {
    /// Segments, in wire order.
    pub segments: Vec<SegmentView>,
    /// Note on the whole frame.
    pub note: Option<String>,
    /// True if the message is the frame, so that no byte of it is the framing's own.
    pub is_whole: bool,
    /// Message with its length set right, if it is a whole frame whose length is wrong.
    pub repaired: Option<Bytes>,
}

/// Segment of a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentView {
    /// Role of the bytes.
    pub role: Role,
    /// Bytes.
    pub bytes: Bytes,
    /// Name of the segment.
    pub name: String,
    /// Meaning of the bytes; empty for those of a payload.
    pub meaning: String,
}

/// Late part's functions: one explains frames, the other reads input.
#[derive(Clone)]
pub struct Explainer {
    explain: Rc<Explain>,
    read_input: ReadInput,
}

/// Function that reads input: an input format and a text in, bytes out, or what is wrong as a
/// sentence.
pub type ReadInput = fn(&str, &str) -> Result<Vec<u8>, String>;

/// Function that explains a frame: notation and message in, the view as lines out.
type Explain = dyn Fn(&str, &[u8]) -> String;

impl FrameView {
    /// Returns the view of a message's frame; `None` until the late part that explains its
    /// framing is loaded. The segments of a built-in framing have neither names nor meanings.
    ///
    /// # Errors
    /// The reason if the framing cannot carry the message.
    pub fn new(
        framing: &Framing,
        message: &Bytes,
        explainer: Option<&Explainer>,
    ) -> Option<Result<Self, Refusal>> {
        match framing.built_in() {
            Some(built_in) => Some(built_in.frame(message).map(|segments| Self {
                segments: segments.into_iter().map(SegmentView::unexplained).collect(),
                ..Self::default()
            })),
            None => {
                let lines = (explainer?.explain)(framing.notation(), message);
                Self::from_lines(&lines)
            }
        }
    }

    /// Returns the frame's length on the wire, in bytes.
    pub fn wire_len(&self) -> usize {
        self.segments.iter().map(|it| it.bytes.len()).sum()
    }

    /// Writes the view, or the refusal, as lines of cells between tabs, for [`Explainer`]: the
    /// page reads these in less code than JSON.
    pub fn to_lines(view: &Result<Self, String>) -> String {
        let cell = |text: &str| text.replace(char::is_control, " ");
        let base64 = encoding::encode_base64;
        let view = match view {
            Ok(view) => view,
            Err(refusal) => return cell(refusal),
        };
        let note = view.note.as_deref().unwrap_or_default();
        let repaired = view.repaired.as_ref();
        let repaired = repaired.map_or(String::new(), |it| base64(it));
        let whole = if view.is_whole { "whole" } else { "" };
        let mut lines = format!("{whole}\t{}\t{repaired}", cell(note));
        for it in &view.segments {
            let (role, bytes) = (it.role.as_str(), base64(&it.bytes));
            let (name, meaning) = (cell(&it.name), cell(&it.meaning));
            lines += &format!("\n{role}\t{bytes}\t{name}\t{meaning}");
        }
        lines
    }

    /// Reads the lines of a view; a refusal has no tab.
    fn from_lines(text: &str) -> Option<Result<Self, Refusal>> {
        let mut lines = text.split('\n');
        let mut cells = lines.next()?.split('\t');
        let whole = cells.next()?;
        let Some(note) = cells.next() else {
            return Some(Err(Refusal::Explained(whole.into())));
        };
        let base64 = |text: &str| encoding::decode_base64(text).ok().map(Bytes::from);
        let mut view = Self {
            segments: Vec::new(),
            note: Some(note.into()).filter(|_| !note.is_empty()),
            is_whole: !whole.is_empty(),
            repaired: cells.next().filter(|it| !it.is_empty()).and_then(base64),
        };
        for line in lines {
            let mut cells = line.split('\t');
            let role = cells.next()?;
            view.segments.push(SegmentView {
                role: *Role::ALL.iter().find(|it| it.as_str() == role)?,
                bytes: base64(cells.next()?)?,
                name: cells.next()?.into(),
                meaning: cells.next()?.into(),
            });
        }
        Some(Ok(view))
    }
}

impl SegmentView {
    fn unexplained((role, bytes): (Role, Bytes)) -> Self {
        Self {
            role,
            bytes,
            name: String::new(),
            meaning: String::new(),
        }
    }

    /// Returns the class of the segment's bytes in the stylesheet.
    pub fn class(&self, is_whole: bool) -> &'static str {
        match self.role {
            Role::Length if is_whole => "outlined",
            Role::Length | Role::Fixed if !is_whole => "header",
            Role::Free if !is_whole => "free",
            _ => "payload",
        }
    }
}

impl Explainer {
    /// Wraps the late part's function.
    pub fn new(explain: impl Fn(&str, &[u8]) -> String + 'static) -> Self {
        Self {
            explain: Rc::new(explain),
            read_input: |_, _| Err(String::new()),
        }
    }

    /// Wraps the late part's function that reads input, too.
    pub fn with_input(self, read_input: ReadInput) -> Self {
        Self { read_input, ..self }
    }

    /// Reads input in a format.
    ///
    /// # Errors
    /// [`DecodeError::Explained`] if it is not valid.
    pub fn read_input(&self, format: &str, text: &str) -> Result<Vec<u8>, DecodeError> {
        (self.read_input)(format, text).map_err(DecodeError::Explained)
    }
}

impl PartialEq for Explainer {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.explain, &other.explain)
    }
}

impl fmt::Debug for Explainer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Explainer")
    }
}
