//! A message in the making: what was written, in which notation, and what went before.

use std::rc::Rc;

use bytes::Bytes;

use crate::encoding::{self, InputError};
use crate::log::Kind;

/// How a message is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    /// As it is; sent as a text message.
    #[default]
    Text,
    /// Two hexadecimal digits a byte; sent as a binary message.
    Hex,
    /// Base64, RFC 4648; sent as a binary message.
    Base64,
}

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Draft {
    /// The notation.
    pub format: Format,
    /// The text.
    pub text: String,
}

/// A message, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Text or binary.
    pub kind: Kind,
    /// What it says.
    pub payload: Bytes,
}

/// A draft that has a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// The name.
    pub name: String,
    /// The draft.
    pub draft: Draft,
}

/// The drafts that a history keeps.
const HISTORY: usize = 100;

/// The longest draft that a history keeps, in bytes: what is longer came from a file
/// rather than from fingers, and browsers keep only a few megabytes.
const HISTORY_DRAFT: usize = 10_000;

/// The drafts that were sent, and the way back through them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History {
    /// The oldest first.
    drafts: Rc<Vec<Draft>>,
    /// Where the person is, and what was being written before.
    recalled: Option<(usize, Draft)>,
}

impl Format {
    /// Every format.
    pub const ALL: [Format; 3] = [Format::Text, Format::Hex, Format::Base64];

    /// What the format is called in what the page keeps.
    pub fn key(self) -> &'static str {
        match self {
            Format::Text => "text",
            Format::Hex => "hex",
            Format::Base64 => "base64",
        }
    }

    /// The format that is called `key`.
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.key() == key)
    }
}

impl Draft {
    /// The message that was written.
    pub fn message(&self) -> Result<Message, InputError> {
        let (kind, payload) = match self.format {
            Format::Text => (Kind::Text, self.text.clone().into_bytes()),
            Format::Hex => (Kind::Binary, encoding::hex(&self.text)?),
            Format::Base64 => (Kind::Binary, encoding::base64(&self.text)?),
        };
        Ok(Message {
            kind,
            payload: payload.into(),
        })
    }
}

impl History {
    /// A history of `drafts`, the oldest first.
    pub fn new(drafts: Rc<Vec<Draft>>) -> Self {
        Self {
            drafts,
            recalled: None,
        }
    }

    /// What was sent, the oldest first.
    pub fn drafts(&self) -> &Rc<Vec<Draft>> {
        &self.drafts
    }

    /// Remembers what was sent. What is sent again only moves to the end.
    pub fn add(&mut self, draft: Draft) {
        self.recalled = None;
        if draft.text.is_empty() || draft.text.len() > HISTORY_DRAFT {
            return;
        }
        let drafts = Rc::make_mut(&mut self.drafts);
        drafts.retain(|it| *it != draft);
        drafts.push(draft);
        if drafts.len() > HISTORY {
            drafts.remove(0);
        }
    }

    /// The draft before the one that is shown, if there is one; keeps `current` for the
    /// way back.
    pub fn earlier(&mut self, current: &Draft) -> Option<Draft> {
        let place = match &self.recalled {
            Some((place, _)) => place.checked_sub(1)?,
            None => self.drafts.len().checked_sub(1)?,
        };
        let written = self.recalled.take().map(|(_, written)| written);
        self.recalled = Some((place, written.unwrap_or_else(|| current.clone())));
        self.drafts.get(place).cloned()
    }

    /// The draft after the one that is shown; at last the one that was being written.
    pub fn later(&mut self) -> Option<Draft> {
        let (place, written) = self.recalled.take()?;
        match self.drafts.get(place + 1) {
            Some(draft) => {
                self.recalled = Some((place + 1, written));
                Some(draft.clone())
            }
            None => Some(written),
        }
    }

    /// Stays with what is shown: it is being changed.
    pub fn edited(&mut self) {
        self.recalled = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(text: &str) -> Draft {
        Draft {
            format: Format::Text,
            text: text.into(),
        }
    }

    fn history(texts: &[&str]) -> History {
        let mut history = History::default();
        texts.iter().for_each(|text| history.add(draft(text)));
        history
    }

    #[test]
    fn text_is_sent_as_text_and_bytes_as_binary() {
        let check = |format, text: &str, kind, payload: &'static [u8]| {
            let text = text.into();
            let message = Draft { format, text }.message().unwrap();
            assert_eq!((message.kind, &*message.payload), (kind, payload));
        };
        check(Format::Text, "ff", Kind::Text, b"ff");
        check(Format::Hex, "ff 00", Kind::Binary, b"\xff\0");
        check(Format::Base64, "aGk=", Kind::Binary, b"hi");
        for format in Format::ALL {
            assert_eq!(Format::of_key(format.key()), Some(format));
        }
    }

    #[test]
    fn up_and_down_walk_the_history_and_back_to_what_was_being_written() {
        let mut history = history(&["one", "two"]);
        let current = draft("thr");
        assert_eq!(history.earlier(&current), Some(draft("two")));
        assert_eq!(history.earlier(&draft("two")), Some(draft("one")));
        assert_eq!(history.earlier(&draft("one")), None);
        assert_eq!(history.later(), Some(draft("two")));
        assert_eq!(history.later(), Some(current));
        assert_eq!(history.later(), None);
    }

    #[test]
    fn a_history_has_no_repeats_no_giants_and_an_end() {
        let texts = |history: &History| -> Vec<String> {
            history.drafts().iter().map(|it| it.text.clone()).collect()
        };
        assert_eq!(texts(&history(&["a", "b", "a", ""])), ["b", "a"]);
        let giant = "x".repeat(HISTORY_DRAFT + 1);
        assert_eq!(texts(&history(&["a", &giant])), ["a"]);
        let mut many = History::default();
        (0..=HISTORY).for_each(|n| many.add(draft(&n.to_string())));
        assert_eq!(many.drafts().len(), HISTORY);
        assert_eq!(many.drafts()[0].text, "1");
    }

    #[test]
    fn what_is_edited_is_no_longer_recalled() {
        let mut history = history(&["one", "two"]);
        history.earlier(&draft(""));
        history.edited();
        assert_eq!(history.later(), None);
        assert_eq!(history.earlier(&draft("two!")), Some(draft("two")));
    }
}
