//! Schemas of Avro, which are JSON.

use super::types::{Avro, Logical, Type};
use crate::expected::Expected;
use crate::floats::Floats;
use crate::node::{Document, Node};
use crate::row::Data;
use crate::text_error::TextError;
use crate::text_problem::TextProblem;

/// Reads a schema.
pub(crate) fn parse(text: &str) -> Result<Avro, TextError> {
    // Beside a JSON value, the name of a type alone is a schema, too.
    let quoted;
    let is_name = text.trim().bytes().all(|it| it.is_ascii_lowercase());
    let text = if is_name {
        quoted = format!("\"{}\"", text.trim());
        &quoted
    } else {
        text
    };
    let document = Document::parse(text, Floats::NONE)?;
    let mut parser = Parser::default();
    parser.avro.root = parser.read(document.root(), "", 0)?;
    Ok(parser.avro)
}

/// Most levels of types.
const MAX_DEPTH: usize = 64;

#[derive(Default)]
struct Parser {
    avro: Avro,
    /// Full names and places of records, enums and fixed types.
    names: Vec<(String, usize)>,
}

type Parsed = Result<usize, TextError>;

impl Parser {
    fn add(&mut self, kind: Type) -> usize {
        self.avro.types.push(kind);
        self.avro.types.len() - 1
    }

    /// Reads a type, in a namespace, and returns its place.
    fn read(&mut self, node: Node<'_>, namespace: &str, depth: usize) -> Parsed {
        if depth > MAX_DEPTH {
            return Err(node.error(TextProblem::TooDeep));
        }
        match node.data() {
            Data::List(_) => {
                let place = self.add(Type::Null);
                let mut branches = Vec::new();
                for member in node.members() {
                    branches.push(self.read(member, namespace, depth + 1)?);
                }
                self.avro.types[place] = Type::Union(branches);
                Ok(place)
            }
            Data::Map(_) => self.object(node, namespace, depth),
            _ => self.name(node, node.text().unwrap_or(""), namespace, Logical::None),
        }
    }

    fn name(&mut self, node: Node<'_>, name: &str, namespace: &str, logical: Logical) -> Parsed {
        let kind = match name {
            "null" => Type::Null,
            "boolean" => Type::Bool,
            "int" => Type::Int(logical),
            "long" => Type::Long(logical),
            "float" => Type::Float,
            "double" => Type::Double,
            "bytes" => Type::Bytes(logical),
            "string" => Type::Text,
            _ => {
                let full = full_name(name, namespace);
                let mut names = self.names.iter();
                let found = names.find(|it| it.0 == full || it.0 == name).map(|it| it.1);
                return found.ok_or_else(|| node.error(TextProblem::UnknownAvroType(name.into())));
            }
        };
        Ok(self.add(kind))
    }

    fn object(&mut self, node: Node<'_>, namespace: &str, depth: usize) -> Parsed {
        let kind = member(node, "type")?;
        let Some(word) = kind.text() else {
            return self.read(kind, namespace, depth + 1);
        };
        let logical = logical(node);
        match word {
            "array" | "map" => {
                let place = self.add(Type::Null);
                let key = if word == "array" { "items" } else { "values" };
                let item = self.read(member(node, key)?, namespace, depth + 1)?;
                self.avro.types[place] = match word {
                    "array" => Type::Array(item),
                    _ => Type::Map(item),
                };
                Ok(place)
            }
            "record" | "error" | "enum" | "fixed" => {
                self.named(node, word, namespace, logical, depth)
            }
            word => self.name(kind, word, namespace, logical),
        }
    }

    fn named(
        &mut self,
        node: Node<'_>,
        word: &str,
        namespace: &str,
        logical: Logical,
        depth: usize,
    ) -> Parsed {
        let name = text(node, "name")?;
        let own = node.get("namespace").and_then(Node::text);
        let full = full_name(name, own.unwrap_or(namespace));
        let namespace = full.rfind('.').map_or("", |at| &full[..at]);
        let place = self.add(Type::Null);
        self.names.push((full.clone(), place));
        self.avro.types[place] = match word {
            "enum" => {
                let symbols = member(node, "symbols")?.members();
                let symbols = symbols.map(|it| match it.text() {
                    Some(symbol) => Ok(symbol.to_owned()),
                    None => Err(it.error(Expected::Symbol)),
                });
                Type::Enum(symbols.collect::<Result<_, _>>()?)
            }
            "fixed" => {
                let size = member(node, "size")?;
                let number = size.number().and_then(|it| it.0.parse().ok());
                let number = number.ok_or_else(|| size.error(Expected::ByteCount))?;
                Type::Fixed(number, logical)
            }
            _ => {
                let mut fields = Vec::new();
                for field in member(node, "fields")?.members() {
                    let name = text(field, "name")?.to_owned();
                    let kind = self.read(member(field, "type")?, namespace, depth + 1)?;
                    fields.push((name, kind));
                }
                Type::Record(fields)
            }
        };
        Ok(place)
    }
}

fn member<'a>(node: Node<'a>, key: &str) -> Result<Node<'a>, TextError> {
    let found = match node.data() {
        Data::Map(_) => node.get(key),
        _ => None,
    };
    found.ok_or_else(|| node.error(Expected::ObjectWith(key.into())))
}

fn text<'a>(node: Node<'a>, key: &str) -> Result<&'a str, TextError> {
    let member = member(node, key)?;
    member.text().ok_or_else(|| member.error(Expected::Text))
}

fn full_name(name: &str, namespace: &str) -> String {
    match name.contains('.') || namespace.is_empty() {
        true => name.into(),
        false => format!("{namespace}.{name}"),
    }
}

fn logical(node: Node<'_>) -> Logical {
    match node.get("logicalType").and_then(Node::text).unwrap_or("") {
        "date" => Logical::Date,
        "time-millis" => Logical::TimeOfDay(1_000),
        "time-micros" => Logical::TimeOfDay(1_000_000),
        "timestamp-millis" | "local-timestamp-millis" => Logical::Timestamp(1_000),
        "timestamp-micros" | "local-timestamp-micros" => Logical::Timestamp(1_000_000),
        "timestamp-nanos" | "local-timestamp-nanos" => Logical::Timestamp(1_000_000_000),
        "decimal" => {
            let scale = node.get("scale").and_then(Node::number);
            Logical::Decimal(scale.and_then(|it| it.0.parse().ok()).unwrap_or(0))
        }
        _ => Logical::None,
    }
}
