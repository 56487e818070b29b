//! Embeds client.js and the page into the binary, or a placeholder that explains how to build the
//! page. Sets the version, and the hashes of the Content-Security-Policy.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

use data_encoding::BASE64;
use sha2::{Digest, Sha256};

fn main() {
    // `make page` writes page/built. Its parent always exists, so that cargo also notices the
    // first build of the page.
    println!("cargo::rerun-if-changed=page");
    println!("cargo::rerun-if-changed=build.rs");

    let built = Path::new("page/built");
    let page = if built.join("index.html").exists() {
        built
    } else if is_packaged() {
        println!(
            "cargo::error=the page is missing in this package: run `make page` and package again"
        );
        return;
    } else {
        if is_release() {
            println!(
                "cargo::warning=the page is not built and will be missing: run `make page` first"
            );
        }
        Path::new("page/unbuilt")
    };
    // A debug build reads the files when they are asked for.
    let embed = !cfg!(debug_assertions);
    let folders = [("page", page), ("client", Path::new("client-js"))];
    memory_serve::load_names_directories(folders, embed);

    let pages: String = [page.join("index.html"), "page/login.html".into()]
        .map(|path| fs::read_to_string(path).expect("the pages exist, in UTF-8"))
        .concat();
    println!(
        "cargo::rustc-env=PAGE_SCRIPTS={}",
        csp_sources(&pages, "script")
    );
    println!(
        "cargo::rustc-env=PAGE_STYLES={}",
        csp_sources(&pages, "style")
    );
    println!("cargo::rustc-env=FRAMEGATE_VERSION={}", version());
}

fn is_release() -> bool {
    env::var("PROFILE").is_ok_and(|profile| profile == "release")
}

/// Returns true if this is a package made by `cargo package`, not the repository.
fn is_packaged() -> bool {
    Path::new("Cargo.toml.orig").exists()
}

/// The package's version, and in a release build the commit. Debug builds omit the commit,
/// because each commit would rebuild them.
fn version() -> String {
    let version = env::var("CARGO_PKG_VERSION").expect("cargo sets it");
    if !is_release() {
        return version;
    }
    let commit = if is_packaged() {
        packaged_commit()
    } else {
        checked_out_commit()
    };
    match commit {
        Some(commit) => format!("{version} ({})", &commit[..10]),
        None => version,
    }
}

/// The commit in the metadata of `cargo package`.
fn packaged_commit() -> Option<String> {
    let info = fs::read_to_string(".cargo_vcs_info.json").ok()?;
    let sha1 = info.split_once("\"sha1\": \"")?.1;
    Some(sha1.split_once('"')?.0.to_owned())
}

fn checked_out_commit() -> Option<String> {
    let log = git(&["rev-parse", "--git-path", "logs/HEAD"])?;
    if Path::new(&log).exists() {
        println!("cargo::rerun-if-changed={log}");
    }
    git(&["rev-parse", "HEAD"])
}

fn git(args: &[&str]) -> Option<String> {
    let output = Command::new("git").args(args).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !text.is_empty()).then(|| text.trim().to_owned())
}

/// The sources for the Content-Security-Policy (CSP Level 3, section 2.3.1): a hash of each
/// inline element called `name` in `pages`.
fn csp_sources(pages: &str, name: &str) -> String {
    let (open, close) = (format!("<{name}"), format!("</{name}>"));
    pages
        .split(&open)
        .skip(1)
        .filter_map(|element| element.split_once('>')?.1.split_once(&close))
        .filter(|(text, _)| !text.is_empty())
        .map(|(text, _)| format!(" 'sha256-{}'", BASE64.encode(&Sha256::digest(text))))
        .collect()
}
