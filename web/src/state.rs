//! What the page knows, and how that changes.
//!
//! Pure: no browser, no clock. Times come with the actions.

use std::rc::Rc;

use bytes::Bytes;
use yew::Reducible;

use crate::gateway::{Gateway, InfoError};
use crate::log::{Id, Kind, Log, Row};
use crate::time::Moment;

/// All that the page knows.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// The life of the connection.
    pub connection: Connection,
    /// How often the page set out to connect: tells one attempt from the next.
    pub attempt: u32,
    /// The gateway as it last described itself.
    pub gateway: Option<Rc<Gateway>>,
    /// The messages.
    pub log: Rc<Log>,
    /// The message that the person chose to look at.
    pub selected: Option<Id>,
}

/// The life of the connection.
#[derive(Debug, Clone, PartialEq)]
pub enum Connection {
    /// The person has it so.
    Idle,
    /// The gateway is being asked what it offers.
    Asking,
    /// The WebSocket is being opened.
    Connecting,
    /// Messages can be sent.
    Open {
        /// When it opened.
        since: Moment,
    },
    /// The gateway did not say what it offers.
    Unavailable(InfoError),
    /// The WebSocket closed, or never opened, and not because the person said so.
    Closed(Close),
}

/// How a WebSocket ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Close {
    /// The close code, RFC 6455 section 7.4.
    pub code: u16,
    /// The reason that came with it, often empty.
    pub reason: String,
    /// Whether it had been open.
    pub opened: bool,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// The person wants a connection.
    Connect,
    /// The person wants none.
    Disconnect,
    /// The gateway said what it offers, or did not.
    Informed(Result<Gateway, InfoError>),
    /// The WebSocket is open.
    Opened {
        /// When.
        at: Moment,
    },
    /// The WebSocket is closed.
    Closed {
        /// The close code.
        code: u16,
        /// The reason, empty if none came.
        reason: String,
    },
    /// A message was given to the WebSocket.
    Sent {
        /// What it says.
        payload: Bytes,
        /// When.
        at: Moment,
    },
    /// A message came in.
    Received {
        /// Text or binary.
        kind: Kind,
        /// What it says.
        payload: Bytes,
        /// When.
        at: Moment,
    },
    /// The person chose a message, or none: then the latest is shown.
    Select(Option<Id>),
    /// The person moved through the messages.
    Move(Step),
    /// The person wants an empty log.
    Clear,
    /// Several things, one after another.
    Batch(Vec<Action>),
}

/// A way to go through the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// To the one before.
    Earlier,
    /// To the one after.
    Later,
    /// To the oldest.
    First,
    /// To the latest.
    Last,
}

impl State {
    /// The message to show in detail: the chosen one, otherwise the latest.
    pub fn shown(&self) -> Option<&Rc<Row>> {
        self.selected
            .and_then(|id| self.log.row(id))
            .or_else(|| self.log.latest())
    }

    fn apply(&mut self, action: Action) {
        match action {
            Action::Connect => self.connect(),
            Action::Disconnect => self.end(Connection::Idle),
            Action::Informed(answer) => self.informed(answer),
            Action::Opened { at } => {
                if self.connection == Connection::Connecting {
                    self.connection = Connection::Open { since: at };
                }
            }
            Action::Closed { code, reason } => self.closed(code, reason),
            Action::Sent { payload, at } => self.sent(payload, at),
            Action::Received { kind, payload, at } => {
                Rc::make_mut(&mut self.log).received(kind, payload, at);
            }
            Action::Select(id) => self.selected = id,
            Action::Move(step) => self.selected = self.moved(step),
            Action::Clear => {
                Rc::make_mut(&mut self.log).clear();
                self.selected = None;
            }
            Action::Batch(actions) => actions.into_iter().for_each(|action| self.apply(action)),
        }
        self.forget_lost_selection();
    }

    fn connect(&mut self) {
        if !self.connection.is_live() {
            self.connection = Connection::Asking;
            self.attempt += 1;
        }
    }

