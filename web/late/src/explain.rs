//! Explanations of frames: the segments of any framing, and the reasons for a refusal.

use bytes::Bytes;
use protocol::{
    Counts, CutFrame, Frame, FrameError, Framing, HeaderBlock, Number, Picture, Role, ValueFormat,
};
use web_core::format::count;
use web_core::frame_view::{FrameView, SegmentView};
use web_core::language::Language;

use crate::notation_reason::of_notation;
use crate::reason::of_frame;
use crate::whole::{self, Fault};

/// Explains the frame of a message, as lines for
/// [`Explainer`](web_core::frame_view::Explainer).
pub fn explain(framing: &str, message: &[u8], language: Language) -> String {
    let view = framing
        .parse()
        .map_err(|error| of_notation(language, &error))
        .and_then(|framing| view(framing, Bytes::copy_from_slice(message), language));
    FrameView::to_lines(&view)
}

/// Returns the view of a message's frame.
///
/// # Errors
/// A sentence that says why the framing cannot carry the message.
pub fn view(framing: Framing, message: Bytes, language: Language) -> Result<FrameView, String> {
    let frame = Frame::new(framing, message).map_err(|error| refusal(language, error))?;
    let mut view = FrameView {
        segments: segments(language, framing, frame.segments(), frame.message()),
        note: note(language, framing),
        is_whole: framing.is_whole(),
        repaired: None,
    };
    if let Framing::Picture(picture) = framing
        && picture.whole
        && let Some(fault) = whole::fault(picture, frame.message())
    {
        view.note = Some(fault_note(language, &fault));
        if let Fault::Length { repaired, .. } = fault {
            view.repaired = Some(repaired);
        }
    }
    Ok(view)
}

fn say(language: Language, english: String, japanese: String) -> String {
    match language {
        Language::English => english,
        Language::Japanese => japanese,
    }
}

/// Explains why a message cannot be sent.
fn refusal(t: Language, error: FrameError) -> String {
    match error {
        FrameError::TooLong { len, max } => t.too_long(len as usize, max),
        FrameError::TooShort { len, min } => {
            let (len, min) = (t.bytes(len), t.bytes(min));
            say(
                t,
                format!("Too short: each message needs {min} at least, and this one has {len}."),
                format!(
                    "短すぎます。メッセージには少なくとも {min}必要ですが、{len}しかありません。"
                ),
            )
        }
        FrameError::HasDelimiter { at } => {
            let end = t.pick("The bytes that end a frame", "フレームの終わりを示すバイト");
            t.early_end(end, at)
        }
        FrameError::NotWhole { format, len } => {
            let bytes = t.bytes(len);
            say(
                t,
                format!("Not a whole {format} value: these {bytes} are its beginning."),
                format!("{format} の値が途中で終わっています({bytes})。"),
            )
        }
        FrameError::SeveralValues { format, at } => {
            let place = t.bytes(at);
            say(
                t,
                format!(
                    "More than one {format} value: the first ends after {place}. Send them one by one."
                ),
                format!(
                    "{format} の値が複数あります(最初の値は {place}まで)。1 つずつ送信してください。"
                ),
            )
        }
        FrameError::NotAValue { format, at, found } => {
            let place = t.bytes(at);
            say(
                t,
                format!("Not {format}: after {place} comes {found:02x}."),
                format!("{format} ではありません({place}のあとの {found:02x})。"),
            )
        }
        FrameError::Empty => t
            .pick(
                "This framing has no empty messages: write at least one byte.",
                "このフレーミングでは空のメッセージを送れません。",
            )
            .into(),
        FrameError::LineBreak { at } => t.early_end(t.pick("A line break", "改行"), at),
        FrameError::Nul { at } => t.early_end("NUL", at),
        // The others are of reading.
        other => of_frame(t, &other),
    }
}

fn fault_note(t: Language, fault: &Fault) -> String {
    match fault {
        Fault::Length { says, follow, .. } => say(
            t,
            format!("Not one frame: its length says {says}, it should be {follow}."),
            format!("1 つのフレームではありません。長さは {says} ですが、正しくは {follow} です。"),
        ),
        Fault::NoFrame(error) => say(
            t,
            format!("Not one frame: {error}."),
            format!("1 つのフレームではありません({})。", of_frame(t, error)),
        ),
        Fault::Longer { frame } => {
            let bytes = t.bytes(*frame);
            say(
                t,
                format!("Not one frame: it ends after {bytes}, and more follow."),
                format!("1 つのフレームではありません。{bytes}で終わり、続きがあります。"),
            )
        }
    }
}

/// Returns the view of a frame that was cut from a stream.
pub fn view_of_cut(framing: Framing, frame: &CutFrame, language: Language) -> FrameView {
    let mut rest = frame.wire.clone();
    let runs = frame.segments.iter();
    let runs: Vec<_> = runs.map(|run| (run.role, rest.split_to(run.len))).collect();
    FrameView {
        segments: segments(language, framing, &runs, &frame.message),
        note: note(language, framing),
        is_whole: framing.is_whole(),
        repaired: None,
    }
}

