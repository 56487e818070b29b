//! Sentences of the charts. The late part of the page uses them.

use std::time::Duration;

use crate::chart_numbers::Summary;
use crate::format::{count, round_trip, service_time};
use crate::language::Language;
use crate::stats::Second;

strings! {
    charts: "Charts", "グラフ";
    charts_time: "Second", "秒";
    messages_per_second: "Messages per second", "毎秒のメッセージ数";
    longest_round_trips: "Longest round trip of each second", "毎秒の最長往復時間";
    round_trip: "round trip", "往復";
    now: "now", "現在";
}

impl Language {
    /// Returns how long ago a second of the charts was.
    pub fn seconds_ago(self, age: usize) -> String {
        match age {
            0 => self.now().into(),
            _ => translate!(self, "{age} s ago", "{age} 秒前"),
        }
    }

    /// Returns the messages of a second.
    pub fn second_rates(self, second: &Second) -> String {
        let (sent, received) = (count(second.sent.into()), count(second.received.into()));
        translate!(
            self,
            "sent {sent}, received {received}",
            "送信 {sent}、受信 {received}"
        )
    }

    /// Returns the longest round trip of a second, and its parts.
    pub fn second_trip(self, second: &Second) -> String {
        let Some(trip) = second.round_trip else {
            return self.pick("no reply", "返信なし").into();
        };
        let whole = round_trip(trip);
        match second.service_time {
            None => translate!(self, "round trip {whole}", "往復 {whole}"),
            Some(service) => {
                let way = round_trip(trip.saturating_sub(service));
                let service = service_time(service);
                translate!(
                    self,
                    "round trip {whole}: service {service}, way {way}",
                    "往復 {whole}: サービス {service}、経路 {way}"
                )
            }
        }
    }

    /// Returns the cells of a summary: its median, 99th percentile, longest, and number.
    pub fn summary(self, summary: &Summary, write: fn(Duration) -> String) -> [String; 4] {
        let time = |time: Option<Duration>| time.map_or_else(|| self.no_value().into(), write);
        let Summary {
            p50, p99, longest, ..
        } = *summary;
        let number = count(summary.count.into());
        [time(p50), time(p99), time(longest), number]
    }
}
