//! Avro's binary encoding of single values, by their schema.

mod parse;
mod types;
mod value;

pub(crate) use parse::parse;
pub(crate) use types::Avro;
pub(crate) use value::decode;
