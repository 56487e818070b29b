//! Words that are the same whatever they are about, in every language.

use super::Language;

/// Each line is a word in English, then in Japanese; one that lacks either does not
/// compile.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident: $english:expr, $japanese:expr;)*) => {
        impl Language {
            $($(#[$doc])* pub const fn $name(self) -> &'static str {
                match self {
                    Language::English => $english,
                    Language::Japanese => $japanese,
                }
            })*
        }
    };
}

words! {
    /// Names the state of the connection.
    connection: "Connection", "接続状態";
    /// Names the button that connects.
    connect: "Connect", "接続";
    /// Names the button that disconnects.
    disconnect: "Disconnect", "切断";
    /// Names the button that does not wait to connect again.
    now: "Now", "今すぐ";
    /// Names the button that asks once more for what was refused.
    try_again: "Try again", "再試行";
    /// Names the choice of upstreams.
    upstream: "Upstream", "接続先";
    /// The choice that is none of the gateway's.
    other_url: "Other URL…", "別の URL…";
    /// Names where such a URL is written.
    websocket_url: "WebSocket URL", "WebSocket の URL";
    /// Names the choice of languages.
    language: "Language", "言語";
    /// Names the choice of themes.
    theme: "Theme", "配色";
    /// The theme that the system has.
    theme_system: "System", "自動";
    /// The light theme.
    theme_light: "Light", "ライト";
    /// The dark theme.
    theme_dark: "Dark", "ダーク";
    /// Names what can be set.
    settings: "Settings", "設定";
    /// Names what else can be done with the log.
    more_tools: "More tools", "その他の操作";
    /// Names the other ways to send.
    more_sending: "More ways to send", "その他の送信方法";
    /// Names the choice of how many messages the log keeps.
    keep: "Keep", "保持数";
    /// Names the choice of what is on the screen.
    pages: "Pages", "画面";
    /// Names this page's own messages.
    console: "Console", "コンソール";
    /// Names what all clients do.
    monitor: "Monitor", "モニター";
    /// Names the list of clients.
    clients: "Clients", "クライアント";
    /// Says that there is no message of any client.
    nothing_passed: "Nothing has passed yet. Messages of all clients appear here as they pass.",
        "まだ何も流れていません。すべてのクライアントのメッセージがここに現れます。";
    /// Names the log.
    messages: "Messages", "メッセージ";
    /// Names where a filter is written.
    filter: "Filter", "絞り込み";
    /// Says what a filter can be.
    filter_placeholder: "Filter: text or /regex/", "絞り込み: 文字列または /正規表現/";
    /// Names the choice of directions.
    directions: "Direction", "方向";
    /// The choice of both directions.
    all: "All", "すべて";
    /// Names the button that holds the log still.
    pause: "Pause", "一時停止";
    /// Names the button that lets the log go on.
    resume: "Resume", "再開";
    /// Names the button that empties the log.
    clear: "Clear", "消去";
    /// Names the button that saves messages to a file.
    export: "Export", "書き出し";
    /// Names the button that reads such a file.
    import: "Import", "読み込み";
    /// Names the choice of messages to export.
    export_what: "Which", "対象";
    /// The choice of all messages.
    export_all: "All messages", "すべてのメッセージ";
    /// The choice of the messages that the filter leaves.
    export_filtered: "Filtered messages", "絞り込んだメッセージ";
    /// Names the format that is for reading alone.
    plain_text: "Text", "テキスト";
    /// Says that nothing passes the filter.
    nothing_matches: "No message passes the filter.", "条件に合うメッセージはありません。";
    /// Names the button that removes the filter.
    show_all: "Show all", "すべて表示";
    /// Names the figures.
    statistics: "Statistics", "統計";
    /// Stands for a figure that there is none of.
    no_figure: "–", "–";
    /// Says what the figures of round trips are.
    round_trip_hint: "Of all round trips, so many in a hundred took this long at most: from the sending \
         to when the page was told of the answer, the browser's own few milliseconds included",
        "往復時間の百分位数。送信からページが返信を受け取るまでで、ブラウザー自身の数ミリ秒を含みます";
    /// Names the longest round trip.
    longest: "max", "最大";
    /// Says what it is.
    longest_hint: "The longest round trip", "最も長い往復時間";
    /// Says what the rate is of.
    rate_hint: "Messages in the last second, both ways", "直前 1 秒間のメッセージ数(送受信の合計)";
    /// Names the count of messages without an answer.
    unanswered: "unanswered", "返信なし";
    /// Names the detailed view of a message.
    wire_view: "Wire view", "通信内容";
    /// Names the views of a message together.
    views: "Views", "表示形式";
    /// Names the view of the bytes on TCP.
    wire: "Wire", "ワイヤ";
    /// Names the button that closes the detailed view where it covers the log.
    close: "Close", "閉じる";
    /// Names the button that sends a message of the log once more.
    send_again: "Send again", "もう一度送信";
    /// Introduces the header.
    header: "header", "ヘッダー";
    /// Introduces the trailer.
    trailer: "trailer", "トレーラー";
    /// Introduces the payload.
    payload: "payload", "ペイロード";
    /// Introduces the length of the whole frame.
    on_tcp: "on TCP", "TCP 上";
    /// Names where messages are written.
    composer: "Composer", "作成";
    /// Names the composer's input.
    message: "Message", "メッセージ入力";
    /// Invites to write text.
    message_placeholder: "Type a message", "メッセージを入力";
    /// Invites to write bytes in hexadecimal.
    hex_placeholder: "Bytes in hexadecimal: 68 65 6c 6c 6f", "16 進数のバイト列: 68 65 6c 6c 6f";
    /// Invites to write bytes in Base64.
    base64_placeholder: "Bytes in Base64: aGVsbG8=", "Base64 のバイト列: aGVsbG8=";
    /// Names the choice of notations.
    format: "Format", "形式";
    /// The notation that is text.
    format_text: "Text", "テキスト";
    /// Names the button that sends.
    send: "Send", "送信";
    /// Introduces the bytes that would be sent.
    on_the_wire: "on the wire:", "送信バイト:";
    /// Says which keys do what.
    keys: "Enter sends, Shift+Enter breaks the line, ↑ recalls",
        "Enter で送信、Shift+Enter で改行、↑ で履歴";
    /// Says why nothing can be sent.
    not_open: "Messages can be sent once the connection is open.", "接続が開くと送信できます。";
    /// Names what sends a message many times.
    repeat: "Repeat", "繰り返し";
    /// Names how many times.
    count: "Count", "回数";
    /// Names how often.
    pace: "Pace", "速度";
    /// As often as the connection takes it.
    pace_fast: "as fast as it goes", "最速";
    /// Names the button that begins to repeat.
    start: "Start", "開始";
    /// Names the button that ends it.
    stop: "Stop", "停止";
    /// Names what is kept for later.
    saved: "Saved", "保存済み";
    /// Says that there is nothing yet.
    nothing_saved: "Messages that you save stand here.", "保存したメッセージがここに並びます。";
    /// Names where a name is written.
    name: "Name", "名前";
    /// Names the button that keeps the message.
    save: "Save", "保存";
    /// Names the button that sends a file.
    file: "File…", "ファイル…";
    /// Names the button that copies.
    copy: "Copy", "コピー";
    /// Says that it was copied.
    copied: "Copied", "コピーしました";
    /// Says what to do where the browser does not let the page copy.
    copy_selected: "Selected: press Ctrl+C", "選択しました。Ctrl+C でコピー";
    /// Stands for a payload without bytes.
    empty_payload: "(empty)", "(空)";
    /// What the wire view says while there is no message.
    no_frame: "The bytes of a message as they cross TCP stand here: header and payload apart.",
        "メッセージが TCP を通るときのバイト列を、ヘッダーとペイロードに分けてここに表示します。";
    /// Says that a message is JSON.
    is_json: "JSON ✓", "JSON ✓";
    /// Says that a message is no text.
    not_text: "These bytes are not UTF-8 text; Hex shows them.",
        "UTF-8 のテキストではありません。Hex で表示できます。";
    /// Heads the empty log.
    begin: "No messages yet", "メッセージはまだありません";
    /// Introduces the first way to begin.
    begin_hello: "Send one from here", "ここから送信する";
    /// Names the button of the first way to begin.
    send_hello: "Send “hello”", "「hello」を送信";
    /// Names the button that does so ten times.
    send_hello_ten: "Ten times", "10 回送信";
    /// Introduces the second way to begin.
    begin_command: "Send one from a command line", "コマンドラインから送信する";
    /// Names the second way's snippet.
    command: "Command", "コマンド";
    /// Says how the command shows a token.
    command_token: "This gateway asks for a token: set FRAMEGATE_TOKEN to it, or add --token-file FILE.",
        "このゲートウェイにはトークンが必要です。環境変数 FRAMEGATE_TOKEN に入れるか、--token-file FILE を付けてください。";
    /// Introduces the third way to begin.
    begin_client: "Talk to the echo service over TCP, in Python", "Python から TCP でエコーサービスと話す";
    /// Names the third way's snippet.
    client: "Python client", "Python クライアント";
    /// Names the button that puts a notice away.
    dismiss: "Dismiss", "閉じる";
}
