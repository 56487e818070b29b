//! `GET /api/monitor`: who is there and what passes, as server-sent events (WHATWG HTML,
//! section 9.2), a JSON object each.

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
use crate::shared::Shared;

/// When a watcher that was let go may come again.
const RETRY: Duration = Duration::from_secs(1);

/// How long there is silence at most: who has left is noticed when it takes nothing more.
const SILENCE: Duration = Duration::from_secs(2);

/// The live feed, and the rules for its subscribers.
#[derive(Debug, Clone)]
pub(crate) struct FeedService {
    pub(crate) live_feed: LiveFeed,
    pub(crate) shared: Arc<Shared>,
}

/// Tells of all that comes, until the client leaves, falls behind, or the gateway stops.
pub(crate) async fn show(
    State(service): State<FeedService>,
    Extension(request_info): Extension<RequestInfo>,
    headers: HeaderMap,
) -> Result<Response, Denial> {
    let allowed = service.shared.access.check_reader(&request_info, &headers);
    allowed.inspect_err(|_| service.shared.metrics.refused(RefusalReason::Origin))?;
    let Some(watch) = service.live_feed.subscribe() else {
        service
            .shared
            .metrics
            .refused(RefusalReason::SubscriberLimit);
        let text = "too many watch already\n";
        return Ok((StatusCode::SERVICE_UNAVAILABLE, text).into_response());
    };
    let watcher = service.shared.metrics.subscription_opened();
    let events = events(watch, watcher).take_until(service.shared.stop.clone().cancelled_owned());
    // A proxy that gathers events before it passes them on would show them late.
    let at_once = [("x-accel-buffering", "no")];
    let events = with_timer(|| Sse::new(events).keep_alive(KeepAlive::new().interval(SILENCE)));
    Ok((at_once, events).into_response())
}

/// What `watch` tells; `watcher` counts until nobody takes it any more.
fn events(
    watch: Subscription,
    watcher: OpenGuard,
) -> impl Stream<Item = Result<Event, Infallible>> {
    let first = Event::default().retry(RETRY);
    let told = unfold((watch, watcher), |(mut watch, watcher)| async {
        let told = watch.next().await?;
        let event = Event::default().json_data(&*told);
        // There is nothing in what is told that cannot be written.
        Some((Ok(event.unwrap_or_default()), (watch, watcher)))
    });
    once(async { Ok(first) }).chain(told)
}
