//! The empty state.

use super::super::empty_state::empty_state;
use super::*;

#[tokio::test(flavor = "current_thread")]
async fn the_empty_state_has_the_address_of_the_gateway() {
    let html = async |state: &State, url: Option<&str>| {
        let (url, on_send) = (url.map(Into::into), Callback::from(|_| false));
        let html = empty_state(Language::English, state, url, &on_send, &Callback::noop());
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
        "127.0.0.1",
        "34568",
        "framegate send --to wss://gate.example/ws hello",
        "set FRAMEGATE_TOKEN",
        ">Copy<",
    ];
    contains(&html(&state, Some(url)).await, &parts);
    state.choice = UpstreamChoice::Url(url.into());
    let other = html(&state, Some(url)).await;
    assert!(!other.contains("FRAMEGATE_TOKEN"), "{other}");
}
