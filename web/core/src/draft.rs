//! Drafts: messages being written, the history of sent ones, and saved ones.

use std::rc::Rc;

use crate::encoding::{self, DecodeError};
use crate::frame_view::Explainer;
use crate::message::{Kind, Message};

/// The notation of a draft.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum InputFormat {
    /// Plain text with LF line breaks, sent as a text message.
    #[default]
    Text,
    /// Plain text with CRLF line breaks.
    TextCrlf,
    /// Plain text with CR line breaks.
    TextCr,
    /// Text with escapes such as `\r\n` and `\x02`, sent as a text message if it is UTF-8.
    Escaped,
    /// Hexadecimal bytes, sent as a binary message.
    Hex,
    /// Base64 (RFC 4648), sent as a binary message.
    Base64,
}

/// A message being written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Draft {
    /// The notation of `text`.
    pub format: InputFormat,
    /// The content of the composer's input.
    pub text: String,
}

/// A draft that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentDraft {
    /// The place in the history: higher than those of all drafts sent before.
    pub number: u64,
    /// The draft.
    pub draft: Draft,
}

/// A draft saved under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedDraft {
    /// The name.
    pub name: String,
    /// The draft.
    pub draft: Draft,
}

/// The most drafts in the history.
pub const MAX_HISTORY: usize = 100;

/// The longest draft in the history, in bytes. Longer ones are pasted rather than typed,
/// and the browser's storage holds a few megabytes only.
const MAX_HISTORY_DRAFT_LEN: usize = 10_000;

/// The history of sent drafts, and the position in it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History {
    /// The oldest first.
    drafts: Rc<Vec<SentDraft>>,
    /// The position of the recalled draft, and the unsent draft to return to.
    recalled: Option<(usize, Draft)>,
}

impl InputFormat {
    /// All formats.
    pub const ALL: [InputFormat; 6] = [
        InputFormat::Text,
        InputFormat::TextCrlf,
        InputFormat::TextCr,
        InputFormat::Escaped,
        InputFormat::Hex,
        InputFormat::Base64,
    ];

    /// Returns the name in the stored state.
    pub fn key(self) -> &'static str {
        match self {
            InputFormat::Text => "text",
            InputFormat::TextCrlf => "text-crlf",
            InputFormat::TextCr => "text-cr",
            InputFormat::Escaped => "escaped",
            InputFormat::Hex => "hex",
            InputFormat::Base64 => "base64",
        }
    }

    /// Returns the format with that name in the stored state.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.key() == key)
    }
}

impl Draft {
    /// Returns true if the late part reads the draft: escapes, and hexadecimal as dumps and
    /// programming languages have it.
    pub fn is_late(&self) -> bool {
        match self.format {
            InputFormat::Escaped => true,
            InputFormat::Hex => {
                let mut before = 0;
                self.text.bytes().any(|byte| {
                    let is_plain = byte.is_ascii_alphanumeric() || b" ,\n".contains(&byte);
                    // Two spaces separate the columns of a dump.
                    let is_column = byte == b' ' && before == b' ';
                    before = byte;
                    !is_plain || is_column
                })
            }
            _ => false,
        }
    }

    /// Writes the draft for [`from_notation`](Self::from_notation): the format's name, a line break,
    /// and the text.
    pub fn to_notation(&self) -> String {
        [self.format.key(), "\n", &self.text].concat()
    }

    /// Reads a draft; `None` if it is invalid.
    pub fn from_notation(notation: &str) -> Option<Self> {
        let (format, text) = notation.split_once('\n')?;
        Some(Self {
            format: InputFormat::from_key(format)?,
            text: text.into(),
        })
    }

    /// Decodes the draft, by the late part if needed.
    ///
    /// # Errors
    /// [`DecodeError`] if the text is not valid in its format.
    pub fn message(&self, late: Option<&Explainer>) -> Result<Message, DecodeError> {
        let text = &*self.text;
        let (kind, payload) = match self.format {
            _ if self.is_late() => {
                let late = late.ok_or(DecodeError::Loading)?;
                let payload = late.read_input(self.format.key(), text)?;
                match self.format != InputFormat::Hex && std::str::from_utf8(&payload).is_ok() {
                    true => (Kind::Text, payload),
                    false => (Kind::Binary, payload),
                }
            }
            InputFormat::TextCrlf => (Kind::Text, text.replace('\n', "\r\n").into()),
            InputFormat::TextCr => (Kind::Text, text.replace('\n', "\r").into()),
            InputFormat::Hex => (Kind::Binary, encoding::decode_hex(text)?),
            InputFormat::Base64 => (Kind::Binary, encoding::decode_base64(text)?),
            InputFormat::Text | InputFormat::Escaped => (Kind::Text, text.into()),
        };
        Ok(Message {
            kind,
            payload: payload.into(),
        })
    }
}

impl History {
    /// Creates a history of `drafts`, the oldest first.
    pub fn new(drafts: Rc<Vec<SentDraft>>) -> Self {
        Self {
            drafts,
            recalled: None,
        }
    }

