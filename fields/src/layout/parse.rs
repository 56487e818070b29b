//! Parser of layouts.

use super::check::check;
use super::lexer::Lexer;
use super::number::Number;
use super::types::{Constant, Item, Kind, Layout, Len, Line, Repeat, When};
use crate::format::Format;
use crate::text_error::{TextError, quoted};

/// Most braces within each other.
const MAX_DEPTH: usize = 16;

/// Reads a layout.
pub(crate) fn parse(text: &str) -> Result<Layout, TextError> {
    let mut parser = Parser {
        lexer: Lexer::new(text),
        names: Vec::new(),
    };
    let mut lines = Vec::new();
    loop {
        match parser.lexer.peek() {
            "" => break,
            "\n" => {
                parser.lexer.next();
            }
            _ => lines.push(parser.line()?),
        }
    }
    let layout = Layout { lines };
    match check(&layout) {
        Some(message) => Err(TextError::whole(message)),
        None => Ok(layout),
    }
}

struct Parser<'a> {
    lexer: Lexer<'a>,
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
        let from = self.lexer;
        let word = self.lexer.next();
        if word == "else" {
            return match self.lexer.take(":") {
                true => Ok(When::Else),
                false => self.lexer.expected("\":\" after else"),
            };
        }
        if !self.lexer.take("=") {
            self.lexer = from;
            return Ok(When::Always);
        }
        if !self.names.iter().any(|it| it.0 == word) {
            return self.lexer.error_at(
                from,
                format!("there is no field \"{word}\" before this line"),
            );
        }
        let mut constants = vec![self.constant()?];
        while self.lexer.take("|") {
            constants.push(self.constant()?);
        }
        match self.lexer.take(":") {
            true => Ok(When::Is(word.into(), constants)),
            false => self.lexer.expected("\":\" or \"|\" after a value"),
        }
    }

    fn constant(&mut self) -> Parsed<Constant> {
        let token = self.lexer.peek();
        if let Some(quote) = token.chars().next().filter(|it| matches!(it, '\'' | '"')) {
            let inner = token[1..].strip_suffix(quote);
            return match inner.filter(|it| !it.is_empty()) {
                Some(inner) => {
                    self.lexer.next();
                    Ok(Constant::Text(inner.into()))
                }
                None => self
                    .lexer
                    .error("expected a text and a quotation mark at its end"),
            };
        }
        let sign = if self.lexer.take("-") { -1 } else { 1 };
        let number = crate::text_value::integer(self.lexer.peek());
        match number {
            Some(number) => {
                self.lexer.next();
                Ok(Constant::Number(sign * number))
            }
            None => self.lexer.expected("a value such as 1, 0x1f or 'E'"),
        }
    }

    /// Reads fields to that token, or to the end.
    fn items(&mut self, end: &str) -> Parsed<Vec<Item>> {
        let mut items = Vec::new();
        loop {
            items.push(self.item()?);
            match self.lexer.peek() {
                "," => {
                    self.lexer.next();
                    // A comma at the end of a line goes on in the next.
                    while self.lexer.take("\n") {}
                }
                token if token == end || token.is_empty() && end == "\n" => {
                    self.lexer.next();
                    return Ok(items);
                }
                "" => return self.lexer.expected(&quoted(end)),
                _ => return self.lexer.expected("\",\" between fields"),
            }
        }
    }

    fn item(&mut self) -> Parsed<Item> {
        let kind = self.kind()?;
        let name = self.lexer.word("the name of the field")?;
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
        if self.lexer.take("{") {
            return self.group();
        }
        let from = self.lexer;
        let word = self.lexer.word("a type such as u8, u16be, text or bytes")?;
        if let Some(number) = Number::from_name(word) {
            return Ok(Kind::Number(number));
        }
        Ok(match word {
            "text" => Kind::Text(self.len()?),
            "bytes" => Kind::Bytes(self.len()?),
            "cstr" => Kind::CStr,
            _ => match word.parse::<Format>() {
                Ok(format @ (Format::Avro | Format::Layout)) => {
                    let message =
                        format!("{format} needs a schema of its own, and cannot be inside");
                    return self.lexer.error_at(from, message);
                }
                Ok(format) => Kind::Format(format, self.len()?),
                Err(_) => return self.lexer.error_at(from, unknown(word)),
            },
        })
    }

    fn group(&mut self) -> Parsed<Kind> {
        if self.lexer.braces >= MAX_DEPTH {
            return self.lexer.error("groups are nested too deeply");
        }
        let names = self.names.len();
        self.lexer.braces += 1;
        let items = self.items("}")?;
        self.lexer.braces -= 1;
        self.names.truncate(names);
        Ok(Kind::Group(items))
    }

    fn len(&mut self) -> Parsed<Len> {
        if !self.lexer.take(":") {
            return Ok(Len::Rest);
        }
        let from = self.lexer;
        let word = self
            .lexer
            .word("a length: a number, a field, or a type such as u16be")?;
        if word.bytes().all(|it| it.is_ascii_digit()) {
            return match word.parse() {
                Ok(number) => Ok(Len::Fixed(number)),
                Err(_) => self.lexer.error_at(from, "the length is too large"),
            };
        }
        match Number::from_name(word) {
            Some(number) if number.is_count() => return Ok(Len::Prefix(number)),
            Some(_) => {
                return self
                    .lexer
                    .error_at(from, format!("{word} cannot be a length"));
            }
            None => {}
        }
        self.counted(from, word)?;
        let sign = match self.lexer.peek() {
            "-" => -1,
            "+" => 1,
            _ => return Ok(Len::Field(word.into(), 0)),
        };
        self.lexer.next();
        match self.lexer.peek().parse::<u32>() {
            Ok(number) => {
                self.lexer.next();
                Ok(Len::Field(word.into(), sign * i64::from(number)))
            }
            Err(_) => self.lexer.expected("a number of bytes"),
        }
    }

    /// Fails unless a field before has that name and can be a length or a count.
    fn counted(&self, from: Lexer<'a>, name: &str) -> Parsed<()> {
        let found = self.names.iter().rev().find(|it| it.0 == name);
        let message = match found {
            Some((_, Some(number))) if number.is_count() => return Ok(()),
            Some(_) => format!("field \"{name}\" is no unsigned number"),
            None => format!("there is no field \"{name}\" before this one"),
        };
        self.lexer.error_at(from, message)
    }

    fn repeat(&mut self) -> Parsed<Repeat> {
        if !self.lexer.take("[") {
            return Ok(Repeat::Once);
        }
        if self.lexer.take("]") {
            return Ok(Repeat::Rest);
        }
        let from = self.lexer;
        let word = self.lexer.word("a number, a field, or \"]\"")?;
        let repeat = match word.parse() {
            Ok(number) => Repeat::Times(number),
            Err(_) => {
                self.counted(from, word)?;
                Repeat::Field(word.into())
            }
        };
        match self.lexer.take("]") {
            true => Ok(repeat),
            false => self.lexer.expected("\"]\""),
        }
    }
}

/// The error for a word that is no type.
fn unknown(word: &str) -> String {
    let both = [format!("{word}be"), format!("{word}le")];
    match Number::from_name(&both[0]) {
        Some(_) => format!(
            "{word} has more than one byte: write {} or {}",
            both[0], both[1]
        ),
        None => format!(
            "unknown type \"{word}\": expected a number such as u8, u16be, i32le, x32be, f64be, \
             varint or zigzag, or text, bytes, cstr, {{…}}, or a format such as msgpack"
        ),
    }
}
