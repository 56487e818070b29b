//! Actions that come in bursts, handed to the reducer together.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use yew::prelude::*;

use crate::state::{Action, State};

/// How long actions are gathered, in milliseconds: about a frame of the screen. A
/// timer, because a page in the background has no frames.
const GATHER_MS: u32 = 16;

/// Gathers actions, so that the page is drawn once for all of them. Drawing is what
/// takes time here: were it done for a message as it is sent, its answer would wait
/// for that, and the wait be taken for a part of its round trip.
#[derive(Clone)]
pub struct Batch {
    actions: Rc<RefCell<Vec<Action>>>,
    dispatch: UseReducerDispatcher<State>,
}

impl Batch {
    /// A batch for `dispatch`, with nothing in it.
    pub fn new(dispatch: UseReducerDispatcher<State>) -> Self {
        Self {
            actions: Rc::default(),
            dispatch,
        }
    }

    /// Adds an action, after those that are there.
    pub fn push(&self, action: Action) {
        let mut actions = self.actions.borrow_mut();
        if actions.is_empty() {
            let this = self.clone();
            Timeout::new(GATHER_MS, move || this.hand_over()).forget();
        }
        actions.push(action);
    }

    fn hand_over(&self) {
        let actions = self.actions.take();
        self.dispatch.dispatch(Action::Batch(actions));
    }
}
