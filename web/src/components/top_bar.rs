//! The product's name, what is talked to, how that is, and what can be set.

use std::rc::Rc;

use web_core::action::Action;
use web_core::connection::{Connection, End};
use web_core::format;
use web_core::gateway::{Choice, Gateway};
use web_core::log::ROW_CAPS;
use web_core::settings::{Settings, Theme};
use web_core::text::{Language, NAME};
use web_core::time::Moment;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::menu::Menu;
use super::select::Select;
use super::use_language;

/// What a [`TopBar`] needs.
#[derive(Debug, PartialEq, Properties)]
pub struct TopBarProps {
    /// The life of the connection.
    pub connection: Connection,
    /// The gateway, once it is known.
    pub gateway: Option<Rc<Gateway>>,
    /// What the person wants to talk to.
    pub choice: Choice,
    /// What the person has set.
    pub settings: Settings,
    /// The time.
    pub now: Moment,
    /// The way to what else can be on the screen.
    #[prop_or_default]
    pub pages: Html,
    /// Told what the person wants.
    pub on_action: Callback<Action>,
}

/// The line at the top of the page; a connection that ended gets a second one.
#[component]
pub fn TopBar(props: &TopBarProps) -> Html {
    let t = use_language();
    let version = props.gateway.as_ref().map(|gateway| &gateway.version);
    html! {
        <header class="bar">
            <h1>{ NAME }</h1>
            if let Some(version) = version {
                <span class="version quiet">{ version }</span>
            }
            { props.pages.clone() }
            { upstream(t, props) }
            { status(t, props) }
            { toggle(t, &props.connection, &props.on_action) }
            <Menu label="⚙" name={t.settings()} inline=true>
                { settings(t, props.settings, &props.on_action) }
            </Menu>
        </header>
    }
}

fn upstream(t: Language, props: &TopBarProps) -> Html {
    let choices = choices(props);
    let on_choose = {
        let choices = choices.clone();
        props
            .on_action
            .reform(move |index: usize| Action::Choose(choices[index].clone()))
    };
    let option = |choice: &Choice| match choice {
        Choice::First => t.no_figure().into(),
        Choice::Upstream(name) => match props.gateway.as_ref().map(|it| it.upstream(choice)) {
            Some(Some(upstream)) => format!("{name} · {}", upstream.framing),
            Some(None) => t.not_offered(name),
            None => name.clone(),
        },
        Choice::Url(_) => t.other_url().into(),
    };
    html! {
        <div class="upstream">
            <Select
                label={t.upstream()}
                options={choices.iter().map(option).collect::<Vec<_>>()}
                selected={choices.iter().position(|it| is_chosen(it, props)).unwrap_or_default()}
                {on_choose}
            />
            if let Choice::Url(url) = &props.choice {
                { url_box(t, url, &props.on_action) }
            }
        </div>
    }
}

/// What can be chosen: what the gateway offers, what was chosen though it does not, and any
/// other URL.
fn choices(props: &TopBarProps) -> Vec<Choice> {
    let upstreams = props.gateway.as_ref().map(|gateway| &gateway.upstreams[..]);
    let upstreams = upstreams.unwrap_or_default().iter();
    let mut choices: Vec<_> = upstreams
        .map(|it| Choice::Upstream(it.name.clone()))
        .collect();
    let is_url = matches!(props.choice, Choice::Url(_));
    if !is_url && !choices.iter().any(|it| is_chosen(it, props)) {
        choices.push(props.choice.clone());
    }
    choices.push(Choice::Url(String::new()));
    choices
}

fn is_chosen(choice: &Choice, props: &TopBarProps) -> bool {
    match (choice, &props.choice) {
        (Choice::Url(_), Choice::Url(_)) => true,
        (Choice::Upstream(name), Choice::First) => {
            let gateway = props.gateway.as_ref();
            gateway.is_some_and(|it| it.upstreams[0].name == *name)
        }
        (choice, chosen) => choice == chosen,
    }
}

