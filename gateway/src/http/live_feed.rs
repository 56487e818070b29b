//! `GET /api/monitor`: the live feed as server-sent events (WHATWG HTML, section 9.2), each a
//! JSON object; or as a [WebSocket](crate::http::feed_socket).

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Extension, Request, State};
use axum::http::StatusCode;
use axum::http::header::UPGRADE;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{Stream, StreamExt, once, unfold};
use net::timer::with_timer;
use tokio_util::task::TaskTracker;

use crate::access::forwarded::RequestInfo;
use crate::bridge::handshake::Refusal;
use crate::http::feed_socket::{self, KEEP_ALIVE_INTERVAL, NO_SEAT};
use crate::listener::admission::Permit;
use crate::metrics::{OpenGuard, RefusalReason};
use crate::observe::live_feed::{LiveFeed, Subscription};
use crate::refusal::Refused;
use crate::shared::Shared;

/// Delay before a disconnected watcher reconnects.
const RETRY: Duration = Duration::from_secs(1);

/// Live feed and the state that its route needs.
#[derive(Debug, Clone)]
pub(crate) struct FeedService {
    pub(crate) live_feed: LiveFeed,
    pub(crate) shared: Arc<Shared>,
    /// The WebSockets, so that a drain can wait for them.
    pub(crate) tasks: TaskTracker,
}

/// Streams the live feed until the watcher leaves or falls behind, or the gateway stops.
pub(crate) async fn handle(
    State(service): State<FeedService>,
    Extension(request_info): Extension<RequestInfo>,
    Extension(permit): Extension<Arc<Permit>>,
    request: Request,
) -> Result<Response, Refusal> {
    if request.headers().contains_key(UPGRADE) {
        return handle_socket(&service, &request_info, permit, request);
    }
    let access = &service.shared.access;
    access.check_read_origin(&request_info, request.headers())?;
    let Some(subscription) = service.live_feed.subscribe(request_info.client_host()) else {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        return Ok((status, Extension(no_seat()), format!("{NO_SEAT}\n")).into_response());
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

/// Sends the live feed over a WebSocket.
fn handle_socket(
    service: &FeedService,
    request_info: &RequestInfo,
    permit: Arc<Permit>,
    request: Request,
) -> Result<Response, Refusal> {
    let shared = &service.shared;
    shared
        .access
        .check_origin(request_info, request.headers())?;
    let subscription = service.live_feed.subscribe(request_info.client_host());
    let watcher = subscription
        .is_some()
        .then(|| shared.metrics.subscription_opened());
    let refused = watcher.is_none().then(|| Extension(no_seat()));
    let (accepted, serving) = feed_socket::accept(request, subscription, shared.stop.clone())?;
    service.tasks.spawn(async move {
        let _counted = (permit, watcher);
        serving.await;
    });
    Ok((refused, accepted).into_response())
}

/// The refusal of a watcher beyond the subscriber limits, for the log and the metrics.
fn no_seat() -> Refused {
    Refused {
        reason: RefusalReason::SubscriberLimit,
        text: NO_SEAT.into(),
    }
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
