//! The table of protocols: its notations are read by the gateway, and its tests exist.

use std::path::{Path, PathBuf};

use crate::harness::within;
use crate::process::{framegate, text};

fn repo_path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name)
}

fn document() -> String {
    std::fs::read_to_string(repo_path("docs/protocols.md")).unwrap()
}

/// A row of the document's tables.
struct Row<'a> {
    line: &'a str,
    cells: Vec<&'a str>,
}

impl<'a> Row<'a> {
    fn all(text: &'a str) -> Vec<Self> {
        let lines = text.lines().filter(|line| line.starts_with("| "));
        let rows = lines.map(|line| Self {
            line,
            cells: line.trim_matches('|').split('|').map(str::trim).collect(),
        });
        rows.filter(|row| !["protocol", "---"].contains(&row.cells[0]))
            .collect()
    }

    fn carried(&self) -> &str {
        self.cells[self.cells.len() - 2]
    }

    /// The last cell: what was tried, or the source.
    fn source(&self) -> &str {
        self.cells.last().unwrap()
    }

    /// The titles of the tests that it names.
    fn tests(&self) -> Vec<&str> {
        let titles = code(self.source());
        titles.filter(|title| title.contains(": ")).collect()
    }

    /// The settings of an upstream: each framing in code, with the openings that follow it.
    fn settings(&self) -> Vec<String> {
        let mut settings: Vec<String> = Vec::new();
        for code in code(self.cells[1]) {
            match settings.last_mut() {
                Some(last) if code.contains('=') => *last += &format!("&{code}"),
                _ => settings.push(format!("framing={code}")),
            }
        }
        settings
    }
}

/// The words in code of a cell.
fn code(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

#[test]
fn counts_are_those_of_the_rows() {
    let text = document();
    let rows = Row::all(&text);
    let count = |carried: &str| rows.iter().filter(|row| row.carried() == carried).count();
    let (yes, part, no) = (count("yes"), count("part"), count("no"));
    assert_eq!(yes + part + no, rows.len(), "a row is neither of the three");
    let sentence = format!(
        "Message by message, {yes} of the {} are carried; {part} in part; {no} are not.",
        rows.len()
    );
    assert!(text.contains(&sentence), "{sentence}");

    let untried = rows.iter().filter(|row| row.tests().is_empty());
    let sentence = format!("was checked against: {} rows.", untried.count());
    let words: Vec<_> = text.split_whitespace().collect();
    assert!(words.join(" ").contains(&sentence), "{sentence}");
}

#[tokio::test]
async fn each_notation_is_a_setting_of_an_upstream() {
    let document = document();
    let mut args = vec!["config".to_owned()];
    for row in Row::all(&document) {
        let settings = row.settings();
        assert_eq!(settings.is_empty(), row.carried() == "no", "{}", row.line);
        for settings in settings {
            let name = args.len();
            args.push("--upstream".into());
            args.push(format!("n{name}=127.0.0.1:1?{settings}"));
        }
    }
    let args: Vec<_> = args.iter().map(String::as_str).collect();
    let output = within(framegate(&args).output()).await.unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
}

/// The titles of the tests in tools/interop.
fn interop_tests() -> String {
    let files = std::fs::read_dir(repo_path("tools/interop")).unwrap();
    let paths = files.map(|file| file.unwrap().path());
    let tests = paths.filter(|path| path.to_string_lossy().ends_with(".test.mjs"));
    tests
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect()
}

#[test]
fn each_server_that_was_tried_names_a_test() {
    let text = document();
    let sources = interop_tests();
    for row in Row::all(&text) {
        for title in row.tests() {
            let declared = format!("test(\"{title}\"");
            assert!(sources.contains(&declared), "no test: {title}");
        }
    }
}
