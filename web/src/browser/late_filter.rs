//! Filters of the late part: bytes and regular expressions.

use std::cell::Cell;

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use web_core::filter::Matcher;

#[wasm_bindgen]
extern "C" {
    /// A filter: bytes or a regular expression.
    #[wasm_bindgen(js_namespace = late)]
    type Expression;

    #[wasm_bindgen(catch, constructor, js_namespace = late)]
    fn new(filter: &str) -> Result<Expression, JsValue>;

    #[wasm_bindgen(catch, method)]
    fn matches(this: &Expression, payload: &[u8]) -> Result<bool, JsValue>;
}

thread_local! {
    static IS_LOADED: Cell<bool> = const { Cell::new(false) };
}

/// Notes that the late part is loaded.
pub fn set_loaded() {
    IS_LOADED.set(true);
}

/// Returns true if the late part is loaded.
pub fn is_loaded() -> bool {
    IS_LOADED.get()
}

/// Compiles the text of a filter, or returns the reason why it is invalid; `None` until the late
/// part is loaded.
pub fn matcher(filter: &str) -> Option<Result<Matcher, String>> {
    if !IS_LOADED.get() {
        return None;
    }
    Some(match Expression::new(filter) {
        // Fails if the late part panics.
        Ok(filter) => Ok(Matcher::new(move |it| filter.matches(it).unwrap_or(true))),
        Err(error) => Err(error.as_string().unwrap_or_default()),
    })
}
