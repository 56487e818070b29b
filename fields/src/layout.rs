//! Layouts: a small language for messages of one's own. It reads like a picture of the bytes:
//!
//! ```text
//! u8 type, u32be seq
//! type=1: text:u16be user, u8 n, u16be ids[n]
//! type=2: f64be price, x32be flags, {u8 tag, text:u8 value} options[]
//! type='E'|3: cstr message
//! else: bytes rest
//! ```
//!
//! There are no expressions, loops or recursion, so each layout ends.

mod check;
mod decode;
mod number;
mod parse;
mod tokens;
mod types;
mod write;

pub(crate) use decode::decode;
pub(crate) use number::encode;
pub(crate) use parse::parse;
pub(crate) use types::Layout;
pub(crate) use write::write;
