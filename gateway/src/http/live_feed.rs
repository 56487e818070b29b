//! `GET /api/monitor`: the live feed as server-sent events (WHATWG HTML, section 9.2), each a
//! JSON object.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Extension, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{Stream, StreamExt, once, unfold};
use net::timer::with_timer;

use crate::access::Denial;
use crate::access::forwarded::RequestInfo;
use crate::metrics::{OpenGuard, RefusalReason};
use crate::observe::live_feed::{LiveFeed, Subscription};
use crate::refusal::Refused;
use crate::shared::Shared;

/// Delay before a disconnected watcher reconnects.
const RETRY: Duration = Duration::from_secs(1);

/// Keep-alive interval: a watcher that left is noticed when a write to it fails.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(2);

/// Live feed and the state that its route needs.
#[derive(Debug, Clone)]
pub(crate) struct FeedService {
    pub(crate) live_feed: LiveFeed,
    pub(crate) shared: Arc<Shared>,
}

/// Streams the live feed until the watcher leaves or falls behind, or the gateway stops.
pub(crate) async fn handle(
    State(service): State<FeedService>,
    Extension(request_info): Extension<RequestInfo>,
    headers: HeaderMap,
) -> Result<Response, Denial> {
    let access = &service.shared.access;
    access.check_read_origin(&request_info, &headers)?;
    let Some(subscription) = service.live_feed.subscribe(request_info.client_host()) else {
        return Ok(no_seat());
    };
    let watcher = service.shared.metrics.subscription_opened();
    let events =
        events(subscription, watcher).take_until(service.shared.stop.clone().cancelled_owned());
    // Response buffering in a proxy would delay events.
    let unbuffered = [("x-accel-buffering", "no")];
    let events =
        with_timer(|| Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE_INTERVAL)));
    Ok((unbuffered, events).into_response())
}

/// Refuses a watcher beyond the subscriber limits.
fn no_seat() -> Response {
    let text = "too many watchers, in all or from this address: close another one";
    let refused = Refused {
        reason: RefusalReason::SubscriberLimit,
        text: text.into(),
    };
    let status = StatusCode::SERVICE_UNAVAILABLE;
    (status, Extension(refused), format!("{text}\n")).into_response()
}

/// Events of `watch`; `watcher` is counted until the stream is dropped.
fn events(
    subscription: Subscription,
    watcher: OpenGuard,
) -> impl Stream<Item = Result<Event, Infallible>> {
    let first = Event::default().retry(RETRY);
    let feed = unfold(
        (subscription, watcher),
        |(mut subscription, watcher)| async {
            let event = subscription.next().await?;
            let event = Event::default().json_data(&*event);
            // Serializing an event of the feed can't fail.
            Some((Ok(event.unwrap_or_default()), (subscription, watcher)))
        },
    );
    once(async { Ok(first) }).chain(feed)
}
