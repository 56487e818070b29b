//! Views of frames: the segments of a message on TCP, each with an explanation.

use std::fmt;
use std::rc::Rc;

use bytes::Bytes;
use protocol::Role;

use crate::encoding;
use crate::framing::{Framing, Refusal};
use crate::json::{self, Value};
use crate::language::Language;

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

/// Late part's function that explains frames: notation and message in, the view as JSON out.
#[derive(Clone)]
pub struct Explainer(Rc<dyn Fn(&str, &[u8]) -> String>);

impl FrameView {
    /// Returns the view of a message's frame; `None` until the late part that explains its
    /// framing is loaded.
    ///
    /// # Errors
    /// The reason if the framing cannot carry the message.
    pub fn new(
        framing: &Framing,
        message: &Bytes,
        explainer: Option<&Explainer>,
        language: Language,
    ) -> Option<Result<Self, Refusal>> {
        match framing.built_in() {
            Some(built_in) => Some(built_in.frame(message).map(|segments| Self {
                segments: language.segments(built_in, segments),
                note: language.built_in_note(built_in),
                ..Self::default()
            })),
            None => {
                let answer = (explainer?.0)(framing.notation(), message);
                let value = json::parse(&answer).ok()?;
                Some(match value.string("refusal") {
                    Some(refusal) => Err(Refusal::Explained(refusal.into())),
                    None => Ok(Self::from_json(&value)?),
                })
            }
        }
    }

    /// Returns the frame's length on the wire, in bytes.
    pub fn wire_len(&self) -> usize {
        self.segments.iter().map(|it| it.bytes.len()).sum()
    }

    /// Writes the view as JSON, for [`Explainer`].
    pub fn to_json(&self) -> String {
        let base64 = |bytes: &[u8]| json::quote(&encoding::encode_base64(bytes));
        let segments = self.segments.iter().map(|it| {
            let (name, meaning) = (json::quote(&it.name), json::quote(&it.meaning));
            let (role, bytes) = (role_key(it.role), base64(&it.bytes));
            format!(r#"{{"role":"{role}","base64":{bytes},"name":{name},"meaning":{meaning}}}"#)
        });
        let segments = segments.collect::<Vec<_>>().join(",");
        let note = self.note.as_ref();
        let note = note.map_or(String::new(), |it| {
            format!(r#","note":{}"#, json::quote(it))
        });
        let repaired = self.repaired.as_ref();
        let repaired =
            repaired.map_or(String::new(), |it| format!(r#","repaired":{}"#, base64(it)));
        let whole = match self.is_whole {
            true => r#","whole":1"#,
            false => "",
        };
        format!(r#"{{"segments":[{segments}]{note}{repaired}{whole}}}"#)
    }

    fn from_json(value: &Value) -> Option<Self> {
        let base64 = |text: &str| encoding::decode_base64(text).ok().map(Bytes::from);
        let segment = |it: &Value| {
            Some(SegmentView {
                role: *ROLES
                    .iter()
                    .find(|&&role| it.string("role") == Some(role_key(role)))?,
                bytes: base64(it.string("base64")?)?,
                name: it.string("name")?.into(),
                meaning: it.string("meaning")?.into(),
            })
        };
        Some(Self {
            segments: value
                .get("segments")?
                .items()
                .iter()
                .filter_map(segment)
                .collect(),
            note: value.string("note").map(Into::into),
            is_whole: value.number("whole").is_some(),
            repaired: value.string("repaired").and_then(base64),
        })
    }
}

impl SegmentView {
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

const ROLES: [Role; 5] = [
    Role::Length,
    Role::Fixed,
    Role::Free,
    Role::Payload,
    Role::Encoded,
];

fn role_key(role: Role) -> &'static str {
    match role {
        Role::Length => "length",
        Role::Fixed => "fixed",
        Role::Free => "free",
        Role::Payload => "payload",
        Role::Encoded => "encoded",
    }
}

impl Explainer {
    /// Wraps the late part's function.
    pub fn new(explain: impl Fn(&str, &[u8]) -> String + 'static) -> Self {
        Self(Rc::new(explain))
    }
}

impl PartialEq for Explainer {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Explainer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Explainer")
    }
}
