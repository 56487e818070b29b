//! The browser's regular expressions, for the filter.

use js_sys::{Array, Function, Reflect, RegExp};
use wasm_bindgen::{JsCast, JsValue};
use web_core::filter::{Matcher, RegexSource, parse_filter};

/// Compiles the filter box, or returns the browser's message for an invalid expression.
pub fn matcher(text: &str) -> Option<Result<Matcher, String>> {
    let regex = construct(&parse_filter(text)?);
    Some(match regex {
        Ok(regex) => Ok(Matcher::new(move |text| regex.test(text))),
        Err(error) => {
            let error = error.dyn_ref().map(js_sys::Error::message);
            Err(error.map_or_else(String::new, String::from))
        }
    })
}

/// Constructs a `RegExp` by reflection: `RegExp::new` does not return exceptions.
fn construct(RegexSource { pattern, flags }: &RegexSource) -> Result<RegExp, JsValue> {
    let class: Function = Reflect::get(&js_sys::global(), &"RegExp".into())?.dyn_into()?;
    Reflect::construct(&class, &Array::of2(&pattern.into(), &flags.into()))?.dyn_into()
}
