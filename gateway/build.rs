//! Takes the built page into the binary, or the note that says how to build it.

use std::path::Path;

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
}
