//! Holds the state, and has the page drawn when it changes.

use std::cell::{Cell, Ref, RefCell};
use std::rc::Rc;

use gloo_render::{AnimationFrame, request_animation_frame};
use gloo_timers::callback::Timeout;
use web_core::action::Action;
use web_core::state::State;
use yew::prelude::*;

/// How long a page that has no frames, because it is in the background, waits to be
/// drawn, in milliseconds. It has to be some time: drawing starts what follows from the
/// state, such as the next attempt to connect.
const BACKGROUND_MS: u32 = 250;

/// How long a message that was sent waits to be drawn, in milliseconds, unless its answer
/// is there before: most services answer sooner, and who looks does not see the wait.
const ANSWER_MS: u32 = 20;

/// The state of the page. An action changes it at once and in place, so that nothing is
/// copied however much there is; the page is drawn at the next frame, once for all that
/// happened until then. Drawing is what takes time: an answer that comes meanwhile waits
/// for that, and the wait is taken for its round trip. So a message that is sent is drawn
/// with its answer.
#[derive(Clone)]
pub struct Store {
    inner: Rc<Inner>,
}

struct Inner {
    state: RefCell<State>,
    redraw: UseForceUpdateHandle,
    is_due: Cell<bool>,
    /// Running while a message that was sent waits to be drawn.
    answer: RefCell<Option<Timeout>>,
    /// What draws; whichever comes first, the other then finds nothing to do.
    timers: RefCell<Option<(AnimationFrame, Timeout)>>,
}

/// The store of the component that asks; it begins with `state`.
#[hook]
pub fn use_store(state: impl FnOnce() -> State) -> Store {
    let redraw = use_force_update();
    let inner = use_memo((), |()| Inner {
        state: RefCell::new(state()),
        redraw,
        is_due: Cell::new(false),
        answer: RefCell::default(),
        timers: RefCell::default(),
    });
    Store { inner }
}

impl Store {
    /// The state, to be looked at.
    pub fn state(&self) -> Ref<'_, State> {
        self.inner.state.borrow()
    }

    /// Lets `action` happen.
    pub fn dispatch(&self, action: Action) {
        let is_sent = matches!(action, Action::Sent { .. });
        let is_answer = matches!(action, Action::Received { .. });
        self.inner.state.borrow_mut().apply(action);
        if is_answer {
            self.inner.answer.take();
        } else if is_sent && !self.inner.is_due.get() {
            self.await_answer();
        }
        if self.inner.answer.borrow().is_none() {
            self.inner.draw_soon();
        }
    }

    fn await_answer(&self) {
        let inner = Rc::clone(&self.inner);
        let mut answer = self.inner.answer.borrow_mut();
        answer.get_or_insert_with(|| {
            Timeout::new(ANSWER_MS, move || {
                inner.answer.take();
                inner.draw_soon();
            })
        });
    }
}

impl Inner {
    fn draw_soon(self: &Rc<Self>) {
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
