//! Sentences about the connection: its state, the cause of its end, and advice.

use std::time::Duration;

use crate::connection::{Close, Connection, ConnectionEnd};
use crate::format::{count, preview_text, round_trip};
use crate::framing::Framing;
use crate::gateway_info::{InfoError, Upstream};
use crate::language::Language::{self, English};
use crate::resumable_connection::SessionEvent;
use crate::settings::Theme;
use crate::time::Moment;
use crate::zone::Zone;

impl Language {
    /// Returns the state of the connection.
    pub fn connection_state(self, connection: &Connection) -> &'static str {
        match connection {
            Connection::Idle => self.pick("Disconnected", "未接続"),
            Connection::FetchingInfo | Connection::Connecting => {
                self.pick("Connecting…", "接続中…")
            }
            Connection::Open { .. } => self.pick("Open", "接続済み"),
            Connection::Waiting { .. } => self.pick("Waiting", "再接続待ち"),
            Connection::Ended(ConnectionEnd::Unavailable(_)) => {
                self.pick("Not available", "利用できません")
            }
            Connection::Ended(ConnectionEnd::Closed(Close { opened: true, .. })) => {
                self.pick("Closed", "切断されました")
            }
            Connection::Ended(_) => self.pick("Not connected", "接続できません"),
        }
    }

    /// Returns the rest of the backoff, rounded up to seconds.
    pub fn seconds_left(self, left: Duration) -> String {
        let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
        translate!(self, "{seconds} s", "{seconds} 秒")
    }

    /// Returns the time that a session without a connection is kept for.
    pub fn kept_for(self, left: Duration) -> String {
        let seconds = self.seconds_left(left);
        translate!(
            self,
            "session kept for {seconds}",
            "セッションを {seconds}保持"
        )
    }

    /// Returns an event that the log shows at that time.
    pub fn session_event(self, event: &SessionEvent, at: Moment, zone: Zone) -> String {
        match event {
            SessionEvent::Opened(name) => {
                let name = preview_text(name.as_bytes());
                translate!(self, "Connected to {name}", "{name} に接続")
            }
            SessionEvent::Disconnected => self.pick("Disconnected", "切断").into(),
            SessionEvent::Closed(code, reason) => {
                let (code, reason) = (self.close_code(*code), preview_text(reason.as_bytes()));
                let dot = if reason.is_empty() { "" } else { " · " };
                translate!(
                    self,
                    "Connection closed · {code}{dot}{reason}",
                    "接続終了 · {code}{dot}{reason}"
                )
            }
            SessionEvent::Day => zone.date(at),
            SessionEvent::Detached(keep) => {
                let kept = self.kept_for(*keep);
                translate!(
                    self,
                    "Connection lost · {kept}",
                    "接続が切れました · {kept}"
                )
            }
            SessionEvent::Resumed {
                after,
                again,
                waited,
            } => {
                let (after, again) = (round_trip(*after), self.message_count(*again));
                translate!(
                    self,
                    "Connection kept · back after {after}, {again} sent again, {waited} that waited",
                    "セッション継続 · {after} 後に再開、{again}を再送、待機中の {waited} 件を送信"
                )
            }
            SessionEvent::Dropped(messages) => {
                let messages = self.message_count(*messages);
                translate!(
                    self,
                    "{messages} not kept · they came faster than the page took them",
                    "{messages}を破棄 · 受信がページの処理を上回りました"
                )
            }
            SessionEvent::Lost { uncertain, unsent } => {
                let uncertain = self.message_count(*uncertain);
                translate!(
                    self,
                    "Session lost · {uncertain} may have arrived or not, {unsent} not sent",
                    "セッション終了 · {uncertain}は届いたか不明、{unsent} 件は未送信"
                )
            }
        }
    }

    /// Returns a close code with its name.
    pub fn close_code(self, code: u16) -> String {
        let (english, japanese) = match code {
            1000 => ("normal closure", "正常終了"),
            1001 => ("going away", "離脱"),
            1002 => ("protocol error", "プロトコルエラー"),
            1003 => ("unsupported data", "非対応データ"),
            1005 => ("no code given", "コードなし"),
            1006 => ("abnormal closure", "異常終了"),
            1007 => ("invalid data", "不正なデータ"),
            1008 => ("policy violation", "ポリシー違反"),
            1009 => ("message too big", "メッセージ過大"),
            1010 => ("extension missing", "拡張機能なし"),
            1011 => ("internal error", "内部エラー"),
            1012 => ("service restart", "再起動中"),
            1013 => ("try again later", "時間をおいて再試行"),
            1014 => ("bad gateway", "不正なゲートウェイ"),
            1015 => ("TLS failure", "TLS の失敗"),
            4409 => ("taken over", "引き継ぎ"),
            _ => return code.to_string(),
        };
        format!("{code} {}", self.pick(english, japanese))
    }

    /// Explains the end of a connection.
    pub fn end_meaning(self, end: &ConnectionEnd) -> String {
        match end {
            ConnectionEnd::Unavailable(error) => self.info_error(error),
            ConnectionEnd::Closed(close) => self.close_meaning(close).into(),
            ConnectionEnd::NoWorker => self.no_worker().into(),
        }
    }

    fn no_worker(self) -> &'static str {
        self.pick(
            "The browser did not start the page's worker, which has the WebSocket. Reload the page.",
            "WebSocket を扱うワーカーをブラウザーが起動できませんでした。再読み込みしてください。",
        )
    }

    fn close_meaning(self, close: &Close) -> &'static str {
        let (english, japanese) = match close.code {
            _ if !close.opened => (
                "The connection could not be opened. Check that the gateway is running.",
                "接続を開けませんでした。ゲートウェイが動いているか確認してください。",
            ),
            1000 | 1005 => (
                "The other end closed the connection. Connect to start again.",
                "相手が接続を閉じました。続けるには接続してください。",
            ),
            1001 => ("The gateway is stopping.", "ゲートウェイが停止しました。"),
            1002 | 1003 | 1007 => (
                "The two ends speak different protocols. Connect to start again.",
                "両端の通信方式が合いません。やり直すには接続してください。",
            ),
            1006 => (
                "The connection was lost: the gateway or the network is down.",
                "接続が途切れました。ゲートウェイかネットワークに問題があります。",
            ),
            1008 => (
                "The gateway does not allow this. Its log has the reason.",
                "ゲートウェイが許可していません。理由はゲートウェイのログにあります。",
            ),
            1009 => (
                "A message was too long. Connect, then send a shorter one.",
                "メッセージが長すぎました。接続し直して、短いものを送信してください。",
            ),
            1011 | 1014 => (
                "The service behind the gateway failed or closed the connection. Check that it is running.",
                "ゲートウェイの先のサービスが異常終了したか、切断しました。動いているか確認してください。",
            ),
            1012 => (
                "The gateway is restarting.",
                "ゲートウェイが再起動しています。",
            ),
            1013 => (
                "The gateway is at its limit.",
                "ゲートウェイが上限に達しています。",
            ),
            _ => ("Connect to start again.", "やり直すには接続してください。"),
        };
        self.pick(english, japanese)
    }

    fn info_error(self, error: &InfoError) -> String {
        match error {
            InfoError::Unreachable => self.pick("The gateway does not answer. Check that it is running.", "ゲートウェイが応答しません。動いているか確認してください。").into(),
            InfoError::Offline => self.pick("This device is offline. The page connects as soon as the network is back.", "オフラインです。ネットワークが戻り次第、接続します。").into(),
            InfoError::Status(status) => translate!(
                self,
                "The gateway's info could not be loaded (HTTP {status}). Check its log.",
                "ゲートウェイの情報を取得できません(HTTP {status})。ログを確認してください。"
            ),
            InfoError::Malformed => self.pick("The gateway sent an answer that this page does not understand. Reload the page.", "このページが対応していない応答を受け取りました。再読み込みしてください。").into(),
            InfoError::NoUpstream(name) => {
                let name = preview_text(name.as_bytes());
                translate!(
                    self,
                    "The gateway has no upstream called {name}. Choose another.",
                    "接続先 {name} はこのゲートウェイにありません。別の接続先を選んでください。"
                )
            }
        }
    }

    /// Returns an upstream's name and framing, and the framing by which the page reads it.
    pub fn upstream_option(self, upstream: &Upstream, reading: Option<&Framing>) -> String {
        let (name, framing) = (&upstream.name, &upstream.framings.framing);
        match reading {
            Some(reading) => translate!(
                self,
                "{name} · {framing}, read as {reading}",
                "{name} · {framing}({reading} として表示)"
            ),
            None => format!("{name} · {framing}"),
        }
    }

    /// Tells the framing by which the page reads the upstream.
    pub fn read_as(self, reading: &Framing) -> String {
        translate!(self, "Read as {reading}", "{reading} として表示")
    }

    /// Marks an upstream that the gateway does not offer.
    pub fn not_offered(self, name: &str) -> String {
        let name = preview_text(name.as_bytes());
        translate!(self, "{name} · not offered", "{name} · 提供なし")
    }

    /// Returns the number of requests that the connection left unanswered.
    pub fn left_unanswered(self, messages: u64) -> String {
        let number = count(messages);
        match self {
            English if messages == 1 => "1 message was not answered.".into(),
            _ => translate!(
                self,
                "{number} messages were not answered.",
                "{number} 件のメッセージに返信がありませんでした。"
            ),
        }
    }

    /// Returns a theme's name.
    pub fn theme_name(self, theme: Theme) -> &'static str {
        match theme {
            Theme::System => self.theme_system(),
            Theme::Light => self.theme_light(),
            Theme::Dark => self.theme_dark(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language::Japanese;
    use crate::notice::Notice;

    #[test]
    fn every_close_code_is_explained_in_every_language() {
        for code in [1000, 1001, 1002, 1006, 1008, 1009, 1011, 1012, 1013, 4000] {
            let end = ConnectionEnd::Closed(Close {
                code,
                opened: true,
                ..Close::default()
            });
            assert!(English.end_meaning(&end).ends_with('.'), "{code}");
            assert!(Japanese.end_meaning(&end).ends_with('。'), "{code}");
        }
        assert_eq!(English.close_code(1001), "1001 going away");
        assert_eq!(Japanese.close_code(1001), "1001 離脱");
        assert_eq!(English.close_code(4000), "4000");
    }

    #[test]
    fn texts_of_links_are_escaped_and_bounded() {
        let name = format!("\u{202e}{}", "a".repeat(100_000));
        let end = ConnectionEnd::Unavailable(InfoError::NoUpstream(name.clone()));
        for text in [
            English.end_meaning(&end),
            English.not_offered(&name),
            English.notice(&Notice::ForeignLink(name.clone())),
        ] {
            assert!(text.contains("\\u202eaaa") && text.len() < 500, "{text}");
        }
    }

    #[test]
    fn a_wait_is_rounded_up_to_seconds() {
        let check = |millis, expected: &str| {
            assert_eq!(
                English.seconds_left(Duration::from_millis(millis)),
                expected
            );
        };
        check(0, "0 s");
        check(1, "1 s");
        check(3000, "3 s");
        check(3001, "4 s");
    }
}
