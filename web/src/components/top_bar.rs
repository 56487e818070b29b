//! The top bar: upstream, connection, page tabs and settings.

use std::time::Duration;

use web_core::action::Action;
use web_core::connection::{Connection, ConnectionEnd};
use web_core::format;
use web_core::gateway_info::UpstreamChoice;
use web_core::language::Language;
use web_core::message_log::MAX_ROWS_CHOICES;
use web_core::settings::{Settings, Theme};
use web_core::snippets::NAME;
use web_core::state::State;
use web_core::time::Moment;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::changing::changing;
use super::clients::page_tabs;
use super::menu::Menu;
use super::select::select;
use super::text_box::use_text;

/// The top bar. The explanation of a failed connection takes a second line. `on_try` opens the tool
/// that tries framings on bytes. A hook of the page rather than a component of its own, which would
/// be 1 KB of program.
#[hook]
pub fn use_top_bar(
    t: Language,
    state: &State,
    on_try: &Callback<()>,
    on_action: &Callback<Action>,
) -> Html {
    let version = state.gateway.as_ref().map(|gateway| &gateway.version);
    let url_box_ref = use_node_ref();
    let url = match &state.choice {
        UpstreamChoice::Url(url) => url.as_str(),
        UpstreamChoice::First | UpstreamChoice::Named(_) => "",
    };
    use_text(&url_box_ref, &url.to_owned().into());
    html! {
        <header class="bar" tabindex="-1">
            <h1 translate="no">{ NAME }</h1>
            if let Some(version) = version {
                <span class="version muted" translate="no">{ version }</span>
            }
            { page_tabs(t, state, on_action) }
            { upstream(t, state, url_box_ref, on_action) }
            if let Some(reading) = state.reading() {
                <span class="reading muted">{ changing(t.read_as(reading)) }</span>
            }
            { status(t, state, on_action) }
            { toggle(t, &state.connection, on_action) }
            <Menu label="⚙" name={t.settings()} inline=true>
                <button type="button" onclick={on_try.reform(|_| ())}>
                    { t.try_on_bytes() }
                </button>
                { settings(t, state.settings, on_action) }
            </Menu>
        </header>
    }
}

fn upstream(
    t: Language,
    state: &State,
    url_box_ref: NodeRef,
    on_action: &Callback<Action>,
) -> Html {
    let choices = choices(state);
    let on_choose = {
        let choices = choices.clone();
        on_action.reform(move |index: usize| Action::ChooseUpstream(choices[index].clone()))
    };
    let option = |choice: &UpstreamChoice| match choice {
        UpstreamChoice::First => t.no_value().into(),
        UpstreamChoice::Named(name) => match state.gateway.as_ref().map(|it| it.upstream(choice)) {
            Some(Some(upstream)) => {
                let reading = state.reading().filter(|_| is_chosen(choice, state));
                t.upstream_option(upstream, reading)
            }
            Some(None) => t.not_offered(name),
            None => format::preview_text(name.as_bytes()),
        },
        UpstreamChoice::Url(_) => t.other_url().into(),
    };
    let selected = choices.iter().position(|it| is_chosen(it, state));
    html! {
        <div class="upstream" translate="no">
            { select(t.upstream(), choices.iter().map(option), selected.unwrap_or_default(), &on_choose) }
            if let UpstreamChoice::Url(_) = &state.choice {
                { url_box(t, url_box_ref, on_action) }
            }
        </div>
    }
}

/// The options: the upstreams offered, the chosen one if it is not offered, and another URL.
fn choices(state: &State) -> Vec<UpstreamChoice> {
    let upstreams = state.gateway.as_ref().map(|gateway| &gateway.upstreams[..]);
    let upstreams = upstreams.unwrap_or_default().iter();
    let mut choices: Vec<_> = upstreams
        .map(|it| UpstreamChoice::Named(it.name.clone()))
        .collect();
    let is_url = matches!(state.choice, UpstreamChoice::Url(_));
    if !is_url && !choices.iter().any(|it| is_chosen(it, state)) {
        choices.push(state.choice.clone());
    }
    choices.push(UpstreamChoice::Url(String::new()));
    choices
}

/// Returns true if the option stands for the user's choice.
fn is_chosen(choice: &UpstreamChoice, state: &State) -> bool {
    match (choice, &state.choice) {
        (UpstreamChoice::Url(_), UpstreamChoice::Url(_)) => true,
        (UpstreamChoice::Named(name), UpstreamChoice::First) => {
            let gateway = state.gateway.as_ref();
            let first = gateway.and_then(|it| it.upstream(&UpstreamChoice::First));
            first.is_some_and(|it| it.name == *name)
        }
        (choice, chosen) => choice == chosen,
    }
}

fn url_box(t: Language, node: NodeRef, on_action: &Callback<Action>) -> Html {
    let onchange = on_action.reform(|event: Event| {
        let input: HtmlInputElement = event.target_unchecked_into();
        Action::ChooseUpstream(UpstreamChoice::Url(input.value().trim().into()))
    });
    html! {
        <input
            ref={node}
            type="url"
            aria-label={t.websocket_url()}
            placeholder="ws://host:port/path"
            {onchange}
        />
    }
}

