//! Sentences about the live feed and its clients.

use crate::format::count;
use crate::language::Language::{self, English, Japanese};
use crate::live_feed::{ConnectedClient, FeedStatus};

impl Language {
    /// Returns the status of the live feed's connection.
    pub fn feed_status(self, status: FeedStatus) -> &'static str {
        match (self, status) {
            (English, FeedStatus::Connecting) => "Connecting",
            (Japanese, FeedStatus::Connecting) => "接続中",
            (English, FeedStatus::Open) => "Watching",
            (Japanese, FeedStatus::Open) => "監視中",
            (English, FeedStatus::Lost) => "Disconnected: trying again",
            (Japanese, FeedStatus::Lost) => "切断されました。再接続しています",
            (English, FeedStatus::Refused) => {
                "The gateway refused. It may have too many watchers already."
            }
            (Japanese, FeedStatus::Refused) => {
                "ゲートウェイに拒否されました。監視の数が上限に達している可能性があります。"
            }
        }
    }

    /// Returns the number of connected clients.
    pub fn client_count(self, clients: usize) -> String {
        let number = count(clients as u64);
        match (self, clients) {
            (English, 1) => "1 client".into(),
            (English, _) => format!("{number} clients"),
            (Japanese, _) => format!("クライアント {number}"),
        }
    }

    /// Returns the number of messages dropped from the feed.
    pub fn dropped(self, messages: u64) -> String {
        let number = count(messages);
        match self {
            English => format!("{number} not shown: too many at once"),
            Japanese => format!("{number} 件を省略(多すぎるため)"),
        }
    }

    /// Returns the name of a client, by its session.
    pub fn client_name(self, id: u64) -> String {
        format!("#{id}")
    }

    /// Returns the session of a message, as a sentence.
    pub fn of_session(self, id: u64) -> String {
        match self {
            English => format!("of session #{id}"),
            Japanese => format!("セッション #{id}"),
        }
    }

    /// Returns the transport of a client.
    pub fn transport(self, is_websocket: bool) -> &'static str {
        match is_websocket {
            true => "ws",
            false => "tcp",
        }
    }

    /// Returns the state of a client: open, or the cause of its end.
    pub fn client_state(self, client: &ConnectedClient) -> String {
        let Some(end) = &client.end else {
            return match self {
                English => "open".into(),
                Japanese => "接続中".into(),
            };
        };
        let closed = match self {
            English => "closed",
            Japanese => "終了",
        };
        let code = end.code.map(|code| format!(" {code}")).unwrap_or_default();
        match end.reason.as_str() {
            "" => format!("{closed}{code}"),
            reason => format!("{closed}{code}: {reason}"),
        }
    }
}