/// Explains each segment of a frame, in wire order.
fn segments(
    t: Language,
    framing: Framing,
    frame: &[(Role, Bytes)],
    message: &Bytes,
) -> Vec<SegmentView> {
    let mut behind_payload = false;
    let view = |(index, (role, bytes)): (usize, &(Role, Bytes))| {
        let len = t.bytes(bytes.len());
        let (name, meaning) = match role {
            Role::Length => (length_name(t, framing), length(t, framing, frame, index)),
            Role::Fixed => (t.fixed(), fixed(t, framing, behind_payload).into()),
            Role::Free => {
                let name = match behind_payload {
                    true => t.trailer(),
                    false => t.header(),
                };
                let meaning = say(
                    t,
                    format!("{len} of the message"),
                    format!("メッセージのうち {len}"),
                );
                (name, meaning)
            }
            Role::Payload => (t.payload(), String::new()),
            Role::Encoded => {
                let message = t.encoding_note(message);
                let meaning = say(
                    t,
                    format!("{len} that stand for {message}"),
                    format!("{len}(元のメッセージは {message})"),
                );
                (t.payload(), meaning)
            }
        };
        behind_payload |= matches!(role, Role::Payload | Role::Encoded);
        SegmentView {
            role: *role,
            bytes: bytes.clone(),
            name: name.into(),
            meaning,
        }
    };
    frame.iter().enumerate().map(view).collect()
}

fn length_name(t: Language, framing: Framing) -> &'static str {
    match framing {
        Framing::HeaderBlock(_) => t.header(),
        _ => t.length_field(),
    }
}

/// Describes the length in segment `index` of a frame.
fn length(t: Language, framing: Framing, frame: &[(Role, Bytes)], index: usize) -> String {
    let counted = count(counted(framing, frame, index) as u64);
    let notation = match framing {
        Framing::Picture(Picture {
            length: Some(length),
            ..
        }) => number(t, length.number) + counts(t, length.counts),
        Framing::HeaderBlock(_) => "Content-Length".into(),
        other => other.to_string(),
    };
    format!("= {counted}, {notation}")
}

/// Returns the number that the length in segment `index` of a frame has.
fn counted(framing: Framing, segments: &[(Role, Bytes)], index: usize) -> usize {
    let len = |segments: &[(Role, Bytes)]| segments.iter().map(|it| it.1.len()).sum();
    match framing {
        Framing::Picture(Picture {
            length: Some(length),
            ..
        }) if length.counts == Counts::Itself => len(&segments[index..]),
        Framing::Picture(Picture {
            length: Some(length),
            ..
        }) if length.counts == Counts::Frame => len(segments),
        _ => {
            let body = segments.iter().find(|(role, _)| *role == Role::Payload);
            body.map_or(0, |(_, bytes)| bytes.len())
        }
    }
}

fn number(t: Language, number: Number) -> String {
    match number {
        Number::Integer { width, order } => t.integer(width.into(), (width > 1).then_some(order)),
        Number::Ascii(digits) => say(
            t,
            format!("{digits} decimal digits"),
            format!("10 進数 {digits} 桁"),
        ),
        Number::Hex(digits) => say(
            t,
            format!("{digits} hexadecimal digits"),
            format!("16 進数 {digits} 桁"),
        ),
        Number::Bcd(_) => t
            .pick("two decimal digits a byte", "BCD(1 バイトに 2 桁)")
            .into(),
        Number::Digits => t.pick("decimal digits", "10 進数").into(),
        Number::Varint | Number::Gob => number.to_string(),
    }
}

fn counts(t: Language, counts: Counts) -> &'static str {
    match counts {
        Counts::Body => "",
        Counts::Itself => t.pick(", itself included", "、自身を含む"),
        Counts::Frame => t.pick(", the whole frame", "、フレーム全体"),
    }
}

fn fixed(t: Language, framing: Framing, behind_payload: bool) -> &'static str {
    match framing {
        Framing::Value(_) => t.pick(
            "LF; any white space between values is read as well",
            "LF(値の間の空白はすべて可)",
        ),
        Framing::Stuffed(_) => t.pick(
            "the border of a frame: never inside one",
            "フレームの区切り(フレーム内には現れません)",
        ),
        Framing::Picture(Picture { length: None, .. }) if behind_payload => {
            t.pick("always: the end of the frame", "固定(フレームの終わり)")
        }
        _ => t.pick("always", "固定"),
    }
}

/// Notes on a framing whose frames have no length and no fixed bytes.
fn note(t: Language, framing: Framing) -> Option<String> {
    match framing {
        Framing::Fixed(len) => {
            let len = t.bytes(len as usize);
            Some(say(
                t,
                format!("each message has {len}"),
                format!("どのメッセージも {len}"),
            ))
        }
        Framing::Value(ValueFormat::Json) => None,
        Framing::Value(_) | Framing::HeaderBlock(HeaderBlock::Headers) => {
            let note = t.pick(
                "none; the message tells its own end",
                "なし。メッセージ自身が終わりを示します",
            );
            Some(note.into())
        }
        _ => None,
    }
}

#[cfg(test)]
#[path = "explain_tests.rs"]
mod tests;