fn url_box(t: Language, url: &str, on_action: &Callback<Action>) -> Html {
    let onchange = on_action.reform(|event: Event| {
        let input: HtmlInputElement = event.target_unchecked_into();
        Action::Choose(Choice::Url(input.value().trim().into()))
    });
    html! {
        <input
            type="url"
            aria-label={t.websocket_url()}
            placeholder="ws://host:port/path"
            value={url.to_owned()}
            {onchange}
        />
    }
}

fn status(t: Language, props: &TopBarProps) -> Html {
    let (state, more) = match &props.connection {
        Connection::Idle => ("idle", Html::default()),
        Connection::Asking | Connection::Connecting => ("connecting", Html::default()),
        Connection::Open { since } => ("open", uptime(props.now, *since)),
        Connection::Waiting { .. } => ("ended waiting", waiting(t, props)),
        Connection::Ended(end) => ("ended", self::end(t, end)),
    };
    html! {
        <div class={classes!("status", state)} role="status" aria-label={t.connection()}>
            <span class="dot" aria-hidden="true"></span>
            <b>{ t.state(&props.connection) }</b>
            { more }
        </div>
    }
}

/// Hidden from assistive tools, which would read out every second.
fn uptime(now: Moment, since: Moment) -> Html {
    let elapsed = format::elapsed(now.since(since));
    html! { <span class="uptime" aria-hidden="true">{ elapsed }</span> }
}

fn waiting(t: Language, props: &TopBarProps) -> Html {
    let Connection::Waiting {
        delay, since, end, ..
    } = &props.connection
    else {
        return Html::default();
    };
    let left = delay.saturating_sub(props.now.since(*since));
    let now = props.on_action.reform(|_| Action::Connect);
    html! {
        <>
            { self::end(t, end) }
            <span class="again">
                { t.trying_again() }{ " " }
                <span class="countdown" aria-hidden="true">{ t.seconds(left) }</span>
            </span>
            <button type="button" class="now" onclick={now}>{ t.now() }</button>
        </>
    }
}

fn end(t: Language, end: &End) -> Html {
    html! {
        <>
            if let End::Closed(close) = end {
                <code class="code">{ t.close_code(close.code) }</code>
                if !close.reason.is_empty() {
                    <q class="reason">{ &close.reason }</q>
                }
            }
            <span class="advice">{ t.meaning(end) }</span>
            if let End::Closed(close) = end {
                if close.unanswered > 0 {
                    <span class="advice">{ t.left_unanswered(close.unanswered) }</span>
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
            { if wanted { t.disconnect() } else { t.connect() } }
        </button>
    }
}

fn settings(t: Language, settings: Settings, on_action: &Callback<Action>) -> Html {
    let place = |found: Option<usize>| found.unwrap_or_default();
    let languages = Language::ALL.map(|it| it.own_name().into()).to_vec();
    let themes = Theme::ALL.map(|it| t.theme_name(it).into()).to_vec();
    let caps = ROW_CAPS.map(|rows| t.messages_kept(rows)).to_vec();
    html! {
        <>
            <Select
                label={t.keep()}
                options={caps}
                selected={place(ROW_CAPS.iter().position(|&it| it == settings.max_rows))}
                on_choose={on_action.reform(|index: usize| Action::Keep(ROW_CAPS[index]))}
            />
            <Select
                label={t.language()}
                options={languages}
                selected={place(Language::ALL.iter().position(|&it| it == t))}
                on_choose={on_action.reform(|index: usize| Action::Language(Language::ALL[index]))}
            />
            <Select
                label={t.theme()}
                options={themes}
                selected={place(Theme::ALL.iter().position(|&it| it == settings.theme))}
                on_choose={on_action.reform(|index: usize| Action::Theme(Theme::ALL[index]))}
            />
        </>
    }
}
