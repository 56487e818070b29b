//! Sentences of the comparison of two messages. The late part of the page uses them.

use crate::format::count;
use crate::language::Language::{self, English};

strings! {
    compare_title: "Two messages compared", "2 件のメッセージの比較";
    compare_as: "Compare as", "比較の単位";
    first_message: "First", "1 件目";
    second_message: "Second", "2 件目";
    equal_messages: "Both have the same bytes.", "バイト列は同じです。";
    too_different: "There are too many differences to align them all.",
        "相違が多いため、途中から位置をそろえていません。";
    previous_difference: "Previous difference", "前の相違";
    next_difference: "Next difference", "次の相違";
    show_them: "Show", "表示";
    beginnings_compared: "The first 16 MiB of each are compared.", "それぞれ先頭 16 MiB を比較しています。";
}

impl Language {
    /// Tells the number of differences, and of the bytes in them on either side.
    pub fn differences(self, places: usize, left: &str, right: &str) -> String {
        let number = count(places as u64);
        match self {
            English if places == 1 => {
                format!("1 difference: {left} B in the first, {right} B in the second.")
            }
            _ => translate!(
                self,
                "{number} differences: {left} B in the first, {right} B in the second.",
                "相違 {number} か所: 1 件目 {left} B、2 件目 {right} B。"
            ),
        }
    }

    /// Notes equal bytes that are left out.
    pub fn equal_bytes(self, len: usize) -> String {
        let len = self.bytes(len);
        match self {
            English => len.replacen(' ', " equal ", 1),
            Language::Japanese => format!("同じ {len}"),
        }
    }

    /// Notes equal lines that are left out.
    pub fn equal_lines(self, lines: usize) -> String {
        let number = count(lines as u64);
        match self {
            English if lines == 1 => "1 equal line".into(),
            _ => translate!(self, "{number} equal lines", "同じ {number} 行"),
        }
    }

    /// Notes equal fields that are left out.
    pub fn equal_fields(self, fields: usize) -> String {
        let number = count(fields as u64);
        match self {
            English if fields == 1 => "1 equal field".into(),
            _ => translate!(self, "{number} equal fields", "同じフィールド {number} 個"),
        }
    }

    /// Tells that the fields are equal, and how many bytes of each message are not.
    pub fn equal_fields_alone(self, left: &str, right: &str) -> String {
        translate!(
            self,
            "The fields are equal, the bytes are not: {left} B in the first, {right} B in the second.",
            "フィールドは同じですが、バイト列は異なります: 1 件目 {left} B、2 件目 {right} B。"
        )
    }

    /// Tells the number of the present difference.
    pub fn place_of(self, number: usize, all: usize) -> String {
        let (number, all) = (count(number as u64), count(all as u64));
        translate!(self, "{number} of {all}", "{all} か所中 {number} か所目")
    }

    /// Notes rows with differences on the pages before.
    pub fn earlier_differences(self, rows: usize) -> String {
        let number = count(rows as u64);
        match self {
            English if rows == 1 => "1 row with differences comes before.".into(),
            _ => translate!(
                self,
                "{number} rows with differences come before.",
                "この前に、相違のある行が {number} 行あります。"
            ),
        }
    }

    /// Notes rows with differences on the pages after.
    pub fn later_differences(self, rows: usize) -> String {
        let number = count(rows as u64);
        match self {
            English if rows == 1 => "1 more row with differences follows.".into(),
            _ => translate!(
                self,
                "{number} more rows with differences follow.",
                "このあとに、相違のある行が {number} 行あります。"
            ),
        }
    }
}
