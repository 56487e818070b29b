//! Form of the Fields view: the choice of a format, the editors, and the bytes that they give.

use js_sys::{Promise, Uint8Array};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_core::format;
use web_sys::{Element, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement};

use super::fields_choice::FieldsChoice;
use super::fields_markup;
use super::source::Source;
use super::{tell_page, with_pane};
use crate::dom::{by_id, draw};

/// Most bytes of an unpacked payload.
const MAX_UNPACKED: usize = 64 << 20;
/// Bytes that tell a compression.
const BEGINNING: usize = 32;

#[wasm_bindgen]
extern "C" {
    /// Unpacks bytes, at most so many of them: a function of the late part's script.
    #[wasm_bindgen(js_name = unpackPayload)]
    fn unpack_payload(bytes: &Uint8Array, format: &str, max: f64) -> Promise;
}

/// Follows a change of the format or the schema.
pub fn changed(target: &Element) {
    match target.id().as_str() {
        "fields-format" => {
            let name = by_id::<HtmlSelectElement>("fields-format").map(|it| it.value());
            with_pane(|pane| {
                let schema = pane
                    .fields
                    .as_ref()
                    .map(|(view, _)| view.choice.schema.clone());
                let choice = FieldsChoice {
                    format: name.and_then(|it| it.parse().ok()),
                    schema: schema.unwrap_or_default(),
                };
                pane.choose(choice, true);
            });
        }
        "fields-schema" => {
            let schema = by_id::<HtmlTextAreaElement>("fields-schema").map(|it| it.value());
            with_pane(|pane| {
                let format = pane
                    .fields
                    .as_ref()
                    .and_then(|(view, _)| view.choice.format);
                let schema = schema.unwrap_or_default();
                pane.choose(FieldsChoice { format, schema }, false);
            });
        }
        _ => {}
    }
}

/// Picks another field by a key. Returns false if the key has no meaning here.
pub fn move_pick(key: &str) -> bool {
    let is_moved = with_pane(|pane| {
        let (view, scroller) = pane.fields.as_ref()?;
        let last = view.fields().len().checked_sub(1)?;
        let page = scroller.page();
        let place = match (key, view.picked) {
            ("ArrowDown" | "ArrowUp" | "PageDown" | "PageUp", None) | ("Home", _) => 0,
            ("End", _) => last,
            ("ArrowDown", Some(it)) => it + 1,
            ("ArrowUp", Some(it)) => it.saturating_sub(1),
            ("PageDown", Some(it)) => it + page,
            ("PageUp", Some(it)) => it.saturating_sub(page),
            _ => return None,
        };
        pane.pick_field(place.min(last));
        Some(())
    });
    is_moved.flatten().is_some()
}

/// Puts the payload with the edited value into the composer.
pub fn edit() {
    let text = by_id::<HtmlInputElement>("fields-value").map(|it| it.value());
    let edited = with_pane(|pane| {
        let (view, _) = pane.fields.as_ref()?;
        Some(view.edited(pane.t, &text.unwrap_or_default()))
    });
    to_composer(edited.flatten());
}

/// Opens the editor of the payload as JSON.
pub fn open_json() {
    with_pane(|pane| {
        let json = pane.fields.as_ref().and_then(|(view, _)| view.to_json());
        if let Some(json) = json {
            draw(
                "fields-json-editor",
                &fields_markup::json_editor(pane.t, &json),
            );
        }
    });
}

/// Puts the payload that the JSON stands for into the composer.
pub fn json_to_composer() {
    let text = by_id::<HtmlTextAreaElement>("fields-json-text").map(|it| it.value());
    let written = with_pane(|pane| {
        let (view, _) = pane.fields.as_ref()?;
        Some(view.from_json(pane.t, &text.unwrap_or_default()))
    });
    to_composer(written.flatten());
}

/// Puts bytes into the composer as a draft: nothing is sent. Tells the reason otherwise.
fn to_composer(bytes: Option<Result<Vec<u8>, String>>) {
    match bytes {
        Some(Ok(bytes)) => {
            // Fails if an event is dispatched that is being dispatched: this one is new.
            let _ = tell_page(&format!("draft {}", format::hex(&bytes)));
            with_pane(|pane| pane.tell(pane.t.in_composer()));
        }
        Some(Err(reason)) => {
            with_pane(|pane| pane.tell(&reason));
        }
        None => {}
    }
}

/// Unpacks the payload of the Fields view if it is compressed, and takes that apart.
pub fn unpack() {
    let packed = with_pane(|pane| {
        pane.fields.as_ref()?;
        let compression = fields::compression(&pane.payload.read(0..BEGINNING))?;
        pane.tell(pane.t.unpacking());
        let bytes = pane.payload.copy(0..pane.payload.len());
        Some((pane.number, compression, bytes))
    });
    let Some((number, compression, bytes)) = packed.flatten() else {
        return;
    };
    // The browser's name for zlib.
    let format = match compression {
        fields::Compression::Gzip => "gzip",
        fields::Compression::Zlib => "deflate",
    };
    spawn_local(async move {
        let unpacked = unpack_payload(&bytes, format, MAX_UNPACKED as f64);
        let unpacked = JsFuture::from(unpacked).await.map(Uint8Array::from);
        with_pane(|pane| {
            if pane.number != number {
                return;
            }
            pane.tell("");
            // Two bytes of another format may look like zlib.
            if let Ok(unpacked) = unpacked
                && unpacked.length() > 0
            {
                let packed = (compression.name(), pane.payload.len());
                pane.open_fields(std::rc::Rc::new(unpacked.to_vec()), Some(packed));
            }
        });
    });
}
