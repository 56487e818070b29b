//! The store: holds the state, applies actions, and schedules redraws.

use std::cell::{Cell, Ref, RefCell};
use std::rc::Rc;

use gloo_events::{EventListener, EventListenerOptions};
use gloo_render::{AnimationFrame, request_animation_frame};
use gloo_timers::callback::Timeout;
use web_core::action::Action;
use web_core::message::Message;
use web_core::state::State;
use web_sys::Window;
use yew::prelude::*;

/// The redraw delay of a background page, which gets no animation frames, in milliseconds.
/// It has to be drawn eventually: drawing runs the effects, such as the next attempt to
/// connect.
const BACKGROUND_MS: u32 = 250;

/// The state of the page, and its redraws.
///
/// An action changes the state at once and in place: nothing is copied. The page is drawn
/// at the next animation frame, once for all actions until then.
#[derive(Clone)]
pub struct Store {
    inner: Rc<Inner>,
}

struct Inner {
    state: RefCell<State>,
    redraw: UseForceUpdateHandle,
    /// True if a redraw is scheduled.
    is_due: Cell<bool>,
    /// The scheduled redraws; the later of the two does nothing.
    timers: RefCell<Option<(AnimationFrame, Timeout)>>,
}

/// Creates the store of the calling component, with `state` as its first state.
#[hook]
pub fn use_store(state: impl FnOnce() -> State) -> Store {
    let redraw = use_force_update();
    let inner = use_memo((), |()| Inner {
        state: RefCell::new(state()),
        redraw,
        is_due: Cell::new(false),
        timers: RefCell::default(),
    });
    Store { inner }
}

impl Store {
    /// Borrows the state.
    pub fn state(&self) -> Ref<'_, State> {
        self.inner.state.borrow()
    }

    /// Applies an action, and schedules a redraw.
    pub fn dispatch(&self, action: Action) {
        self.inner.state.borrow_mut().apply(action);
        self.inner.schedule_redraw();
    }

    /// Draws the page before it handles a key or a click, if that is due: the person acts on the
    /// latest state, and so do handlers that have a part of what was drawn.
    pub fn draw_before_events(&self, window: &Window) {
        for event in ["keydown", "beforeinput", "pointerdown", "click"] {
            let inner = Rc::clone(&self.inner);
            let options = EventListenerOptions::run_in_capture_phase();
            // Drawn in a microtask, which runs before the next listener.
            EventListener::new_with_options(window, event, options, move |_| inner.draw()).forget();
        }
    }

    /// Takes the messages to hand to the WebSocket.
    pub fn take_outgoing(&self) -> Vec<Message> {
        std::mem::take(&mut self.inner.state.borrow_mut().outgoing)
    }
}

impl Inner {
    fn schedule_redraw(self: &Rc<Self>) {
        if !self.is_due.replace(true) {
            let at_frame = Rc::clone(self);
            let in_background = Rc::clone(self);
            *self.timers.borrow_mut() = Some((
                request_animation_frame(move |_| at_frame.draw()),
                Timeout::new(BACKGROUND_MS, move || in_background.draw()),
            ));
        }
    }

    fn draw(&self) {
        if self.is_due.replace(false) {
            self.redraw.force_update();
        }
    }
}

impl PartialEq for Store {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.inner, &other.inner)
    }
}
