//! Framings as fields of a JSON object, for serde's `with`: `framing`, and `first_sent` and
//! `first_received` if there are openings.

use protocol::{Framing, Framings};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Serialize, Deserialize)]
struct Notations {
    framing: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first_sent: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first_received: Option<String>,
}

/// Serializes the notation of each framing.
///
/// # Errors
/// Those of the serializer.
pub fn serialize<S: Serializer>(framings: &Framings, s: S) -> Result<S::Ok, S::Error> {
    let notation = |framing: &Option<Box<Framing>>| Some(framing.as_ref()?.to_string());
    let notations = Notations {
        framing: framings.framing.to_string(),
        first_sent: notation(&framings.first_sent),
        first_received: notation(&framings.first_received),
    };
    notations.serialize(s)
}

/// Parses the notation of each framing.
///
/// # Errors
/// Those of the deserializer, and of a notation that is not valid.
pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Box<Framings>, D::Error> {
    let notations = Notations::deserialize(d)?;
    let parse = |notation: String| notation.parse::<Framing>().map_err(D::Error::custom);
    let first = |notation: Option<String>| notation.map(parse).transpose();
    Ok(Box::new(Framings {
        framing: parse(notations.framing)?,
        first_sent: first(notations.first_sent)?.map(Box::new),
        first_received: first(notations.first_received)?.map(Box::new),
    }))
}
