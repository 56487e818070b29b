//! What an empty log says.

use super::super::beginning::beginning;
use super::*;

#[tokio::test(flavor = "current_thread")]
async fn the_beginning_knows_where_the_gateway_is() {
    let html = async |state: &State, url: Option<&str>| {
        let (url, on_send) = (url.map(Into::into), Callback::from(|_| false));
        let html = beginning(Language::English, state, url, &on_send, &Callback::noop());
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
    state.choice = Choice::Url(url.into());
    let other = html(&state, Some(url)).await;
    assert!(!other.contains("FRAMEGATE_TOKEN"), "{other}");
}
