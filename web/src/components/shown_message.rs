//! The message that the late part draws in the wire view.

use std::rc::Rc;

use web_core::message_log::Row;
use web_core::wire_view_tab::WireViewTab;
use yew::prelude::*;

use super::language::use_language;
use crate::browser::late_part;

/// The properties of a [`ShownMessage`].
#[derive(Debug, PartialEq, Properties)]
pub struct ShownMessageProps {
    /// Its facts as a line, if there is a message.
    pub facts: Option<String>,
    /// The message.
    pub row: Option<Rc<Row>>,
    /// The open tab.
    pub tab: WireViewTab,
    /// True if the late part is loaded.
    pub is_loaded: bool,
}

/// Nothing by itself: it hands the message to the late part, when another is shown.
#[component]
pub fn ShownMessage(props: &ShownMessageProps) -> Html {
    let t = use_language();
    let row = props.row.clone();
    // The late part draws in the document's language.
    let deps = (props.facts.clone(), props.tab, t, props.is_loaded);
    use_effect_with(deps, move |(facts, tab, _, is_loaded)| {
        if *is_loaded {
            late_part::show(facts.as_deref().zip(row.as_ref()), tab.key());
        }
    });
    Html::default()
}
