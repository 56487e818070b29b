//! Batches of messages.

use super::*;

#[test]
fn a_batch_stops_when_complete_or_disconnected() {
    let batch = || Action::StartBatch(Batch::repeat(message("hello"), 10, SendRate::Unlimited));
    let repeat = |actions: &[Action]| {
        let state = open_then(actions.to_vec());
        state.batch_run.map(|it| (it.number, it.sent, it.running))
    };
    assert_eq!(repeat(&[batch()]), Some((1, 0, true)));
    let some = Action::BatchProgress(4);
    assert_eq!(repeat(&[batch(), some.clone()]), Some((1, 4, true)));
    let rest = Action::BatchProgress(6);
    let all = [batch(), some.clone(), rest];
    assert_eq!(repeat(&all), Some((1, 10, false)));
    let stopped = [batch(), some, Action::StopBatch];
    assert_eq!(repeat(&stopped), Some((1, 4, false)));
    assert_eq!(repeat(&[batch(), closed(1006)]), Some((1, 0, false)));
    assert_eq!(repeat(&[batch(), batch()]), Some((2, 0, true)));
    assert_eq!(repeat(&[Action::Disconnect, batch()]), None);
}

#[test]
fn a_batch_with_a_refused_message_does_not_start() {
    let batch = Batch::once_each(Rc::new([message("hi"), message("more than 16 bytes")])).unwrap();
    let begin = || Action::StartBatch(batch.clone());
    let mut state = open_then([begin()]);
    assert_eq!(state.batch_run, None);
    let refused = Notice::BatchRefused {
        batch: batch.clone(),
        place: 2,
        error: Refusal::TooLong { len: 18, max: 16 },
    };
    assert_eq!(state.notice, Some(refused));
    // Another upstream accepts it.
    let mut other = gateway();
    other.upstreams[1].max_frame = 18;
    let choice = UpstreamChoice::Named("db".into());
    for action in [
        Action::ChooseUpstream(choice),
        answered(Ok(other)),
        opened(),
        begin(),
    ] {
        state.apply(action);
    }
    assert!(state.batch_run.is_some_and(|it| it.running));
    assert_eq!(state.notice, None);
}
