//! The message that the late part draws in the wire view.

use std::rc::Rc;

use web_core::framing::Framing;
use web_core::gateway_info::UpstreamChoice;
use web_core::message_log::Row;
use web_core::shown_message;
use web_core::wire_view_tab::WireViewTab;
use yew::prelude::*;

use super::language::use_language;
use crate::browser::late_part;

/// The properties of a [`ShownMessage`].
#[derive(Debug, PartialEq, Properties)]
pub struct ShownMessageProps {
    /// The message.
    pub row: Option<Rc<Row>>,
    /// True if it is selected, not just the latest.
    pub is_selected: bool,
    /// The open tab.
    pub tab: WireViewTab,
    /// The message's framing.
    pub framing: Framing,
    /// The upstream.
    pub upstream: UpstreamChoice,
    /// True if the late part is loaded.
    pub is_loaded: bool,
}

/// Nothing by itself: it hands the message to the late part, when another is shown.
#[component]
pub fn ShownMessage(props: &ShownMessageProps) -> Html {
    let t = use_language();
    let facts = props.row.as_ref().map(|row| {
        let upstream = match &props.upstream {
            UpstreamChoice::First => "",
            UpstreamChoice::Named(name) | UpstreamChoice::Url(name) => name,
        };
        let framing = props.framing.notation();
        shown_message::to_line(row, props.is_selected, framing, upstream)
    });
    let row = props.row.clone();
    // The late part draws in the document's language.
    use_effect_with(
        (facts, props.tab, t, props.is_loaded),
        move |(facts, tab, _, is_loaded)| {
            if *is_loaded {
                late_part::show(facts.as_deref().zip(row.as_ref()), tab.key());
            }
        },
    );
    Html::default()
}
