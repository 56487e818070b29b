//! Packaging: the configuration file that packages install.

use std::path::Path;

use crate::process::{output, text};

fn packaged(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../packaging")
        .join(name);
    std::fs::read_to_string(path).unwrap()
}

#[tokio::test]
async fn packaged_configuration_has_valid_options_and_default_limits() {
    let file = packaged("framegate.toml");
    let is_option = |line: &&str| line.contains(" = ");
    let options: Vec<_> = file
        .lines()
        .filter_map(|line| line.strip_prefix("# "))
        .filter(is_option)
        .collect();
    assert!(options.len() > 10, "{options:?}");

    let defaults = text(&output(&["config"]).await.stdout);
    let limits = options
        .iter()
        .skip_while(|line| !line.starts_with("max-frame"));
    for option in limits {
        let (key, value) = option.split_once(" = ").unwrap();
        let is_default = |line: &str| {
            let (entry, _) = line.split_once('#').unwrap_or_default();
            entry.split_once(" = ").is_some_and(|(k, v)| {
                k == key && v.trim().trim_matches('"') == value.trim_matches('"')
            })
        };
        assert!(defaults.lines().any(is_default), "{option}\n{defaults}");
    }

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("framegate.toml");
    for option in options {
        // systemd provides these files at run time.
        if option.contains("/run/credentials/") {
            continue;
        }
        let option = option.replace("tcp = \"off\"", "tcp = \"off\"\nupstream = \"db:1\"");
        std::fs::write(&path, &option).unwrap();
        let shown = output(&["config", "--config", path.to_str().unwrap()]).await;
        assert!(shown.status.success(), "{option}: {}", text(&shown.stderr));
    }
}
