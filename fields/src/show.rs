//! Texts of labels and values.

use crate::bytes_text::hex;
use crate::field::{Field, Kind, Options};
use crate::row::{Data, Label, Row};
use crate::time::utc;

/// Returns the field of a row.
pub(crate) fn field(row: &Row, payload: &[u8], options: &Options) -> Field {
    let mut value = value(&row.data, payload, options);
    let is_cut = value.is_cut;
    if is_cut {
        value.text.push('…');
    }
    Field {
        range: row.range.clone(),
        value_range: row.value.clone(),
        depth: row.depth,
        label: label(&row.label, payload, options),
        value: value.text,
        type_name: row.type_name,
        kind: row.data.kind(),
        is_cut,
        is_guess: row.is_guess,
    }
}

impl Data {
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Map(_) => Kind::Map,
            Self::List(_) => Kind::List,
            Self::Null => Kind::Null,
            Self::Bool(_) => Kind::Bool,
            Self::Int(_) | Self::Uint(_) | Self::Negative(_) | Self::Hex(..) => Kind::Integer,
            Self::F32(_) | Self::F64(_) => Kind::Float,
            Self::Text(_) | Self::Str(_) => Kind::Text,
            Self::Bytes(_) | Self::Blob(_) | Self::Extension(..) => Kind::Bytes,
            Self::Number(_, is_float) => match is_float {
                true => Kind::Float,
                false => Kind::Integer,
            },
            Self::Time(..) | Self::Tag(_, Some(_)) => Kind::Time,
            Self::Symbol(_) | Self::Simple(_) | Self::Enum(..) | Self::Tag(_, None) => Kind::Symbol,
        }
    }
}

/// Value as text, perhaps shortened.
pub(crate) struct Text {
    pub(crate) text: String,
    pub(crate) is_cut: bool,
}

fn label(label: &Label, payload: &[u8], options: &Options) -> String {
    match label {
        Label::None => String::new(),
        Label::GroupKey => "?".into(),
        Label::Index(index) => format!("[{index}]"),
        Label::Name(name) | Label::Repeated(name) => name.clone(),
        Label::Number(number) => number.to_string(),
        Label::Key(data) => {
            let mut text = value(data, payload, options);
            if text.is_cut {
                text.text.push('…');
            }
            text.text
        }
    }
}

/// Returns the text of a value, without a sign that it is shortened.
pub(crate) fn value(data: &Data, payload: &[u8], options: &Options) -> Text {
    let max = options.max_value;
    let text = match data {
        Data::Map(count) => format!("{{{count}}}"),
        Data::List(count) => format!("[{count}]"),
        Data::Null => "null".into(),
        Data::Bool(true) => "true".into(),
        Data::Bool(false) => "false".into(),
        Data::Hex(number, width) => format!("0x{number:0digits$x}", digits = 2 * width),
        Data::Int(number) => number.to_string(),
        Data::Uint(number) => number.to_string(),
        Data::Negative(u64::MAX) => "-18446744073709551616".into(),
        Data::Negative(number) => format!("-{}", number + 1),
        Data::F32(number) => (options.floats.write)(f64::from(*number), true),
        Data::F64(number) => (options.floats.write)(*number, false),
        Data::Simple(number) => format!("simple({number})"),
        Data::Tag(number, None) => format!("tag {number}"),
        Data::Tag(_, Some((seconds, nanos))) | Data::Time(seconds, nanos) => utc(*seconds, *nanos),
        Data::Text(range) | Data::Number(range, _) => {
            // A character has at most four bytes.
            let bytes = &payload[range.clone()];
            let shown = &bytes[..bytes.len().min(max.saturating_mul(4))];
            let mut text = String::from_utf8_lossy(shown).into_owned();
            let is_cut = cut(&mut text, max) || shown.len() < bytes.len();
            return Text { text, is_cut };
        }
        Data::Str(text) | Data::Symbol(text) | Data::Enum(_, text, _) => {
            let mut text = text.clone();
            let is_cut = cut(&mut text, max);
            return Text { text, is_cut };
        }
        Data::Bytes(range) => return bytes_text(&payload[range.clone()], max),
        Data::Blob(bytes) => return bytes_text(bytes, max),
        Data::Extension(kind, range) => {
            let Text { text, is_cut } = bytes_text(&payload[range.clone()], max);
            let text = format!("({kind}) {text}");
            return Text { text, is_cut };
        }
    };
    let is_cut = false;
    Text { text, is_cut }
}

fn bytes_text(bytes: &[u8], max: usize) -> Text {
    let shown = &bytes[..bytes.len().min(max)];
    Text {
        text: hex(shown, " "),
        is_cut: shown.len() < bytes.len(),
    }
}

/// Shortens a text to `max` characters; returns true if it was longer.
fn cut(text: &mut String, max: usize) -> bool {
    match text.char_indices().nth(max) {
        Some((at, _)) => {
            text.truncate(at);
            true
        }
        None => false,
    }
}
