//! Fields in the pane: their form, their rows, and the bytes that they light.

use std::ops::Range;
use std::rc::Rc;

use web_sys::HtmlElement;

use super::field_filter;
use super::fields_choice::FieldsChoice;
use super::fields_markup;
use super::fields_view::FieldsView;
use super::pane::Pane;
use super::scroller::Scroller;
use super::source::Source;
use super::tell_page;
use super::wire::Wire;
use crate::dom::{by_id, draw, has_focus};
use crate::markup::Markup;

impl Pane {
    /// Takes a payload apart in the Fields view; `unpacked` is the compression that it was in.
    pub fn open_fields(&mut self, source: Rc<dyn Source>, unpacked: Option<(&'static str, usize)>) {
        let choice = FieldsChoice::load(&self.message.upstream);
        let view = FieldsView::new(choice, source.clone(), unpacked);
        self.dump.set_wire(Wire::of_payload(self.t, source.len()));
        self.shown = source;
        self.fields = Scroller::find("message-lines").map(|it| (view, it));
        self.draw_form();
        self.draw_fields();
        self.fit();
    }

    /// Changes the choice of a format, and keeps it.
    pub fn choose(&mut self, choice: FieldsChoice, draws_form: bool) {
        if let Some((view, _)) = &mut self.fields {
            let is_kept = choice.keep(&self.message.upstream);
            view.choose(choice);
            self.tell(if is_kept {
                ""
            } else {
                self.t.choice_not_kept()
            });
        }
        if field_filter::is_used() {
            // Fails if an event is dispatched that is being dispatched: this one is new.
            let _ = tell_page("filter ");
        }
        if draws_form {
            self.draw_form();
        }
        self.draw_fields();
    }

    fn draw_form(&self) {
        if let Some((view, _)) = &self.fields {
            let had_focus = has_focus("fields-format");
            draw("fields-form", &fields_markup::form(self.t, view));
            draw("fields-json-editor", &Markup::default());
            if let Some(select) = by_id::<HtmlElement>("fields-format").filter(|_| had_focus) {
                // Fails if the browser does not allow the focus.
                let _ = select.focus();
            }
        }
    }

    /// Draws the rows, the state and the editor of the fields.
    pub fn draw_fields(&mut self) {
        if let Some((view, scroller)) = &mut self.fields {
            scroller.set_rows(view.fields().len());
            draw("fields-state", &fields_markup::state(self.t, view));
            draw("fields-editor", &fields_markup::editor(self.t, view));
        }
        self.draw_lines(true);
    }

    /// Returns the bytes of a field.
    pub fn field_bytes(&self, place: usize) -> Option<Range<usize>> {
        let (view, _) = self.fields.as_ref()?;
        Some(view.fields().get(place)?.range.clone())
    }

    /// Picks a field, and lights its bytes.
    pub fn pick_field(&mut self, place: usize) {
        let Some((view, scroller)) = &mut self.fields else {
            return;
        };
        let Some(range) = view.fields().get(place).map(|it| it.range.clone()) else {
            return;
        };
        view.picked = Some(place);
        scroller.show(place);
        self.dump.pick(range, &*self.shown);
        self.draw_fields();
    }
}
