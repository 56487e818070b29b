//! A choice of one among a few.

use web_sys::HtmlSelectElement;
use yew::prelude::*;

use super::reading;

/// What a [`Select`] needs.
#[derive(Debug, PartialEq, Properties)]
pub struct SelectProps {
    /// Its name.
    pub label: &'static str,
    /// What there is to choose from.
    pub options: Vec<String>,
    /// The number of the one that is chosen.
    pub selected: usize,
    /// Told the number of the one that the person chooses.
    pub on_choose: Callback<usize>,
}

/// A combobox.
#[component]
pub fn Select(props: &SelectProps) -> Html {
    let element = use_node_ref();
    let onchange = {
        let element = element.clone();
        reading(&props.on_choose, move |_: Event| {
            let element = element.cast::<HtmlSelectElement>()?;
            usize::try_from(element.selected_index()).ok()
        })
    };
    use_effect({
        let (element, selected) = (element.clone(), props.selected);
        move || {
            let selected = i32::try_from(selected).unwrap_or(-1);
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
