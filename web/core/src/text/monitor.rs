//! What the page says of the gateway's clients.

use super::Language::{self, English, Japanese};
use crate::format::count;
use crate::monitor::{Client, Life};

impl Language {
    /// How the gateway is watched.
    pub fn watching(self, life: Life) -> &'static str {
        match (self, life) {
            (English, Life::Connecting) => "Connecting",
            (Japanese, Life::Connecting) => "接続中",
            (English, Life::Open) => "Watching",
            (Japanese, Life::Open) => "監視中",
            (English, Life::Lost) => "Disconnected: trying again",
            (Japanese, Life::Lost) => "切断されました。再接続しています",
            (English, Life::Refused) => {
                "Not watching: the gateway refused, perhaps because too many watch already."
            }
            (Japanese, Life::Refused) => {
                "監視できません。ゲートウェイに拒否されました。監視の数が上限に達している可能性があります。"
            }
        }
    }

    /// How many clients are there.
    pub fn clients_there(self, clients: usize) -> String {
        let number = count(clients as u64);
        match (self, clients) {
            (English, 1) => "1 client".into(),
            (English, _) => format!("{number} clients"),
            (Japanese, _) => format!("クライアント {number}"),
        }
    }

    /// Says how many messages passed that are not shown.
    pub fn missed(self, messages: u64) -> String {
        let number = count(messages);
        match self {
            English => format!("{number} not shown: too many at once"),
            Japanese => format!("{number} 件は多すぎるため省略"),
        }
    }

    /// What a client is called beside its messages.
    pub fn client_name(self, id: u64) -> String {
        format!("#{id}")
    }

    /// Says in a sentence whose message it is.
    pub fn of_session(self, id: u64) -> String {
        match self {
            English => format!("of session #{id}"),
            Japanese => format!("セッション #{id}"),
        }
    }

    /// How a client is connected.
    pub fn transport(self, by_websocket: bool) -> &'static str {
        match by_websocket {
            true => "ws",
            false => "tcp",
        }
    }

    /// Whether a client is there, or how it went.
    pub fn client_state(self, client: &Client) -> String {
        let Some(end) = &client.end else {
            return match self {
                English => "open".into(),
                Japanese => "接続中".into(),
            };
        };
        let gone = match self {
            English => "gone",
            Japanese => "終了",
        };
        let code = end.code.map(|code| format!(" {code}")).unwrap_or_default();
        match end.reason.as_str() {
            "" => format!("{gone}{code}"),
            reason => format!("{gone}{code}: {reason}"),
        }
    }
}
