//! Sentences about the live feed and its clients.

use crate::format::{count, preview_text};
use crate::language::Language;
use crate::live_feed::{ConnectedClient, FeedStatus};

impl Language {
    /// Returns the status of the live feed's connection.
    pub fn feed_status(self, status: FeedStatus) -> &'static str {
        match status {
            FeedStatus::Connecting => self.pick("Connecting", "接続中"),
            FeedStatus::Open => self.pick("Watching", "監視中"),
            FeedStatus::Lost => self.pick(
                "Disconnected: trying again",
                "切断されました。再接続しています",
            ),
            FeedStatus::Refused => self.pick(
                "The gateway refused. It may have too many watchers already.",
                "ゲートウェイに拒否されました。監視の数が上限に達している可能性があります。",
            ),
        }
    }

    /// Returns the number of connected clients.
    pub fn client_count(self, clients: usize) -> String {
        let number = count(clients as u64);
        match clients {
            1 => self.pick("1 client", "クライアント 1").into(),
            _ => translate!(self, "{number} clients", "クライアント {number}"),
        }
    }

    /// Returns the number of messages dropped from the feed.
    pub fn dropped(self, messages: u64) -> String {
        let number = count(messages);
        translate!(
            self,
            "{number} not shown: too many at once",
            "{number} 件を省略(多すぎるため)"
        )
    }

    /// Returns the name of a client, by its session.
    pub fn client_name(self, id: u64) -> String {
        format!("#{id}")
    }

    /// Returns the session of a message, as a sentence.
    pub fn of_session(self, id: u64) -> String {
        translate!(self, "of session #{id}", "セッション #{id}")
    }

    /// Returns the transport of a client.
    pub fn transport(self, is_websocket: bool) -> &'static str {
        if is_websocket { "ws" } else { "tcp" }
    }

    /// Returns the state of a client: open, or the cause of its end.
    pub fn client_state(self, client: &ConnectedClient) -> String {
        let Some(end) = &client.end else {
            return self.pick("open", "接続中").into();
        };
        let closed = self.pick("closed", "終了");
        let code = end.code.map(|code| format!(" {code}")).unwrap_or_default();
        match end.reason.as_str() {
            "" => format!("{closed}{code}"),
            reason => format!("{closed}{code}: {}", preview_text(reason.as_bytes())),
        }
    }
}
