//! Protocol Buffers: with a schema by its names and types, without one by guesses.

mod edit;
mod file;
mod guess;
mod message;
mod parse;
mod resolve;
mod scalar;
mod tokens;
mod types;
mod write;

pub(crate) use edit::encode;
pub(crate) use message::decode;
pub(crate) use resolve::parse;
pub(crate) use types::Proto;
pub(crate) use write::message as write;
