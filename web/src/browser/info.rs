//! The request for `api/info`.

use std::cell::Cell;

use js_sys::{Array, Reflect};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_core::action::Action;
use web_core::framing::{Framing, Framings};
use web_core::gateway_info::{EchoService, GatewayInfo, InfoError, TcpAddress, Upstream};
use web_sys::{AbortController, AbortSignal, RequestCache, RequestInit, Response};
use yew::prelude::*;

use super::clock;

/// The URL, relative to the page.
const PATH: &str = "api/info";

/// Loads the info once per `attempt`, and dispatches the answer. Aborts the request when the
/// attempt changes.
#[hook]
pub fn use_info(attempt: Option<u32>, dispatch: Callback<Action>) {
    use_effect_with(attempt, move |attempt| {
        let request = attempt.and_then(|_| AbortController::new().ok());
        if let Some(request) = &request {
            let signal = request.signal();
            spawn_local(async move {
                let answer = load(&signal).await;
                if !signal.aborted() {
                    dispatch.emit(Action::InfoLoaded {
                        answer,
                        at: clock::now(),
                        random: clock::random(),
                    });
                }
            });
        }
        move || {
            if let Some(request) = request {
                request.abort();
            }
        }
    });
}

#[wasm_bindgen]
extern "C" {
    /// Asks for the info, and dispatches the window's event `lost` if the gateway is not reached: a
    /// function of the page's script.
    fn probe();
}

/// Probes the gateway once per `count`.
pub fn probe_again(count: u32) {
    thread_local! {
        static PROBED: Cell<u32> = const { Cell::new(0) };
    }
    if PROBED.replace(count) != count {
        probe();
    }
}

async fn load(signal: &AbortSignal) -> Result<GatewayInfo, InfoError> {
    let window = web_sys::window().ok_or(InfoError::Unreachable)?;
    let request = RequestInit::new();
    request.set_cache(RequestCache::NoStore);
    request.set_signal(Some(signal));
    let answer = JsFuture::from(window.fetch_with_str_and_init(PATH, &request)).await;
    let answer: Response = answer
        .ok()
        .and_then(|answer| answer.dyn_into().ok())
        .ok_or_else(|| match window.navigator().on_line() {
            true => InfoError::Unreachable,
            false => InfoError::Offline,
        })?;
    if !answer.ok() {
        return Err(InfoError::Status(answer.status()));
    }
    let json = answer.json().map_err(|_| InfoError::Malformed)?;
    let json = JsFuture::from(json).await;
    let page_host = window.location().hostname().unwrap_or_default();
    gateway(&json.map_err(|_| InfoError::Malformed)?, &page_host)
}

/// Reads the gateway's description. The browser's JSON parser is used, because it adds
/// nothing to the page.
fn gateway(json: &JsValue, page_host: &str) -> Result<GatewayInfo, InfoError> {
    let upstreams = Reflect::get(json, &"upstreams".into());
    let upstreams: Array = upstreams
        .and_then(JsCast::dyn_into)
        .map_err(|_| InfoError::Malformed)?;
    let upstreams: Vec<_> = upstreams
        .iter()
        .map(|it| upstream(&it))
        .collect::<Result<_, _>>()?;
    if upstreams.is_empty() {
        return Err(InfoError::Malformed);
    }
    Ok(GatewayInfo {
        version: string(json, "version").ok_or(InfoError::Malformed)?,
        echo: echo(json, page_host)?,
        upstreams,
        token: flag(json, "token"),
        live_feed: flag(json, "monitor"),
        resume: flag(json, "resume"),
    })
}

fn echo(json: &JsValue, page_host: &str) -> Result<Option<EchoService>, InfoError> {
    let listener = string(json, "tcp");
    let address = listener.and_then(|listener| TcpAddress::from_listener(&listener, page_host));
    let framing = framing(json, "tcp_framing")?;
    Ok(address.map(|address| EchoService { address, framing }))
}

fn framing(json: &JsValue, key: &str) -> Result<Framing, InfoError> {
    first(json, key).ok_or(InfoError::Malformed)
}

/// Reads the framing of a first message, which few upstreams have.
fn first(json: &JsValue, key: &str) -> Option<Framing> {
    Some((&*string(json, key)?).into())
}

fn upstream(json: &JsValue) -> Result<Upstream, InfoError> {
    let max_frame = Reflect::get(json, &"max_frame".into()).ok();
    Ok(Upstream {
        name: string(json, "name").ok_or(InfoError::Malformed)?,
        path: string(json, "path").ok_or(InfoError::Malformed)?,
        framings: Framings {
            framing: framing(json, "framing")?,
            first_sent: first(json, "first_sent"),
            first_received: first(json, "first_received"),
        },
        // The cast saturates.
        max_frame: max_frame
            .and_then(|max_frame| max_frame.as_f64())
            .ok_or(InfoError::Malformed)? as usize,
    })
}

fn flag(json: &JsValue, key: &str) -> bool {
    Reflect::get(json, &key.into()).is_ok_and(|it| it.is_truthy())
}

fn string(json: &JsValue, key: &str) -> Option<String> {
    Reflect::get(json, &key.into()).ok()?.as_string()
}
