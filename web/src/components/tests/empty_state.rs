//! The empty state.

use super::super::empty_state::empty_state;
use super::*;

#[tokio::test(flavor = "current_thread")]
async fn the_empty_state_has_the_url_of_the_upstream() {
    let html = async |state: &State, url: Option<&str>| {
        let (url, on_send) = (url.map(Into::into), Callback::noop());
        let (on_action, on_request) = (Callback::noop(), Callback::noop());
        let english = Language::English;
        let html = empty_state(english, state, url, &on_send, &on_action, &on_request);
        shown(html).await
    };
    let mut state = after([]);
    let unknown = html(&state, None).await;
    for absent in ["Python", "framegate send", "token"] {
        assert!(!unknown.contains(absent), "{unknown}");
    }
    state.gateway = gateway();
    let url = "wss://gate.example/ws";
    let parts = [
        "hello",
        "framegate send --to wss://gate.example/ws hello",
        "set FRAMEGATE_TOKEN",
        "Python, JavaScript, C",
    ];
    contains(&html(&state, Some(url)).await, &parts);
    state.choice = UpstreamChoice::Url(url.into());
    let other = html(&state, Some(url)).await;
    assert!(!other.contains("FRAMEGATE_TOKEN"), "{other}");
}
