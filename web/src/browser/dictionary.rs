//! Texts in Japanese: a file that is loaded when the page is first shown in Japanese.

use gloo_events::EventListener;
use js_sys::Reflect;
use wasm_bindgen::prelude::wasm_bindgen;
use web_core::action::Action;
use web_core::dictionary;
use web_core::language::Language;
use web_core::notice::Notice;
use web_sys::Event;
use yew::prelude::*;

use super::clock;
use crate::store::Store;

#[wasm_bindgen]
extern "C" {
    /// Loads the texts, unless they are loaded: a function of the page's script.
    #[wasm_bindgen(js_name = loadJapanese)]
    fn load_japanese();
}

/// Calls a function once the texts of a language are there, or could not be loaded.
pub fn then(language: Language, done: impl FnOnce() + 'static) {
    match web_sys::window() {
        Some(window) if !language.is_loaded() => {
            EventListener::once(&window, "japanese", move |event| {
                take(event);
                done();
            })
            .forget();
            load_japanese();
        }
        _ => done(),
    }
}

/// Takes the texts of an event, which has none if they could not be loaded.
fn take(event: &Event) {
    let lines = Reflect::get(event, &"detail".into()).ok();
    dictionary::set(lines.and_then(|it| it.as_string()).unwrap_or_default());
}

/// Loads the texts of the language that is asked for, and returns the one to show meanwhile.
#[hook]
pub fn use_texts(language: Language, store: &Store) -> Language {
    let shown = match language.is_loaded() {
        true => language,
        false => Language::English,
    };
    let store = store.clone();
    use_effect_with(language, move |&language| {
        if !language.is_loaded() {
            then(language, move || {
                store.dispatch(match language.is_loaded() {
                    // Draws the page.
                    true => Action::Tick(clock::now()),
                    false => Action::ShowNotice(Some(Notice::JapaneseFailed)),
                });
            });
        }
    });
    shown
}