    fn informed(&mut self, answer: Result<Gateway, InfoError>) {
        if self.connection != Connection::Asking {
            return;
        }
        match answer {
            Ok(gateway) => {
                self.gateway = Some(Rc::new(gateway));
                self.connection = Connection::Connecting;
            }
            Err(error) => self.connection = Connection::Unavailable(error),
        }
    }

    fn closed(&mut self, code: u16, reason: String) {
        let opened = match self.connection {
            Connection::Connecting => false,
            Connection::Open { .. } => true,
            _ => return,
        };
        self.end(Connection::Closed(Close {
            code,
            reason,
            opened,
        }));
    }

    fn sent(&mut self, payload: Bytes, at: Moment) {
        let log = Rc::make_mut(&mut self.log);
        log.sent(payload, at);
        // It may be told after the connection's end; no answer comes then.
        if !self.connection.is_open() {
            log.abandon_pending();
        }
    }

    fn end(&mut self, connection: Connection) {
        self.connection = connection;
        Rc::make_mut(&mut self.log).abandon_pending();
    }

    fn moved(&self, step: Step) -> Option<Id> {
        let first = self.log.rows().next()?.id;
        let last = self.log.latest()?.id;
        Some(match (step, self.selected) {
            (Step::First, _) => first,
            (Step::Last, _) | (_, None) => last,
            (Step::Earlier, Some(id)) => id.saturating_sub(1).max(first),
            (Step::Later, Some(id)) => (id + 1).min(last),
        })
    }

    fn forget_lost_selection(&mut self) {
        self.selected = self.selected.filter(|&id| self.log.row(id).is_some());
    }
}

/// The page sets out to connect as soon as it is there.
impl Default for State {
    fn default() -> Self {
        Self {
            connection: Connection::Asking,
            attempt: 1,
            gateway: None,
            log: Rc::default(),
            selected: None,
        }
    }
}

impl Reducible for State {
    type Action = Action;

    fn reduce(mut self: Rc<Self>, action: Action) -> Rc<Self> {
        Rc::make_mut(&mut self).apply(action);
        self
    }
}

impl Connection {
    /// Whether messages can be sent.
    pub fn is_open(&self) -> bool {
        matches!(self, Connection::Open { .. })
    }

