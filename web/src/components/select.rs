//! A combobox.

use web_sys::HtmlSelectElement;
use yew::prelude::*;

use super::event::filter_callback;

/// The properties of a [`Select`].
#[derive(Debug, PartialEq, Properties)]
pub struct SelectProps {
    /// The accessible name.
    pub label: &'static str,
    /// The options.
    pub options: Vec<String>,
    /// The index of the selected option.
    pub selected: usize,
    /// Called with the index of the option that the user chooses.
    pub on_choose: Callback<usize>,
}

/// A combobox.
#[component]
pub fn Select(props: &SelectProps) -> Html {
    let element = use_node_ref();
    let onchange = {
        let element = element.clone();
        filter_callback(&props.on_choose, move |_: Event| {
            let element = element.cast::<HtmlSelectElement>()?;
            usize::try_from(element.selected_index()).ok()
        })
    };
    // Not at each redraw, which would reset what the user is choosing in an open list.
    use_effect_with((props.selected, props.options.len()), {
        let element = element.clone();
        move |(selected, _)| {
            let selected = i32::try_from(*selected).unwrap_or(-1);
            if let Some(element) = element.cast::<HtmlSelectElement>()
                && element.selected_index() != selected
            {
                element.set_selected_index(selected);
            }
        }
    });
    let option = |(index, text): (usize, &String)| {
        html! { <option selected={index == props.selected}>{ text }</option> }
    };
    html! {
        <select ref={element} aria-label={props.label} title={props.label} {onchange}>
            { for props.options.iter().enumerate().map(option) }
        </select>
    }
}
