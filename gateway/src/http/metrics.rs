//! `GET /metrics`, in OpenMetrics or Prometheus text format.

use std::collections::HashSet;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use crate::metrics::Metrics;

/// Answers with all metrics: in OpenMetrics text format if the client accepts it, as Prometheus
/// does, otherwise in Prometheus' text format 0.0.4.
pub(crate) async fn handle(State(metrics): State<Metrics>, headers: HeaderMap) -> Response {
    const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    const PROMETHEUS: &str = "text/plain; version=0.0.4; charset=utf-8";
    let text = metrics.encode();
    let mut accepted = headers.get_all(ACCEPT).into_iter();
    if accepted.any(|it| {
        it.to_str()
            .is_ok_and(|it| it.contains("application/openmetrics-text"))
    }) {
        ([(CONTENT_TYPE, OPENMETRICS)], text).into_response()
    } else {
        ([(CONTENT_TYPE, PROMETHEUS)], in_prometheus_format(&text)).into_response()
    }
}

/// Converts OpenMetrics to Prometheus' text format 0.0.4: a counter's name ends in `_total` in
/// its HELP and TYPE lines as well, and UNIT and EOF lines are left out.
fn in_prometheus_format(openmetrics: &str) -> String {
    let counters: HashSet<_> = openmetrics
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.strip_suffix(" counter"))
        .collect();
    let line = |line: &str| {
        let about = ["# HELP ", "# TYPE "]
            .iter()
            .find_map(|about| Some((about, line.strip_prefix(about)?.split_once(' ')?)));
        match about {
            Some((about, (name, rest))) if counters.contains(name) => {
                format!("{about}{name}_total {rest}\n")
            }
            None if line.starts_with("# ") => String::new(),
            _ => format!("{line}\n"),
        }
    };
    openmetrics.lines().map(line).collect()
}
