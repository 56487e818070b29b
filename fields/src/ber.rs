//! BER and DER of ASN.1 (X.690): tags, lengths and values. Fields are labelled by their tags.

mod element;
mod tag;
mod value;

pub(crate) use element::decode;
