//! The example message, and the command that sends it.

use crate::message::{Kind, Message};

/// The product's name.
pub const NAME: &str = "framegate";

/// The example message.
const HELLO: &str = "hello";

/// Returns the example message.
pub fn hello() -> Message {
    Message {
        kind: Kind::Text,
        payload: HELLO.into(),
    }
}

/// Returns the command that sends one message to the WebSocket at `url`.
pub fn send_command(url: &str) -> String {
    format!("{NAME} send --to {} {HELLO}", shell_quote(url))
}

/// Quotes `url` for a shell. It may come from a link, so it is not trusted.
fn shell_quote(url: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b":/.-_%".contains(&byte);
    match url.bytes().all(is_plain) {
        true => url.into(),
        false => format!("'{}'", url.replace('\'', "%27")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_quoted_for_the_shell() {
        let check = |url, word: &str| {
            let expected = format!("framegate send --to {word} hello");
            assert_eq!(send_command(url), expected);
        };
        let plain = "wss://gate.example/tools/framegate/ws/%E6%97%A5";
        check(plain, plain);
        check("ws://[::1]:3000/ws", "'ws://[::1]:3000/ws'");
        check("ws://a/$(id)';id&x=1#y", "'ws://a/$(id)%27;id&x=1#y'");
    }
}
