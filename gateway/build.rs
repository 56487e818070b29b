//! Takes the built page into the binary, or the note that says how to build it.

use std::fs;
use std::path::Path;

use data_encoding::BASE64;
use sha2::{Digest, Sha256};

fn main() {
    // `make page` fills page/built. Its parent always exists, so that the page's
    // first appearance is seen too.
    println!("cargo::rerun-if-changed=page");
    println!("cargo::rerun-if-changed=build.rs");

    let built = Path::new("page/built");
    let page = if built.join("index.html").exists() {
        built
    } else {
        Path::new("page/unbuilt")
    };
    memory_serve::load_directory(page);

    let pages: String = [page.join("index.html"), "page/login.html".into()]
        .map(|path| fs::read_to_string(path).expect("the pages are there, in UTF-8"))
        .concat();
    println!(
        "cargo::rustc-env=PAGE_SCRIPTS={}",
        sources(&pages, "script")
    );
    println!("cargo::rustc-env=PAGE_STYLES={}", sources(&pages, "style"));
}

/// The hash of each element called `name` that has its text in `pages`, as a list of
/// sources for a Content-Security-Policy (CSP Level 3, section 2.3.1).
fn sources(pages: &str, name: &str) -> String {
    let (open, close) = (format!("<{name}"), format!("</{name}>"));
    pages
        .split(&open)
        .skip(1)
        .filter_map(|element| element.split_once('>')?.1.split_once(&close))
        .filter(|(text, _)| !text.is_empty())
        .map(|(text, _)| format!(" 'sha256-{}'", BASE64.encode(&Sha256::digest(text))))
        .collect()
}
