//! Snippets to copy: clients other than the page, for the command line and in Python.

use protocol::{ByteOrder, Delimiter, LengthPrefix};

use crate::framing::{BuiltIn, Framing};
use crate::gateway_info::{EchoService, TcpAddress};
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

/// Returns a Python client that sends one message to the echo service; `None` if a few lines
/// cannot read the framing.
pub fn python_client(echo: &EchoService) -> Option<String> {
    let TcpAddress { host, port } = &echo.address;
    let exchange = exchange(&echo.framing)?;
    let exchange: String = exchange
        .lines()
        .map(|line| match line {
            "" => "\n".into(),
            line => format!("    {line}\n"),
        })
        .collect();
    Some(format!(
        r#"import socket

with socket.create_connection(("{host}", {port})) as client:
    data = "{HELLO}".encode()
{exchange}    print(data.decode())
"#
    ))
}

/// The Python statements that send `data` and receive the reply into it.
fn exchange(framing: &Framing) -> Option<String> {
    Some(match framing.built_in()? {
        BuiltIn::Length(prefix) => by_length(prefix),
        BuiltIn::Varint => VARINT.into(),
        BuiltIn::Delimited(Delimiter::Lines) => by_line("\\n"),
        BuiltIn::Delimited(Delimiter::Crlf) => by_line("\\r\\n"),
        BuiltIn::Delimited(Delimiter::Nul) => NUL.into(),
        BuiltIn::Raw => RAW.into(),
    })
}

fn by_length(prefix: LengthPrefix) -> String {
    let width = prefix.field.width();
    let order = match prefix.field.byte_order() {
        Some(ByteOrder::Big) => "big",
        Some(ByteOrder::Little) | None => "little",
    };
    let (sent, received) = match prefix.inclusive {
        true => (format!("({width} + len(data))"), format!(" - {width}")),
        false => ("len(data)".into(), String::new()),
    };
    format!(
        r#"client.sendall({sent}.to_bytes({width}, "{order}"))
client.sendall(data)

header = client.recv({width}, socket.MSG_WAITALL)
length = int.from_bytes(header, "{order}"){received}
data = client.recv(length, socket.MSG_WAITALL)
"#
    )
}

fn by_line(end: &str) -> String {
    format!(
        r#"client.sendall(data + b"{end}")

data = client.makefile("rb").readline().removesuffix(b"{end}")
"#
    )
}

const VARINT: &str = r#"client.sendall(bytes([len(data)]))  # a length below 128
client.sendall(data)

length = shift = 0
more = True
while more:
    byte = client.recv(1)[0]
    length |= (byte & 0x7F) << shift
    shift += 7
    more = byte >= 0x80
data = client.recv(length, socket.MSG_WAITALL)
"#;

const NUL: &str = r#"client.sendall(data + b"\0")

data = b""
while (byte := client.recv(1)) not in (b"\0", b""):
    data += byte
"#;

const RAW: &str = r#"client.sendall(data)

data = client.recv(4096)
"#;

#[cfg(test)]
mod tests {
    use super::*;

    fn client(framing: &str) -> Option<String> {
        python_client(&EchoService {
            address: TcpAddress {
                host: "::1".into(),
                port: 9999,
            },
            framing: framing.into(),
        })
    }

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

    #[test]
    fn the_python_client_speaks_the_framing() {
        let check = |framing: &str, parts: &[&str]| {
            let client = client(framing).unwrap();
            for part in parts {
                assert!(client.contains(part), "{client}");
            }
        };
        let little = [
            r#"create_connection(("::1", 9999))"#,
            r#"    client.sendall(len(data).to_bytes(4, "little"))"#,
            r#"    length = int.from_bytes(header, "little")"#,
        ];
        check("u32le", &little);
        let inclusive = [
            r#"(2 + len(data)).to_bytes(2, "big")"#,
            r#"int.from_bytes(header, "big") - 2"#,
        ];
        check("u16be-inclusive", &inclusive);
        check("lines", &[r#"data + b"\n""#, r#"removesuffix(b"\n")"#]);
        check("crlf", &[r#"data + b"\r\n""#]);
        check("nul", &[r#"data + b"\0""#]);
        check("varint", &["bytes([len(data)])", "byte & 0x7F"]);
        check("raw", &["client.sendall(data)", "client.recv(4096)"]);
        assert_eq!(client("1+varint"), None);
        assert_eq!(client("json"), None);
    }
}
