//! Choice of a format for the payloads of an upstream: kept in the browser's storage, and in the
//! link to the page.

use std::cell::{Cell, RefCell};

use fields::Format;
use js_sys::{decode_uri_component, encode_uri_component};
use wasm_bindgen::JsValue;
use web_sys::{Location, Storage};

/// Prefix of the keys in the storage: one for each upstream, so that two tabs keep each other's.
const KEY: &str = "framegate.fields.";
/// Parameter of the link.
const PARAMETER: &str = "fields=";
/// Longest schema in a link: longer ones are not passed on by all programs.
const MAX_IN_LINK: usize = 4000;

thread_local! {
    static UPSTREAM: RefCell<String> = const { RefCell::new(String::new()) };
    static VERSION: Cell<u32> = const { Cell::new(1) };
}

/// Format, and the schema or layout for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldsChoice {
    /// Format; `None` to guess.
    pub format: Option<Format>,
    /// Schema or layout.
    pub schema: String,
}

impl FieldsChoice {
    /// Reads a choice: the format's name, a line break, and the schema.
    pub fn parse(text: &str) -> Self {
        let (name, schema) = text.split_once('\n').unwrap_or((text, ""));
        Self {
            format: name.parse().ok(),
            schema: schema.into(),
        }
    }

    /// Writes the choice for [`parse`](Self::parse).
    pub fn to_text(&self) -> String {
        let name = self.format.map_or("guess", Format::name);
        format!("{name}\n{}", self.schema)
    }

    /// Loads the choice for an upstream: from the link, if it has one, otherwise from the storage.
    pub fn load(upstream: &str) -> Self {
        let text = in_link().or_else(|| storage()?.get_item(&key(upstream)).ok()?);
        text.map(|text| Self::parse(&text)).unwrap_or_default()
    }

    /// Keeps the choice for an upstream, and writes it to the link. Returns false if the storage is
    /// full.
    pub fn keep(&self, upstream: &str) -> bool {
        let text = self.to_text();
        VERSION.set(VERSION.get() + 1);
        write_link(&text);
        let Some(storage) = storage() else {
            return false;
        };
        match *self == Self::default() {
            true => storage.remove_item(&key(upstream)).is_ok(),
            false => storage.set_item(&key(upstream), &text).is_ok(),
        }
    }
}

/// Notes the upstream of the messages that are shown.
pub fn set_upstream(upstream: &str) {
    let is_another = UPSTREAM.with_borrow(|it| it != upstream);
    if is_another {
        UPSTREAM.set(upstream.into());
        VERSION.set(VERSION.get() + 1);
    }
}

/// Returns the choice for the upstream of the messages that are shown.
pub fn present() -> FieldsChoice {
    UPSTREAM.with_borrow(|upstream| FieldsChoice::load(upstream))
}

/// Returns the number of the present choice: another one for each.
pub fn version() -> u32 {
    VERSION.get()
}

fn key(upstream: &str) -> String {
    format!("{KEY}{upstream}")
}

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok()?
}

fn location() -> Option<Location> {
    Some(web_sys::window()?.location())
}

fn in_link() -> Option<String> {
    let hash = location()?.hash().ok()?;
    let value = parameters(&hash).find_map(|it| it.strip_prefix(PARAMETER))?;
    Some(decode_uri_component(value).ok()?.into())
}

fn parameters(hash: &str) -> impl Iterator<Item = &str> {
    let parameters = hash.trim_start_matches('#').split('&');
    parameters.filter(|it| !it.is_empty())
}

/// Replaces the parameter in the link, without an entry in the browser's history.
fn write_link(text: &str) {
    let write = || {
        let location = location()?;
        let hash = location.hash().ok()?;
        let others = parameters(&hash).filter(|it| !it.starts_with(PARAMETER));
        let mut fragment: Vec<String> = others.map(Into::into).collect();
        let text = match text.len() {
            0..=MAX_IN_LINK => text,
            _ => text.lines().next().unwrap_or_default(),
        };
        let value = String::from(encode_uri_component(text.trim_end()));
        let path = location.pathname().ok()? + &location.search().ok()?;
        if value != "guess" {
            fragment.push(format!("{PARAMETER}{value}"));
        }
        let separator = if fragment.is_empty() { "" } else { "#" };
        let url = format!("{path}{separator}{}", fragment.join("&"));
        let history = web_sys::window()?.history().ok()?;
        history
            .replace_state_with_url(&JsValue::NULL, "", Some(&url))
            .ok()
    };
    // Browsers limit the rate of this call; beyond it, the link is stale.
    let _ = write();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_read_as_it_was_written() {
        let choices = [
            FieldsChoice::default(),
            FieldsChoice {
                format: Some(Format::Layout),
                schema: "u8 type\nelse: bytes rest\n".into(),
            },
        ];
        for choice in choices {
            assert_eq!(FieldsChoice::parse(&choice.to_text()), choice);
        }
        assert_eq!(FieldsChoice::parse("nonsense"), FieldsChoice::default());
    }
}