fn status(t: Language, state: &State, on_action: &Callback<Action>) -> Html {
    let name = t.connection_state(&state.connection);
    let (name, class, more) = match (&state.connection, state.time_left()) {
        (_, Some(left)) => (t.reconnecting(), "connecting", kept(t, left, on_action)),
        (Connection::Idle, _) => (name, "idle", Html::default()),
        (Connection::FetchingInfo | Connection::Connecting, _) => match &state.last_end {
            Some(end) => (name, "ended waiting", self::end(t, end)),
            None => (name, "connecting", Html::default()),
        },
        (Connection::Open { since }, _) => (name, "open", uptime(state.now, *since)),
        (Connection::Waiting { .. }, _) => (name, "ended waiting", waiting(t, state, on_action)),
        (Connection::Ended(end), _) => (name, "ended", self::end(t, end)),
    };
    html! {
        <div class={classes!("status", class)} role="status" aria-label={t.connection()}>
            <span class="dot" aria-hidden="true"></span>
            <b>{ changing(name) }</b>
            { more }
        </div>
    }
}

/// The time that the session is kept for, hidden from screen readers like the uptime.
fn kept(t: Language, left: Duration, on_action: &Callback<Action>) -> Html {
    html! {
        <>
            <span class="kept" aria-hidden="true">{ changing(t.kept_for(left)) }</span>
            { retry(t, on_action) }
        </>
    }
}

fn retry(t: Language, on_action: &Callback<Action>) -> Html {
    let retry = on_action.reform(|_| Action::Connect);
    html! { <button type="button" class="retry" onclick={retry}>{ t.retry_now() }</button> }
}

/// The uptime, hidden from screen readers, which would announce every second.
fn uptime(now: Moment, since: Moment) -> Html {
    let elapsed = format::elapsed(now.since(since));
    html! { <span class="uptime" aria-hidden="true" translate="no">{ elapsed }</span> }
}

fn waiting(t: Language, state: &State, on_action: &Callback<Action>) -> Html {
    let Connection::Waiting {
        delay, since, end, ..
    } = &state.connection
    else {
        return Html::default();
    };
    let left = delay.saturating_sub(state.now.since(*since));
    html! {
        <>
            { self::end(t, end) }
            <span class="again">
                { t.retrying_in() }{ " " }
                <span class="countdown" aria-hidden="true">{ changing(t.seconds_left(left)) }</span>
            </span>
            { retry(t, on_action) }
        </>
    }
}

fn end(t: Language, end: &ConnectionEnd) -> Html {
    html! {
        <>
            if let ConnectionEnd::Closed(close) = end {
                <code class="code" translate="no">{ t.close_code(close.code) }</code>
                if !close.reason.is_empty() {
                    <q class="reason" translate="no">{ format::preview_text(close.reason.as_bytes()) }</q>
                }
            }
            <span class="advice">{ changing(t.end_meaning(end)) }</span>
            if let ConnectionEnd::Closed(close) = end {
                if close.unanswered > 0 {
                    <span class="advice">{ changing(t.left_unanswered(close.unanswered)) }</span>
                }
            }
        </>
    }
}

fn toggle(t: Language, connection: &Connection, on_action: &Callback<Action>) -> Html {
    let wanted = connection.is_wanted();
    let onclick = on_action.reform(move |_| match wanted {
        true => Action::Disconnect,
        false => Action::Connect,
    });
    html! {
        <button type="button" class={classes!("toggle", (!wanted).then_some("primary"))} {onclick}>
            { changing(if wanted { t.disconnect() } else { t.connect() }) }
        </button>
    }
}

fn settings(t: Language, settings: Settings, on_action: &Callback<Action>) -> Html {
    let rows = MAX_ROWS_CHOICES.map(|rows| t.message_count(rows as u64));
    let of = |place: Option<usize>| place.unwrap_or_default();
    let max_rows = of(MAX_ROWS_CHOICES
        .iter()
        .position(|&it| it == settings.max_rows));
    let language = of(Language::ALL.iter().position(|&it| it == t));
    let theme = of(Theme::ALL.iter().position(|&it| it == settings.theme));
    let set_rows = on_action.reform(|it: usize| Action::SetMaxRows(MAX_ROWS_CHOICES[it]));
    let set_zone = on_action.reform(|it: usize| Action::SetUtc(it == 1));
    let set_language = on_action.reform(|it: usize| Action::SetLanguage(Language::ALL[it]));
    let set_theme = on_action.reform(|it: usize| Action::SetTheme(Theme::ALL[it]));
    html! {
        <>
            { select(t.max_rows(), rows, max_rows, &set_rows) }
            { select(t.times(), [t.own_zone(), "UTC"], settings.is_utc.into(), &set_zone) }
            { select(t.language(), Language::ALL.map(Language::own_name), language, &set_language) }
            { select(t.theme(), Theme::ALL.map(|it| t.theme_name(it)), theme, &set_theme) }
        </>
    }
}
