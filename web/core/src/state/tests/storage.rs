//! Storage that outlives the page: drafts, settings, history, and the log over a reload.

use super::*;

fn send_draft() -> Action {
    Action::SendDraft { at: at(0.0) }
}

fn hex_draft() -> Draft {
    Draft {
        format: InputFormat::Hex,
        text: "ff".into(),
    }
}

#[test]
fn forgotten_history_leaves_saved_drafts() {
    let write = Action::EditDraft("kept".into());
    let state = open_then([
        write,
        Action::SaveDraft("a".into()),
        Action::EditDraft("secret".into()),
        send_draft(),
        Action::ForgetHistory,
    ]);
    let stored = stored(&state);
    assert_eq!((stored.history.len(), stored.saved.len()), (0, 1));
}

#[test]
fn what_another_tab_stores_is_taken_over() {
    let other = open_then([
        Action::EditDraft("other".into()),
        Action::SaveDraft("a".into()),
        Action::SetMaxRows(1000),
    ]);
    let state = open_then([Action::StoredChanged(stored(&other))]);
    assert_eq!(state.saved, other.saved);
    assert_eq!(state.console.log.max_rows(), 1000);
}

#[test]
fn a_sent_draft_is_recalled_and_stored() {
    let draft = hex_draft();
    let write = Action::EditDraft("half".into());
    let up = || Action::RecallDraft(Step::Previous);
    let load = Action::LoadDraft(draft.clone());
    let state = open_then([load, send_draft(), write.clone(), up()]);
    assert_eq!(state.draft, draft);
    let history = stored(&state).history;
    assert_eq!(
        history.iter().map(|it| &it.draft).collect::<Vec<_>>(),
        [&draft]
    );
    let down = Action::RecallDraft(Step::Next);
    let state = open_then([send_draft(), write, up(), down]);
    assert_eq!(state.draft.text, "half");
}

#[test]
fn saving_under_a_taken_name_replaces_the_draft() {
    let save = || Action::SaveDraft("a".into());
    let write = |text: &str| Action::EditDraft(text.into());
    let state = open_then([write("one"), save(), write("two"), save()]);
    assert_eq!(state.saved.len(), 1);
    assert_eq!(state.saved[0].draft.text, "two");
    let state = open_then([write("one"), save(), Action::DeleteSaved("a".into())]);
    assert!(state.saved.is_empty());
}

#[test]
fn settings_are_stored() {
    let actions = [
        Action::SetLanguage(Language::Japanese),
        Action::SetTheme(crate::settings::Theme::Dark),
        Action::SetMaxRows(100_000),
    ];
    let state = State::new(UpstreamChoice::First, stored(&open_then(actions)));
    assert_eq!(state.settings.language, Some(Language::Japanese));
    assert_eq!(state.console.log.max_rows(), 100_000);
}

#[test]
fn a_reload_keeps_the_draft_and_the_log() {
    let draft = hex_draft();
    let state = open_then([sent(), received(), Action::LoadDraft(draft.clone())]);
    let (packed, is_whole) = state.pack_for_reload();
    assert!(is_whole);
    let mut reloaded = new();
    reloaded.restore(Some(draft.clone()), &packed);
    assert_eq!(reloaded.draft, draft);
    let rows: Vec<_> = reloaded.console.log.rows().collect();
    assert_eq!(
        (&*rows[0].payload, rows[0].partner()),
        (&b"hello"[..], Some(1))
    );
    let framing = rows[0].framing.as_ref().map(Framing::notation);
    assert_eq!(framing, Some("u32le"));
}

#[test]
fn a_reload_that_would_lose_something_is_told() {
    let is_whole = |actions: Vec<Action>| open_then(actions).pack_for_reload().1;
    let batch = Batch::repeat(message("hello"), 10, SendRate::Unlimited);
    assert!(is_whole(vec![]));
    assert!(!is_whole(vec![Action::StartBatch(batch)]));
    // A file in the composer, and a batch that was refused, are nowhere else.
    let content = Ok(bytes::Bytes::from_static(b"x"));
    let (name, len) = ("file".into(), 1);
    let file = Attachment { name, len, content };
    let file = Rc::new(file);
    assert!(!is_whole(vec![Action::Attach(file.clone())]));
    // The button is pressed twice before the page is drawn.
    assert!(is_whole(vec![
        Action::Attach(file.clone()),
        Action::Detach(file.clone()),
        Action::Detach(file),
    ]));
    let refused = Batch::once_each(Rc::new([message("more than 16 bytes")])).unwrap();
    assert!(!is_whole(vec![Action::StartBatch(refused)]));
    let long: &'static str = "x".repeat(100_000).leak();
    let received = || Action::MessageReceived {
        message: message(long),
        at: at(0.0),
    };
    assert!(is_whole(vec![received(), received()]));
    let state = open_then([received(), received(), received()]);
    let (packed, is_whole) = state.pack_for_reload();
    assert!(!is_whole);
    // The latest two are kept.
    assert_eq!(packed::unpack(&packed).len(), 2);
}
