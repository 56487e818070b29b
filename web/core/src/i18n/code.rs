//! Sentences about code to copy. The late part of the page uses them.

use crate::language::Language;

strings! {
    code: "Code that sends this message", "このメッセージを送信するコード";
    code_language: "Code in", "コードの言語";
}

impl Language {
    /// Asks to save a long payload, which the code reads from a file.
    pub fn code_file(self, name: &str) -> String {
        translate!(
            self,
            "The payload is too long for code, which reads it from {name}: save it with “Save”.",
            "ペイロードが長いため、コードは {name} から読みます。「保存」で保存してください。"
        )
    }
}
