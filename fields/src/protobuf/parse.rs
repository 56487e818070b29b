//! Parser of `.proto` files: proto2, proto3 and editions.

use super::file::{File, RawField, RawMessage, join};
use super::tokens::{ProtoSyntax, Tokens};
use super::types::Enum;
use crate::expected::Expected;
use crate::text_error::TextError;
use crate::text_problem::TextProblem;

const MAX_DEPTH: usize = 32;

pub(super) fn parse_file(text: &str) -> Result<File, TextError> {
    let mut parser = Parser {
        tokens: Tokens::new(text, ProtoSyntax),
        file: File {
            is_proto2: true,
            ..File::default()
        },
    };
    parser.file()?;
    Ok(parser.file)
}

struct Parser<'a> {
    tokens: Tokens<'a>,
    file: File,
}

type Parsed<T = ()> = Result<T, TextError>;

impl Parser<'_> {
    fn file(&mut self) -> Parsed {
        loop {
            match self.tokens.peek() {
                "" => return Ok(()),
                ";" => {
                    self.tokens.next();
                }
                "@" => {
                    self.tokens.next();
                    let at = self.tokens.place();
                    let name = self.tokens.name(Expected::MessageName, true)?;
                    self.file.root = Some((name.into(), at));
                }
                "syntax" | "edition" => {
                    self.tokens.next();
                    self.tokens.expect("=")?;
                    let version = self.tokens.next();
                    self.file.is_proto2 = version.trim_matches(['"', '\'']) == "proto2";
                    self.tokens.expect(";")?;
                }
                "package" => {
                    self.tokens.next();
                    self.file.package = self.tokens.name(Expected::Package, true)?.into();
                    self.tokens.expect(";")?;
                }
                "import" => {
                    self.tokens.next();
                    let _ = self.tokens.take("public") || self.tokens.take("weak");
                    let name = self.tokens.next().trim_matches(['"', '\'']);
                    self.file.imports.push(name.into());
                    self.tokens.expect(";")?;
                }
                "message" => {
                    let package = self.file.package.clone();
                    self.message(&package, 0)?;
                }
                "enum" => {
                    let package = self.file.package.clone();
                    self.enumeration(&package)?;
                }
                "option" | "service" | "extend" => self.tokens.statement()?,
                _ => {
                    return self.tokens.expected(Expected::Definition);
                }
            }
        }
    }

    fn message(&mut self, scope: &str, depth: usize) -> Parsed {
        self.tokens.next();
        if depth > MAX_DEPTH {
            return self.tokens.error(TextProblem::TooDeep);
        }
        let name = join(scope, self.tokens.name(Expected::MessageName, false)?);
        self.tokens.expect("{")?;
        let place = self.file.messages.len();
        self.file.messages.push(RawMessage {
            name: name.clone(),
            fields: Vec::new(),
            is_map_entry: false,
        });
        loop {
            match self.tokens.peek() {
                "}" => {
                    self.tokens.next();
                    return Ok(());
                }
                ";" => {
                    self.tokens.next();
                }
                "message" if self.is_definition() => self.message(&name, depth + 1)?,
                "enum" if self.is_definition() => self.enumeration(&name)?,
                "oneof" if self.is_definition() => self.oneof(place, &name)?,
                "option" | "extend" | "reserved" | "extensions" => self.tokens.statement()?,
                _ => self.field(place, &name)?,
            }
        }
    }

    /// Returns true if a keyword and a name are followed by a brace: not so a field whose type has
    /// the keyword's name.
    fn is_definition(&mut self) -> bool {
        self.nth(2) == "{"
    }

    fn nth(&mut self, n: usize) -> String {
        let mut ahead = self.tokens;
        for _ in 0..n {
            ahead.next();
        }
        ahead.next().into()
    }

    fn oneof(&mut self, place: usize, scope: &str) -> Parsed {
        self.tokens.next();
        self.tokens.next();
        self.tokens.expect("{")?;
        loop {
            match self.tokens.peek() {
                "}" => {
                    self.tokens.next();
                    return Ok(());
                }
                "option" => self.tokens.statement()?,
                ";" => {
                    self.tokens.next();
                }
                _ => self.field(place, scope)?,
            }
        }
    }

    fn field(&mut self, place: usize, scope: &str) -> Parsed {
        let is_repeated = match self.tokens.peek() {
            "repeated" => true,
            "optional" | "required" => false,
            _ => return self.typed(place, scope, false),
        };
        self.tokens.next();
        self.typed(place, scope, is_repeated)
    }

    fn typed(&mut self, place: usize, scope: &str, mut is_repeated: bool) -> Parsed {
        let mut at = self.tokens.place();
        let mut kind = self.tokens.name(Expected::Field, true)?.to_owned();
        if kind == "group" {
            return self.tokens.error_at(at, TextProblem::Groups);
        }
        if kind == "map" && self.tokens.take("<") {
            let key_at = self.tokens.place();
            let key = self.tokens.name(Expected::KeyType, true)?.to_owned();
            self.tokens.expect(",")?;
            at = self.tokens.place();
            let value = self.tokens.name(Expected::ValueType, true)?.to_owned();
            self.tokens.expect(">")?;
            kind = self.map_entry(scope, (key, key_at), (value, at));
            is_repeated = true;
        }
        let name = self.tokens.name(Expected::FieldName, false)?.to_owned();
        self.tokens.expect("=")?;
        let number_at = self.tokens.place();
        let number = self.tokens.integer()?;
        if !(1..=0x1fff_ffff).contains(&number) {
            return self.tokens.error_at(number_at, TextProblem::FieldNumber);
        }
        let is_packed = self.options()?;
        self.tokens.expect(";")?;
        let fields = &mut self.file.messages[place].fields;
        let number = number.unsigned_abs();
        if let Some(other) = fields.iter().find(|it| it.number == number) {
            let name = other.name.clone();
            let problem = TextProblem::NumberTaken { number, name };
            return self.tokens.error_at(number_at, problem);
        }
        fields.push(RawField {
            name,
            number,
            kind,
            at,
            is_repeated,
            is_packed,
        });
        Ok(())
    }

    /// Adds the message that the entries of a map are, and returns its full name.
    fn map_entry(&mut self, scope: &str, key: (String, usize), value: (String, usize)) -> String {
        let name = join(scope, &format!("-entry-{}", self.file.messages.len()));
        let field = |name: &str, number, (kind, at)| RawField {
            name: name.into(),
            number,
            kind,
            at,
            is_repeated: false,
            is_packed: None,
        };
        self.file.messages.push(RawMessage {
            name: name.clone(),
            fields: vec![field("key", 1, key), field("value", 2, value)],
            is_map_entry: true,
        });
        format!(".{name}")
    }

    /// Reads options in brackets, and returns that for packing.
    fn options(&mut self) -> Parsed<Option<bool>> {
        let mut is_packed = None;
        if !self.tokens.take("[") {
            return Ok(None);
        }
        let mut depth = 1;
        while depth > 0 {
            match self.tokens.next() {
                "" => return self.tokens.expected(Expected::Token("]".into())),
                "[" | "{" => depth += 1,
                "]" | "}" => depth -= 1,
                "packed" if self.tokens.take("=") => is_packed = Some(self.tokens.next() == "true"),
                _ => {}
            }
        }
        Ok(is_packed)
    }

    fn enumeration(&mut self, scope: &str) -> Parsed {
        self.tokens.next();
        let name = join(scope, self.tokens.name(Expected::EnumName, false)?);
        self.tokens.expect("{")?;
        let mut values = Vec::new();
        loop {
            match self.tokens.peek() {
                "}" => break,
                ";" => {
                    self.tokens.next();
                }
                "option" | "reserved" if self.nth(1) != "=" => self.tokens.statement()?,
                _ => {
                    let value = self.tokens.name(Expected::EnumValue, false)?;
                    self.tokens.expect("=")?;
                    values.push((value.to_owned(), self.tokens.integer()?));
                    self.options()?;
                    self.tokens.expect(";")?;
                }
            }
        }
        self.tokens.next();
        self.file.enums.push(Enum { name, values });
        Ok(())
    }
}
