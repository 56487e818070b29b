//! The browser's regular expressions, for filters.

use js_sys::{Array, Function, Reflect, RegExp};
use wasm_bindgen::{JsCast, JsValue};

use crate::filter::{self, Matcher, Query};

/// What a filter box means; the browser's message for an expression that is none.
pub fn matcher(text: &str) -> Option<Result<Matcher, String>> {
    match filter::query(text) {
        Query::Empty => None,
        Query::Text(text) => Some(Ok(Matcher::text(text))),
        Query::Regex(source, flags) => Some(regex(source, flags)),
    }
}

fn regex(source: &str, flags: &str) -> Result<Matcher, String> {
    // With these, an expression would remember where it last matched.
    let flags = flags.replace(['g', 'y'], "");
    let regex = construct(source, &flags).map_err(|error| {
        let error = error.dyn_ref().map(js_sys::Error::message);
        error.map_or_else(String::new, String::from)
    })?;
    Ok(Matcher::new(move |text| regex.test(text)))
}

/// By reflection, because `RegExp::new` does not return errors.
fn construct(source: &str, flags: &str) -> Result<RegExp, JsValue> {
    let class: Function = Reflect::get(&js_sys::global(), &"RegExp".into())?.dyn_into()?;
    Reflect::construct(&class, &Array::of2(&source.into(), &flags.into()))?.dyn_into()
}
