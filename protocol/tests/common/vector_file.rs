//! Byte vectors of framings, in a file of tables.

use std::iter;

use bytes::Bytes;

const VECTORS: &str = include_str!("../framing-vectors.tsv");

/// Returns the rows of a part of the vectors, each with its columns; missing ones are empty.
pub(crate) fn rows<const COLUMNS: usize>(part: &str) -> Vec<[&'static str; COLUMNS]> {
    let (_, rows) = VECTORS.split_once(&format!("\n[{part}]\n")).unwrap();
    let rows = rows.lines().take_while(|line| !line.is_empty());
    rows.map(|row| {
        let mut columns = row.split('\t');
        [(); COLUMNS].map(|()| columns.next().unwrap_or_default())
    })
    .collect()
}

/// Reads `6869 61*3 -` as bytes.
pub(crate) fn bytes(text: &str) -> Bytes {
    let nibble = |digit: u8| char::from(digit).to_digit(16).unwrap() as u8;
    let mut bytes = Vec::new();
    for word in text.split_whitespace().filter(|&word| word != "-") {
        let (hex, times) = word.split_once('*').unwrap_or((word, "1"));
        let pairs = hex.as_bytes().chunks(2);
        bytes.extend(pairs.map(|pair| nibble(pair[0]) << 4 | nibble(pair[1])));
        let last = *bytes.last().unwrap();
        bytes.extend(iter::repeat_n(last, times.parse::<usize>().unwrap() - 1));
    }
    bytes.into()
}

/// Reads messages with a comma between two.
pub(crate) fn messages(text: &str) -> Vec<Bytes> {
    text.split(',').map(bytes).collect()
}
