//! Python clients over TCP: a few lines for each framing that is built in.

use bytes::Bytes;
use protocol::{ByteOrder, Delimiter, LengthPrefix};
use web_core::framing::{BuiltIn, Framing};

/// Returns a client that sends `message`, which the Python expression `data` is, to a service;
/// `None` if a few lines cannot read the framing, or it cannot carry the message.
pub fn client(
    host: &str,
    port: u16,
    framing: &Framing,
    message: &Bytes,
    data: &str,
) -> Option<String> {
    let framing = framing.built_in()?;
    let frame = framing.frame(message).ok()?;
    let (_, header) = frame.first()?;
    let exchange: String = exchange(framing, header)
        .lines()
        .map(|line| match line {
            "" => "\n".into(),
            line => format!("    {line}\n"),
        })
        .collect();
    let decode = match std::str::from_utf8(message) {
        Ok(_) => ".decode()",
        Err(_) => "",
    };
    Some(format!(
        r#"import socket

data = {data}
with socket.create_connection(("{host}", {port})) as client:
{exchange}    print(data{decode})
"#
    ))
}

/// The Python statements that send `data` and receive the reply into it.
fn exchange(framing: BuiltIn, header: &[u8]) -> String {
    match framing {
        BuiltIn::Length(prefix) => by_length(prefix),
        BuiltIn::Varint => by_varint(header),
        BuiltIn::Delimited(Delimiter::Lines) => by_line("\\n"),
        BuiltIn::Delimited(Delimiter::Crlf) => by_line("\\r\\n"),
        BuiltIn::Delimited(Delimiter::Nul) => NUL.into(),
        BuiltIn::Raw => RAW.into(),
    }
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

fn by_varint(header: &[u8]) -> String {
    let header: Vec<_> = header.iter().map(|byte| format!("{byte:#04x}")).collect();
    let header = header.join(", ");
    format!(
        r#"client.sendall(bytes([{header}]))  # the length
client.sendall(data)

length = shift = 0
more = True
while more:
    byte = client.recv(1)[0]
    length |= (byte & 0x7F) << shift
    shift += 7
    more = byte >= 0x80
data = client.recv(length, socket.MSG_WAITALL)
"#
    )
}

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
    fn client(framing: &str, message: &'static [u8]) -> Option<String> {
        let data = r#""hello".encode()"#;
        super::client("::1", 9999, &framing.into(), &message.into(), data)
    }

    #[test]
    fn the_client_speaks_the_framing() {
        let check = |framing: &str, parts: &[&str]| {
            let client = client(framing, b"hello").unwrap();
            for part in parts {
                assert!(client.contains(part), "{client}");
            }
        };
        let little = [
            r#"create_connection(("::1", 9999))"#,
            r#"data = "hello".encode()"#,
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
        check("varint", &["bytes([0x05])", "byte & 0x7F"]);
        check("raw", &["client.sendall(data)", "client.recv(4096)"]);
        assert_eq!(client("1+varint", b"hello"), None);
        assert_eq!(client("json", b"hello"), None);
        assert_eq!(client("lines", b"a\nb"), None);
    }
}