    /// Whether it is open, or on the way there.
    pub fn is_live(&self) -> bool {
        match self {
            Connection::Asking | Connection::Connecting | Connection::Open { .. } => true,
            Connection::Idle | Connection::Unavailable(_) | Connection::Closed(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use protocol::Framing;

    use super::*;
    use crate::gateway::Upstream;
    use crate::log::Tie;

    fn gateway() -> Gateway {
        Gateway {
            version: "0.1.0".into(),
            echo: None,
            upstream: Upstream {
                name: "echo".into(),
                path: "ws".into(),
                framing: Framing::U32Le,
                max_frame: 16,
            },
        }
    }

    fn informed() -> Action {
        Action::Informed(Ok(gateway()))
    }

    fn opened() -> Action {
        Action::Opened {
            at: Moment::default(),
        }
    }

    fn closed(code: u16) -> Action {
        Action::Closed {
            code,
            reason: "why".into(),
        }
    }

    fn sent() -> Action {
        Action::Sent {
            payload: "hello".into(),
            at: Moment::default(),
        }
    }

    fn received() -> Action {
        Action::Received {
            kind: Kind::Text,
            payload: "echo : hello".into(),
            at: Moment::default(),
        }
    }

    fn after(actions: impl IntoIterator<Item = Action>) -> Rc<State> {
        actions
            .into_iter()
            .fold(Rc::default(), |state: Rc<State>, action| {
                state.reduce(action)
            })
    }

    fn open_then(actions: impl IntoIterator<Item = Action>) -> Rc<State> {
        after([informed(), opened()].into_iter().chain(actions))
    }

    #[test]
    fn life_of_a_connection() {
        let since = Moment::default();
        let ended = |code, opened| {
            Connection::Closed(Close {
                code,
                reason: "why".into(),
                opened,
            })
        };
        let gone = || Action::Informed(Err(InfoError::Unreachable));
        let check = |actions: Vec<Action>, expected: Connection| {
            assert_eq!(after(actions.clone()).connection, expected, "{actions:?}");
        };
        check(vec![], Connection::Asking);
        check(
            vec![gone()],
            Connection::Unavailable(InfoError::Unreachable),
        );
        check(vec![gone(), Action::Connect], Connection::Asking);
        check(vec![informed()], Connection::Connecting);
        check(vec![informed(), closed(1006)], ended(1006, false));
        check(vec![informed(), opened()], Connection::Open { since });
        check(vec![informed(), opened(), closed(1001)], ended(1001, true));
        check(
            vec![informed(), opened(), closed(1001), Action::Connect],
            Connection::Asking,
        );
        check(
            vec![informed(), opened(), Action::Disconnect],
            Connection::Idle,
        );
    }

    #[test]
    fn what_comes_too_late_changes_nothing() {
        let check = |actions: Vec<Action>, expected: Connection| {
            assert_eq!(after(actions.clone()).connection, expected, "{actions:?}");
        };
        check(vec![Action::Disconnect, informed()], Connection::Idle);
        check(vec![Action::Disconnect, opened()], Connection::Idle);
        check(
            vec![informed(), opened(), Action::Disconnect, closed(1000)],
            Connection::Idle,
        );
    }

    #[test]
    fn each_attempt_has_a_number_and_a_second_connect_makes_none() {
        assert_eq!(after([]).attempt, 1);
        assert_eq!(after([Action::Connect]).attempt, 1);
        assert_eq!(after([Action::Disconnect, Action::Connect]).attempt, 2);
    }

    #[test]
    fn a_connection_that_ends_leaves_its_messages_unanswered() {
        for actions in [
            [sent(), closed(1006)],
            [sent(), Action::Disconnect],
            [Action::Disconnect, sent()],
        ] {
            let state = open_then(actions);
            assert_eq!(state.log.latest().unwrap().tie, Tie::Alone);
            assert_eq!(state.log.unanswered(), 1);
        }
    }

    #[test]
    fn a_batch_is_its_actions_in_order() {
        let actions = vec![informed(), opened(), sent(), received(), closed(1001)];
        assert_eq!(after([Action::Batch(actions.clone())]), after(actions));
    }

    #[test]
    fn steps_through_the_log() {
        let check = |selected: Option<Id>, step: Step, expected: Option<Id>| {
            let state = open_then([sent(), received(), sent()]);
            let state = state.reduce(Action::Select(selected));
            let state = state.reduce(Action::Move(step));
            assert_eq!(state.selected, expected, "{step:?} from {selected:?}");
        };
        check(None, Step::Earlier, Some(2));
        check(None, Step::Later, Some(2));
        check(None, Step::First, Some(0));
        check(Some(2), Step::Earlier, Some(1));
        check(Some(2), Step::Later, Some(2));
        check(Some(0), Step::Earlier, Some(0));
        check(Some(0), Step::Later, Some(1));
        check(Some(0), Step::Last, Some(2));
        assert_eq!(after([Action::Move(Step::Last)]).selected, None);
    }

    #[test]
    fn the_latest_is_shown_until_one_is_chosen() {
        let shown = |actions: &[Action]| open_then(actions.to_vec()).shown().map(|row| row.id);
        assert_eq!(shown(&[]), None);
        assert_eq!(shown(&[sent(), received()]), Some(1));
        let select = Action::Select(Some(0));
        assert_eq!(shown(&[sent(), select.clone(), received()]), Some(0));
        let unselect = Action::Select(None);
        assert_eq!(shown(&[sent(), select, received(), unselect]), Some(1));
    }

    #[test]
    fn a_selection_goes_with_its_message() {
        let select = Action::Select(Some(0));
        let state = open_then([sent(), select.clone(), Action::Clear]);
        assert_eq!((state.selected, state.shown()), (None, None));

        let many = std::iter::repeat_n(sent(), crate::log::MAX_ROWS);
        let state = open_then([sent(), select].into_iter().chain(many));
        assert_eq!(state.selected, None);
        assert_eq!(open_then([Action::Select(Some(7))]).selected, None);
    }
}
