//! Fields of a payload: the format that is chosen or guessed, and the rows that it gives.

use std::rc::Rc;

use fields::{Decoded, Field, Floats, Format, Options, Schema, TextError, decode, edit, guess};
use wasm_bindgen::JsValue;
use web_core::language::Language;

use super::fields_choice::FieldsChoice;
use super::source::Source;
use crate::field_reason::of_edit;
use crate::text_reason::of_text;

/// Longest beginning of a payload that is taken apart.
pub const MAX_DECODED: usize = 4 << 20;
/// Most fields of a payload.
const MAX_FIELDS: usize = 20_000;

/// Fields of a payload.
pub struct FieldsView {
    /// Choice for the upstream.
    pub choice: FieldsChoice,
    /// Payload, unpacked if it is compressed.
    pub source: Rc<dyn Source>,
    /// Name of the compression, and the length of the payload as it came.
    pub unpacked: Option<(&'static str, usize)>,
    /// Bytes that are taken apart.
    bytes: Vec<u8>,
    /// Format of the rows; `None` if none is likely.
    pub format: Option<Format>,
    schema: Option<Schema>,
    /// Rows, or the fault of the schema.
    pub decoded: Result<Decoded, TextError>,
    /// Field that is picked.
    pub picked: Option<usize>,
}

/// Options of all readings: numbers are written as by the browser, which has code for them.
pub fn options() -> Options {
    Options {
        max_fields: MAX_FIELDS,
        ..Options::new(Floats {
            write: write_float,
            read: read_float,
        })
    }
}

fn write_float(number: f64, is_single: bool) -> String {
    if !is_single {
        return text_of(number);
    }
    // The shortest text that reads as the same single.
    let texts = (1..=9).filter_map(|digits| {
        let text = js_sys::Number::from(number).to_precision(digits).ok()?;
        let read = JsValue::from(text).unchecked_into_f64();
        (read as f32 == number as f32).then(|| text_of(read))
    });
    let shortest = { texts }.next();
    shortest.unwrap_or_else(|| text_of(number))
}

/// Returns a number's text as the browser writes it.
fn text_of(number: f64) -> String {
    let text = js_sys::Number::from(number).to_string_with_radix(10);
    // Fails for a radix that is none.
    text.map(String::from).unwrap_or_default()
}

fn read_float(text: &str) -> Option<f64> {
    let number = JsValue::from(text).unchecked_into_f64();
    let is_number = !text.trim().is_empty() && (!number.is_nan() || text == "NaN");
    is_number.then_some(number)
}

/// Returns the number that a text is.
pub fn number(text: &str) -> Option<f64> {
    match text.parse::<i64>() {
        Ok(number) => Some(number as f64),
        // Tests outside of a browser have integers alone.
        Err(_) if cfg!(target_arch = "wasm32") => read_float(text),
        Err(_) => None,
    }
}

/// Reading of a payload.
pub struct Reading {
    /// Format; `None` if none is likely.
    pub format: Option<Format>,
    /// Schema; `None` if it has a fault, or without a format.
    pub schema: Option<Schema>,
    /// Rows, or the fault of the schema.
    pub decoded: Result<Decoded, TextError>,
}

/// Takes a payload apart by a choice.
pub fn read(choice: &FieldsChoice, bytes: &[u8], options: &Options) -> Reading {
    let guessed = || guess(bytes, options).first().copied();
    let Some(format) = choice.format.or_else(guessed) else {
        return Reading {
            format: None,
            schema: None,
            decoded: Ok(nothing()),
        };
    };
    // A guess is made without a schema.
    let text = match choice.format {
        Some(_) => choice.schema.as_str(),
        None => "",
    };
    let schema = Schema::parse(format, text);
    let decoded = schema.as_ref().map(|it| decode(it, bytes, options));
    Reading {
        format: Some(format),
        decoded: decoded.map_err(Clone::clone),
        schema: schema.ok(),
    }
}

impl FieldsView {
    /// Takes the payload of an upstream apart.
    pub fn new(
        choice: FieldsChoice,
        source: Rc<dyn Source>,
        unpacked: Option<(&'static str, usize)>,
    ) -> Self {
        let mut view = Self {
            choice,
            bytes: source.read(0..MAX_DECODED),
            source,
            unpacked,
            format: None,
            schema: None,
            decoded: Ok(nothing()),
            picked: None,
        };
        view.decode();
        view
    }

    /// Changes the choice.
    pub fn choose(&mut self, choice: FieldsChoice) {
        self.choice = choice;
        self.picked = None;
        self.decode();
    }

    fn decode(&mut self) {
        let reading = read(&self.choice, &self.bytes, &options());
        self.format = reading.format;
        self.schema = reading.schema;
        self.decoded = reading.decoded;
    }

    /// Returns the fields.
    pub fn fields(&self) -> &[Field] {
        self.decoded.as_ref().map_or(&[], |it| &it.fields)
    }

    /// Returns true if the rest of the payload is not taken apart.
    pub fn is_cut(&self) -> bool {
        self.source.len() > self.bytes.len()
    }

    /// Returns true if all of the payload is at hand, as it came, to be edited.
    fn is_whole(&self) -> bool {
        self.unpacked.is_none() && !self.is_cut()
    }

    /// Returns true if the picked field can be edited.
    pub fn can_edit(&self) -> bool {
        let is_value =
            |field: &Field| !matches!(field.kind, fields::Kind::Map | fields::Kind::List);
        let picked = self.picked.and_then(|it| self.fields().get(it));
        self.is_whole()
            && self.format.is_some_and(Format::is_editable)
            && picked.is_some_and(|it| is_value(it) && !it.is_cut)
    }

    /// Returns the payload with the picked field's value replaced.
    ///
    /// # Errors
    /// The reason as a sentence.
    pub fn edited(&self, t: Language, text: &str) -> Result<Vec<u8>, String> {
        let (Some(schema), Some(field)) = (&self.schema, self.picked) else {
            return Err(String::new());
        };
        edit(schema, &self.bytes, field, text, &options()).map_err(|error| of_edit(t, error))
    }

    /// Returns true if the payload can be written as JSON.
    pub fn has_json(&self) -> bool {
        let schema = self.schema.as_ref();
        self.is_whole() && schema.is_some_and(|it| it.format().has_json(it.has_definition()))
    }

    /// Returns the payload as JSON.
    pub fn to_json(&self) -> Option<String> {
        fields::to_json(self.schema.as_ref()?, &self.bytes, &options()).ok()
    }

    /// Returns the payload that a JSON text stands for.
    ///
    /// # Errors
    /// The fault of the text.
    pub fn from_json(&self, t: Language, text: &str) -> Result<Vec<u8>, String> {
        match &self.schema {
            Some(schema) => fields::from_json(schema, text, options().floats)
                .map_err(|error| of_text(t, &error)),
            None => Err(String::new()),
        }
    }

    /// Returns the innermost field with the byte at an offset.
    pub fn field_at(&self, offset: usize) -> Option<usize> {
        let fields = self.fields().iter().enumerate();
        let around = fields.filter(|(_, field)| field.range.contains(&offset));
        around.max_by_key(|(_, field)| field.depth).map(|it| it.0)
    }
}

fn nothing() -> Decoded {
    Decoded {
        fields: Vec::new(),
        stopped: None,
        is_guess: false,
    }
}
