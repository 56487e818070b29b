//! The composer: the draft and the files that the next Send sends.

use super::*;

fn send() -> Action {
    Action::SendDraft { at: at(0.0) }
}

fn write(text: &str) -> Action {
    Action::EditDraft(text.into())
}

fn file(name: &str, content: &'static [u8]) -> Rc<Attachment> {
    Rc::new(Attachment {
        name: name.into(),
        len: content.len() as u64,
        content: Ok(content.into()),
    })
}

fn attach(file: &Rc<Attachment>) -> Action {
    Action::Attach(file.clone())
}

/// The payloads that were sent, as texts.
fn payloads(state: &State) -> Vec<String> {
    let rows = state.console.log.rows().filter(|row| row.event.is_none());
    rows.map(|row| String::from_utf8_lossy(&row.payload).into())
        .collect()
}

#[test]
fn the_draft_is_sent_before_the_files_and_once() {
    let (one, two) = (file("one", b"1"), file("two", b"2"));
    let state = open_then([attach(&one), write("hello"), attach(&two), send(), send()]);
    // The second Send sends an empty message, as there are no files.
    assert_eq!(payloads(&state), ["hello", "1", "2", ""]);
    assert!(state.attachments.is_empty());
    assert_eq!(state.draft.text, "");
}

#[test]
fn a_file_that_was_just_removed_is_not_sent() {
    let (one, two) = (file("one", b"1"), file("two", b"2"));
    let remove = Action::Detach(one.clone());
    let state = open_then([attach(&one), attach(&two), remove.clone(), send()]);
    assert_eq!(payloads(&state), ["2"]);
    let state = open_then([attach(&one), write("hello"), remove, send()]);
    assert_eq!(payloads(&state), ["hello"]);
}

#[test]
fn the_format_that_was_just_chosen_is_that_of_the_message() {
    let state = open_then([
        write("6869"),
        Action::SetInputFormat(InputFormat::Hex),
        send(),
    ]);
    assert_eq!(payloads(&state), ["hi"]);
    assert_eq!(state.draft.format, InputFormat::Hex);
}

#[test]
fn a_draft_that_is_refused_stays_with_the_files_after_it() {
    let one = file("one", b"1");
    let long = write("longer than 16 bytes");
    let state = open_then([attach(&one), long.clone(), send()]);
    assert_eq!((payloads(&state).len(), state.attachments.len()), (0, 1));
    assert_eq!(state.notice, None);
    let disconnected = open_then([attach(&one), write("hello"), Action::Disconnect, send()]);
    assert_eq!(disconnected.draft.text, "hello");
    assert_eq!(disconnected.attachments.len(), 1);
    // A file that the upstream of now does not take stays, too, and says why.
    let too_long = file("long", b"longer than 16 bytes");
    let state = open_then([attach(&one), attach(&too_long), attach(&one), send()]);
    assert_eq!(payloads(&state), ["1"]);
    assert_eq!(state.attachments.len(), 2);
    assert!(matches!(state.notice, Some(Notice::MessageRefused(_))));
}

#[test]
fn a_message_without_a_connection_is_told() {
    let message = message("hello");
    let send = |at| Action::SendChecked {
        message: message.clone(),
        at,
    };
    let state = open_then([send(at(0.0)), Action::Disconnect, send(at(1.0))]);
    assert_eq!(payloads(&state), ["hello"]);
    assert_eq!(state.notice, Some(Notice::SendFailed));
}
