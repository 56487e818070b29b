//! Fixed strings of the page.

strings! {
    // Top bar.
    connection: "Connection", "接続状態";
    connect: "Connect", "接続";
    disconnect: "Disconnect", "切断";
    retry_now: "Now", "今すぐ";
    retrying_in: "Trying again in", "再接続まで";
    reconnecting: "Reconnecting…", "再接続中…";
    upstream: "Upstream", "接続先";
    try_on_bytes: "Try on bytes", "バイト列で試す";
    other_url: "Other URL…", "別の URL…";
    websocket_url: "WebSocket URL", "WebSocket の URL";
    language: "Language", "言語";
    theme: "Theme", "配色";
    theme_system: "System", "自動";
    theme_light: "Light", "ライト";
    theme_dark: "Dark", "ダーク";
    settings: "Settings", "設定";
    max_rows: "Keep", "保持数";
    times: "Times", "時刻";
    own_zone: "Own time zone", "現地時刻";
    page_tabs: "Pages", "画面";
    console: "Console", "コンソール";

    // Live feed.
    live_feed: "Monitor", "モニター";
    clients: "Clients", "クライアント";
    try_again: "Try again", "再試行";
    no_client_messages: "No messages yet. The messages of all clients appear here as they pass.",
        "メッセージはまだありません。すべてのクライアントのメッセージがここに表示されます。";

    // Log.
    messages: "Messages", "メッセージ";
    filter: "Filter", "絞り込み";
    filter_placeholder: "Filter: text, /regex/, hex: ff d8, field: id=7",
        "絞り込み: 文字列、/正規表現/、hex: ff d8、field: id=7";
    kinds: "Kind", "種類";
    any_kind: "Any kind", "全種類";
    text_kind: "Text", "テキスト";
    binary_kind: "Binary", "バイナリ";
    directions: "Direction", "方向";
    all: "All", "すべて";
    pause: "Pause", "一時停止";
    resume: "Resume", "再開";
    clear: "Clear", "消去";
    choose_several: "Choose several", "複数を選択";
    none_chosen: "Press messages to choose them", "選択するメッセージを押してください";
    compare: "Compare", "比較";
    done: "Done", "完了";
    more_tools: "More tools", "その他の操作";
    export: "Export", "書き出し";
    plain_text: "Text", "テキスト";
    no_match: "No message matches the filter.", "条件に合うメッセージはありません。";
    show_all: "Show all", "すべて表示";
    empty_payload: "(empty)", "(空)";
    unsent: "not sent", "未送信";
    dismiss: "Dismiss", "閉じる";

    // Statistics.
    statistics: "Statistics", "統計";
    no_value: "–", "–";
    round_trip_hint: "Percentile of the round trip: from sending a message to receiving its \
         reply, without the page's drawing",
        "往復時間の百分位数。送信から返信の受信までで、ページの描画は含みません";
    longest: "max", "最大";
    rate_hint: "Messages in the last second, both ways", "直前 1 秒間のメッセージ数(送受信の合計)";
    unanswered: "unanswered", "返信なし";
    not_kept: "not kept", "破棄";
    service: "service", "サービス";
    way: "way", "経路";
    of_all: "of", "件数";
    of_all_hint: "Replies", "返信の数";
    parts_hint: "p50 / p99 of the service's part of a round trip, and of the rest",
        "往復時間のうち、サービスの分と残りの p50 / p99";

    // Wire view.
    wire_view: "Wire view", "通信内容";
    views: "Views", "表示形式";
    wire: "Wire", "ワイヤ";
    close: "Close", "閉じる";
    send_again: "Send again", "もう一度送信";
    cut_note: "cut, so it can't be sent again", "途中までのため、再送信できません";
    header: "header", "ヘッダー";
    length_field: "length", "長さ";
    set_length: "Set the length", "長さを直す";
    loading: "Loading…", "読み込み中…";
    unknown_framing: "How this message was framed on TCP is unknown. Its payload:",
        "このメッセージの TCP 上のフレーミングは不明です。ペイロード:";
    fixed: "fixed", "固定";
    framing: "framing", "フレーミング";
    trailer: "trailer", "トレーラー";
    payload: "payload", "ペイロード";
    on_tcp: "on TCP", "TCP 上";
    wire_view_hint: "The bytes of a message on TCP appear here: each part of its frame.",
        "メッセージの TCP 上のバイト列を、フレームの部分ごとにここに表示します。";
    fields: "Fields", "フィールド";
    too_deep: "Too deep to check.", "入れ子が深すぎます。";
    late_failed: "This part of the page could not be loaded.", "ページのこの部分を読み込めませんでした。";
    copy: "Copy", "コピー";
    copied: "Copied", "コピーしました";
    copy_selected: "Selected: press Ctrl+C", "選択しました。Ctrl+C でコピー";

    // Composer.
    composer: "Composer", "作成";
    message: "Message", "メッセージ入力";
    message_placeholder: "Type a message", "メッセージを入力";
    hex_placeholder: "Bytes in hexadecimal: 68 65 6c 6c 6f", "16 進数のバイト列: 68 65 6c 6c 6f";
    text_crlf: "Text, CRLF", "テキスト(CRLF)";
    text_cr: "Text, CR", "テキスト(CR)";
    text_escaped: "Escapes", "エスケープ";
    escaped_placeholder: "Text with escapes: PING\\r\\n, \\x02, \\u{1f980}", "エスケープ付きテキスト: PING\\r\\n、\\x02、\\u{1f980}";
    base64_placeholder: "Bytes in Base64: aGVsbG8=", "Base64 のバイト列: aGVsbG8=";
    format: "Format", "形式";
    send: "Send", "送信";
    on_the_wire: "on the wire:", "送信バイト:";
    is_json: "JSON ✓", "JSON ✓";
    key_hint: "Enter sends, Shift+Enter adds a line, ↑ recalls",
        "Enter で送信、Shift+Enter で改行、↑ で履歴";
    not_open: "Messages can be sent once the connection is open.", "接続が開くと送信できます。";
    more_sending: "More ways to send", "その他の送信方法";
    repeat: "Repeat", "繰り返し";
    count: "Count", "回数";
    send_rate: "Pace", "速度";
    rate_unlimited: "as fast as possible", "最速";
    start: "Start", "開始";
    stop: "Stop", "停止";
    saved: "Saved", "保存済み";
    file: "File…", "ファイル…";
    attachments: "Attachments", "添付ファイル";

    // Empty state.
    no_messages_yet: "No messages yet", "メッセージはまだありません";
    first_from_page: "Send one from here", "ここから送信する";
    send_hello: "Send “hello”", "「hello」を送信";
    send_hello_ten: "Ten times", "10 回送信";
    first_from_command_line: "Send one from a command line", "コマンドラインから送信する";
    command: "Command", "コマンド";
    command_token: "This gateway requires a token: set FRAMEGATE_TOKEN, or add --token-file FILE.",
        "このゲートウェイにはトークンが必要です。環境変数 FRAMEGATE_TOKEN に入れるか、--token-file FILE を付けてください。";
    first_from_code: "Send one from code", "プログラムから送信する";
    show_code: "Python, JavaScript, C…", "Python、JavaScript、C…";
    code_for: "Code…", "コード…";
}
