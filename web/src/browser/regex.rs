//! The browser's regular expressions, for filters.

use js_sys::{Array, Function, Reflect, RegExp};
use wasm_bindgen::{JsCast, JsValue};
use web_core::filter::{Expression, Matcher, expression};

/// What a filter box means; the browser's message for an expression that is none.
pub fn matcher(text: &str) -> Option<Result<Matcher, String>> {
    let regex = construct(&expression(text)?);
    Some(match regex {
        Ok(regex) => Ok(Matcher::new(move |text| regex.test(text))),
        Err(error) => {
            let error = error.dyn_ref().map(js_sys::Error::message);
            Err(error.map_or_else(String::new, String::from))
        }
    })
}

/// By reflection, because `RegExp::new` does not return errors.
fn construct(Expression { source, flags }: &Expression) -> Result<RegExp, JsValue> {
    let class: Function = Reflect::get(&js_sys::global(), &"RegExp".into())?.dyn_into()?;
    Reflect::construct(&class, &Array::of2(&source.into(), &flags.into()))?.dyn_into()
}