    /// Returns the drafts, the oldest first.
    pub fn drafts(&self) -> &Rc<Vec<SentDraft>> {
        &self.drafts
    }

    /// Adds a draft, or moves it to the end if it is there already.
    pub fn add(&mut self, draft: Draft) {
        self.recalled = None;
        if draft.text.is_empty() || draft.text.len() > MAX_HISTORY_DRAFT_LEN {
            return;
        }
        let drafts = Rc::make_mut(&mut self.drafts);
        let number = drafts.last().map_or(0, |it| it.number.saturating_add(1));
        drafts.retain(|it| it.draft != draft);
        drafts.push(SentDraft { number, draft });
        if drafts.len() > MAX_HISTORY {
            drafts.remove(0);
        }
    }

    /// Recalls the draft before the shown one, if there is one. The first recall keeps
    /// `current`, for the way back.
    pub fn older(&mut self, current: &Draft) -> Option<Draft> {
        let place = match &self.recalled {
            Some((place, _)) => place.checked_sub(1)?,
            None => self.drafts.len().checked_sub(1)?,
        };
        let unsent = self.recalled.take().map(|(_, unsent)| unsent);
        self.recalled = Some((place, unsent.unwrap_or_else(|| current.clone())));
        Some(self.drafts.get(place)?.draft.clone())
    }

    /// Recalls the draft after the shown one; after the last, the unsent draft.
    pub fn newer(&mut self) -> Option<Draft> {
        let (place, unsent) = self.recalled.take()?;
        match self.drafts.get(place + 1) {
            Some(next) => {
                self.recalled = Some((place + 1, unsent));
                Some(next.draft.clone())
            }
            None => Some(unsent),
        }
    }

    /// Forgets the position: the recalled draft was edited and is now the current one.
    pub fn stop_recall(&mut self) {
        self.recalled = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(text: &str) -> Draft {
        Draft {
            format: InputFormat::Text,
            text: text.into(),
        }
    }

    fn history(texts: &[&str]) -> History {
        let mut history = History::default();
        texts.iter().for_each(|text| history.add(draft(text)));
        history
    }

    #[test]
    fn text_is_a_text_message_and_hex_and_base64_are_binary() {
        let check = |format, text: &str, kind, payload: &'static [u8]| {
            let text = text.into();
            let late = Explainer::new(|_, _| String::new()).with_input(|format, text| {
                assert_eq!(format, "escaped");
                Ok(text.replace(r"\xff", "").into())
            });
            let message = Draft { format, text }.message(Some(&late)).unwrap();
            assert_eq!((message.kind, &*message.payload), (kind, payload));
        };
        check(InputFormat::Text, "ff", Kind::Text, b"ff");
        check(InputFormat::Hex, "ff 00", Kind::Binary, b"\xff\0");
        check(InputFormat::Base64, "aGk=", Kind::Binary, b"hi");
        check(InputFormat::Text, "a\nb\n", Kind::Text, b"a\nb\n");
        check(InputFormat::TextCrlf, "a\nb\n", Kind::Text, b"a\r\nb\r\n");
        check(InputFormat::TextCr, "a\nb\n", Kind::Text, b"a\rb\r");
        check(InputFormat::Escaped, r"a\xff", Kind::Text, b"a");
        for format in InputFormat::ALL {
            assert_eq!(InputFormat::from_key(format.key()), Some(format));
        }
    }

    #[test]
    fn history_recalls_older_drafts_and_returns_to_the_unsent_one() {
        let mut history = history(&["one", "two"]);
        let current = draft("thr");
        assert_eq!(history.older(&current), Some(draft("two")));
        assert_eq!(history.older(&draft("two")), Some(draft("one")));
        assert_eq!(history.older(&draft("one")), None);
        assert_eq!(history.newer(), Some(draft("two")));
        assert_eq!(history.newer(), Some(current));
        assert_eq!(history.newer(), None);
    }

    #[test]
    fn history_has_no_duplicates_no_long_drafts_and_a_cap() {
        let texts = |history: &History| -> Vec<String> {
            let sent = history.drafts().iter();
            sent.map(|it| it.draft.text.clone()).collect()
        };
        assert_eq!(texts(&history(&["a", "b", "a", ""])), ["b", "a"]);
        let giant = "x".repeat(MAX_HISTORY_DRAFT_LEN + 1);
        assert_eq!(texts(&history(&["a", &giant])), ["a"]);
        let mut many = History::default();
        (0..=MAX_HISTORY).for_each(|n| many.add(draft(&n.to_string())));
        assert_eq!(many.drafts().len(), MAX_HISTORY);
        assert_eq!(many.drafts()[0].draft.text, "1");
        let numbers: Vec<_> = many.drafts().iter().map(|it| it.number).collect();
        assert!(numbers.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn an_edit_stops_the_recall() {
        let mut history = history(&["one", "two"]);
        history.older(&draft(""));
        history.stop_recall();
        assert_eq!(history.newer(), None);
        assert_eq!(history.older(&draft("two!")), Some(draft("two")));
    }
}
