//! Parser of layouts.

use super::check::check;
use super::number::Number;
use super::tokens::{LayoutSyntax, Tokens};
use super::types::{Constant, Item, Kind, Layout, Len, Line, Repeat, When};
use crate::expected::Expected;
use crate::format::Format;
use crate::text_error::TextError;
use crate::text_problem::TextProblem;

/// Most braces within each other.
const MAX_DEPTH: usize = 16;

/// Reads a layout.
pub(crate) fn parse(text: &str) -> Result<Layout, TextError> {
    let mut parser = Parser {
        tokens: Tokens::new(text, LayoutSyntax::default()),
        names: Vec::new(),
    };
    let mut lines = Vec::new();
    loop {
        match parser.tokens.peek() {
            "" => break,
            "\n" => {
                parser.tokens.next();
            }
            _ => lines.push(parser.line()?),
        }
    }
    let layout = Layout { lines };
    match check(&layout) {
        Some(problem) => Err(TextError::whole(problem)),
        None => Ok(layout),
    }
}

struct Parser<'a> {
    tokens: Tokens<'a>,
    /// Fields so far in this group and those around it, and their types if they are numbers.
    names: Vec<(&'a str, Option<Number>)>,
}

type Parsed<T> = Result<T, TextError>;

impl<'a> Parser<'a> {
    fn line(&mut self) -> Parsed<Line> {
        let when = self.condition()?;
        let items = self.items("\n")?;
        Ok(Line { when, items })
    }

    fn condition(&mut self) -> Parsed<When> {
        let from = self.tokens;
        let place = self.tokens.place();
        let word = self.tokens.next();
        if word == "else" {
            return match self.tokens.take(":") {
                true => Ok(When::Else),
                false => self.tokens.expected(Expected::ColonAfterElse),
            };
        }
        if !self.tokens.take("=") {
            self.tokens = from;
            return Ok(When::Always);
        }
        if !self.names.iter().any(|it| it.0 == word) {
            return self
                .tokens
                .error_at(place, TextProblem::NoFieldBefore(word.into()));
        }
        let mut constants = vec![self.constant()?];
        while self.tokens.take("|") {
            constants.push(self.constant()?);
        }
        match self.tokens.take(":") {
            true => Ok(When::Is(word.into(), constants)),
            false => self.tokens.expected(Expected::ColonOrBar),
        }
    }

    fn constant(&mut self) -> Parsed<Constant> {
        let token = self.tokens.peek();
        if let Some(quote) = token.chars().next().filter(|it| matches!(it, '\'' | '"')) {
            let inner = token[1..].strip_suffix(quote);
            return match inner.filter(|it| !it.is_empty()) {
                Some(inner) => {
                    self.tokens.next();
                    Ok(Constant::Text(inner.into()))
                }
                None => self.tokens.error(Expected::QuotedText.into()),
            };
        }
        let sign = if self.tokens.take("-") { -1 } else { 1 };
        let number = crate::text_value::integer(self.tokens.peek());
        match number {
            Some(number) => {
                self.tokens.next();
                Ok(Constant::Number(sign * number))
            }
            None => self.tokens.expected(Expected::Constant),
        }
    }

    /// Reads fields to that token, or to the end.
    fn items(&mut self, end: &str) -> Parsed<Vec<Item>> {
        let mut items = Vec::new();
        loop {
            items.push(self.item()?);
            match self.tokens.peek() {
                "," => {
                    self.tokens.next();
                    // A comma at the end of a line goes on in the next.
                    while self.tokens.take("\n") {}
                }
                token if token == end || token.is_empty() && end == "\n" => {
                    self.tokens.next();
                    return Ok(items);
                }
                "" => return self.tokens.expected(Expected::Token(end.into())),
                _ => return self.tokens.expected(Expected::Comma),
            }
        }
    }

    fn item(&mut self) -> Parsed<Item> {
        let kind = self.kind()?;
        let name = self.tokens.word(Expected::FieldName)?;
        let repeat = self.repeat()?;
        let number = match (&kind, &repeat) {
            (Kind::Number(number), Repeat::Once) => Some(*number),
            _ => None,
        };
        self.names.push((name, number));
        Ok(Item {
            name: name.into(),
            kind,
            repeat,
        })
    }

