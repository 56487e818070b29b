//! Sentences of the dialogs for files, saved messages and code to copy. The late part of the page
//! uses them.

use crate::language::Language;

strings! {
    code: "Code that sends this message", "このメッセージを送信するコード";
    code_language: "Code in", "コードの言語";
    files: "Messages as files", "メッセージのファイル";
    formats_hint: "NDJSON has everything and can be imported again. CSV opens in spreadsheets, and can be imported, too.",
        "NDJSON はすべての情報を含み、再び読み込めます。CSV は表計算ソフトで開け、読み込みもできます。";
    import_hint: "An export of this page, or a recording of the gateway.",
        "このページの書き出し、またはゲートウェイの記録。";
    saved_messages: "Saved messages", "保存したメッセージ";
    history: "History", "履歴";
    import: "Import", "読み込み";
    export_scope: "Messages to export", "書き出す範囲";
    export_all: "All messages", "すべてのメッセージ";
    export_filtered: "Filtered messages", "絞り込んだメッセージ";
    no_saved: "Saved messages appear here.", "保存したメッセージがここに表示されます。";
    name: "Name", "名前";
    save: "Save", "保存";
    take_fields: "Take the file’s", "ファイルの形式を使う";
    keep_fields: "Keep the present one", "今の形式のまま";
    forget_history: "Forget sent messages", "送信履歴を消去";
}

impl Language {
    /// Asks which of two formats the fields of messages are to have.
    pub fn other_fields(self, of_file: &str, present: &str) -> String {
        translate!(
            self,
            "The file has a format for the fields of its messages, {of_file}. The upstream has another, {present}.",
            "ファイルにはフィールドの形式({of_file})があり、接続先の今の形式({present})と異なります。"
        )
    }

    /// Asks to save a long payload, which the code reads from a file.
    pub fn code_file(self, name: &str) -> String {
        translate!(
            self,
            "The payload is too long for code, which reads it from {name}: save it with “Save”.",
            "ペイロードが長いため、コードは {name} から読みます。「保存」で保存してください。"
        )
    }
}