    fn kind(&mut self) -> Parsed<Kind> {
        if self.tokens.take("{") {
            return self.group();
        }
        let place = self.tokens.place();
        let word = self.tokens.word(Expected::LayoutType)?;
        if let Some(number) = Number::from_name(word) {
            return Ok(Kind::Number(number));
        }
        Ok(match word {
            "text" => Kind::Text(self.len()?),
            "bytes" => Kind::Bytes(self.len()?),
            "cstr" => Kind::CStr,
            _ => match word.parse::<Format>() {
                Ok(format @ (Format::Avro | Format::Layout)) => {
                    let problem = TextProblem::InnerSchema(format);
                    return self.tokens.error_at(place, problem);
                }
                Ok(format) => Kind::Format(format, self.len()?),
                Err(_) => return self.tokens.error_at(place, unknown(word)),
            },
        })
    }

    fn group(&mut self) -> Parsed<Kind> {
        if self.tokens.syntax.braces >= MAX_DEPTH {
            return self.tokens.error(TextProblem::TooDeep);
        }
        let names = self.names.len();
        self.tokens.syntax.braces += 1;
        let items = self.items("}")?;
        self.tokens.syntax.braces -= 1;
        self.names.truncate(names);
        Ok(Kind::Group(items))
    }

    fn len(&mut self) -> Parsed<Len> {
        if !self.tokens.take(":") {
            return Ok(Len::Rest);
        }
        let place = self.tokens.place();
        let word = self.tokens.word(Expected::Length)?;
        if word.bytes().all(|it| it.is_ascii_digit()) {
            return match word.parse() {
                Ok(number) => Ok(Len::Fixed(number)),
                Err(_) => self.tokens.error_at(place, TextProblem::LongLength),
            };
        }
        match Number::from_name(word) {
            Some(number) if number.is_count() => return Ok(Len::Prefix(number)),
            Some(_) => {
                return self
                    .tokens
                    .error_at(place, TextProblem::NotALength(word.into()));
            }
            None => {}
        }
        self.counted(place, word)?;
        let sign = match self.tokens.peek() {
            "-" => -1,
            "+" => 1,
            _ => return Ok(Len::Field(word.into(), 0)),
        };
        self.tokens.next();
        match self.tokens.peek().parse::<u32>() {
            Ok(number) => {
                self.tokens.next();
                Ok(Len::Field(word.into(), sign * i64::from(number)))
            }
            Err(_) => self.tokens.expected(Expected::ByteCount),
        }
    }

    /// Fails unless a field before has that name and can be a length or a count.
    fn counted(&self, place: usize, name: &str) -> Parsed<()> {
        let found = self.names.iter().rev().find(|it| it.0 == name);
        let problem = match found {
            Some((_, Some(number))) if number.is_count() => return Ok(()),
            Some(_) => TextProblem::NotUnsigned(name.into()),
            None => TextProblem::NoFieldBefore(name.into()),
        };
        self.tokens.error_at(place, problem)
    }

    fn repeat(&mut self) -> Parsed<Repeat> {
        if !self.tokens.take("[") {
            return Ok(Repeat::Once);
        }
        if self.tokens.take("]") {
            return Ok(Repeat::Rest);
        }
        let place = self.tokens.place();
        let word = self.tokens.word(Expected::Count)?;
        let repeat = match word.parse() {
            Ok(number) => Repeat::Times(number),
            Err(_) => {
                self.counted(place, word)?;
                Repeat::Field(word.into())
            }
        };
        self.tokens.expect("]")?;
        Ok(repeat)
    }
}

/// The problem of a word that is no type.
fn unknown(word: &str) -> TextProblem {
    match Number::from_name(&format!("{word}be")) {
        Some(_) => TextProblem::ByteOrder(word.into()),
        None => TextProblem::UnknownLayoutType(word.into()),
    }
}
