//! Code that sends a message: Python, JavaScript, the command line, and a C array.

use std::fmt::Write as _;

use bytes::Bytes;
use web_core::framing::Framing;

use crate::python_tcp;

/// The longest payload that is written into code, in bytes. A longer one is read from a file.
pub const MAX_LEN: usize = 16 << 10;

/// The name of the file of a longer payload.
pub const FILE: &str = "message.bin";

/// A language that code is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeLanguage {
    /// Python, over TCP.
    PythonTcp,
    /// Python, over a WebSocket.
    Python,
    /// JavaScript, with the gateway's `client.js`.
    JavaScript,
    /// A command of `framegate send`.
    Command,
    /// A C array of the payload.
    C,
}

/// A message, and the service that it is for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CodeInput {
    /// The payload.
    pub payload: Bytes,
    /// True for a text message.
    pub is_text: bool,
    /// The URL of the WebSocket.
    pub url: String,
    /// The URL of the gateway's `client.js`.
    pub client_js: String,
    /// The address of the service for TCP clients, and its framing.
    pub tcp: Option<(String, u16, Framing)>,
    /// True if the gateway requires a token.
    pub needs_token: bool,
}

impl CodeLanguage {
    /// All languages.
    pub const ALL: [Self; 5] = [
        Self::PythonTcp,
        Self::Python,
        Self::JavaScript,
        Self::Command,
        Self::C,
    ];

    /// Returns the name, the same in every language of the page.
    pub fn name(self) -> &'static str {
        match self {
            Self::PythonTcp => "Python (TCP)",
            Self::Python => "Python",
            Self::JavaScript => "JavaScript",
            Self::Command => "framegate send",
            Self::C => "C",
        }
    }

    /// Returns the language of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }
}

impl CodeInput {
    /// Returns the code; `None` if the language has none for this message.
    pub fn code(&self, language: CodeLanguage) -> Option<String> {
        match language {
            CodeLanguage::PythonTcp => {
                let (host, port, framing) = self.tcp.as_ref()?;
                let data = self.python_bytes();
                python_tcp::client(host, *port, framing, &self.payload, &data)
            }
            CodeLanguage::Python => Some(self.python()),
            CodeLanguage::JavaScript => Some(self.javascript()),
            CodeLanguage::Command => Some(self.command()),
            CodeLanguage::C => (!self.is_long()).then(|| self.c()),
        }
    }

    /// Returns true if the code reads the payload from a file.
    pub fn is_long(&self) -> bool {
        self.payload.len() > MAX_LEN
    }

    fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.payload).ok()
    }

    fn python(&self) -> String {
        let (url, data) = (quote(&self.url), self.python_bytes());
        let opcode = if self.is_text { "0x81" } else { "0x82" };
        let token = match self.needs_token {
            true => "    f\"Authorization: Bearer {os.environ['FRAMEGATE_TOKEN']}\\r\\n\"\n",
            false => "",
        };
        format!(
            r#"import base64, os, socket, ssl, struct
from urllib.parse import urlsplit

url = urlsplit({url})
data = {data}

port = url.port or (443 if url.scheme == "wss" else 80)
client = socket.create_connection((url.hostname, port))
if url.scheme == "wss":
    context = ssl.create_default_context()
    client = context.wrap_socket(client, server_hostname=url.hostname)
path = (url.path or "/") + ("?" + url.query if url.query else "")
request = (
    f"GET {{path}} HTTP/1.1\r\nHost: {{url.netloc}}\r\n"
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
{token}    f"Sec-WebSocket-Key: {{base64.b64encode(os.urandom(16)).decode()}}\r\n\r\n"
)
client.sendall(request.encode())
reader = client.makefile("rb")
status = reader.readline().decode().strip()
if " 101 " not in status:
    raise SystemExit(status)
while reader.readline() != b"\r\n":
    pass

size, mask = len(data), os.urandom(4)
if size < 126:
    header = struct.pack("!BB", {opcode}, 0x80 | size)
elif size < 65536:
    header = struct.pack("!BBH", {opcode}, 0xFE, size)
else:
    header = struct.pack("!BBQ", {opcode}, 0xFF, size)
client.sendall(header + mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(data)))

reply, is_last = b"", False
while not is_last:
    first, size = reader.read(2)
    if size == 126:
        (size,) = struct.unpack("!H", reader.read(2))
    elif size == 127:
        (size,) = struct.unpack("!Q", reader.read(8))
    data = reader.read(size)
    if first & 0x0F == 8:
        raise SystemExit(f"closed: {{data[2:].decode()}}")
    if first & 0x0F < 8:
        reply, is_last = reply + data, first >= 0x80
print(reply{decode})
"#,
            decode = self.decode(),
        )
    }

    /// The call that makes text of bytes, for a message that is text.
    fn decode(&self) -> &'static str {
        if self.text().is_some() {
            ".decode()"
        } else {
            ""
        }
    }

    /// A Python expression of the payload.
    fn python_bytes(&self) -> String {
        if self.is_long() {
            return format!("open({FILE:?}, \"rb\").read()");
        }
        match self.text() {
            Some(text) => format!("{}.encode()", quote(text)),
            None => {
                let line = |bytes: &[u8]| format!("    {:?}", hex(bytes, "", " "));
                let lines: Vec<_> = self.payload.chunks(24).map(line).collect();
                match &lines[..] {
                    [line] => format!("bytes.fromhex({})", line.trim_start()),
                    lines => format!("bytes.fromhex(\n{}\n)", lines.join("\n")),
                }
            }
        }
    }

    fn javascript(&self) -> String {
        let (import, data) = match self.text() {
            _ if self.is_long() => {
                let read = format!("await readFile({FILE:?}{})", self.javascript_encoding());
                ("import { readFile } from \"node:fs/promises\";\n", read)
            }
            Some(text) if self.is_text => ("", quote(text)),
            _ => (
                "",
                format!("Uint8Array.of({})", hex(&self.payload, "0x", ", ")),
            ),
        };
        let (client_js, url) = (quote(&self.client_js), quote(&self.url));
        format!(
            r#"{import}import {{ Framegate }} from {client_js}; // in Node, "framegate-client"

const socket = new Framegate({url});
socket.binaryType = "arraybuffer";
socket.onopen = () => socket.send(data);
socket.onmessage = ({{ data }}) => {{
  console.log(typeof data === "string" ? data : new Uint8Array(data));
  socket.close();
}};
const data = {data};
"#
        )
    }

    /// The argument that makes `readFile` return text.
    fn javascript_encoding(&self) -> &'static str {
        if self.is_text { ", \"utf8\"" } else { "" }
    }

    fn command(&self) -> String {
        let to = shell_quote(&self.url);
        let kind = if self.is_text { "" } else { " --binary" };
        let send = format!("framegate send --to {to}{kind}");
        let is_plain = |text: &&str| !text.contains(char::is_control);
        match self.text().filter(is_plain) {
            _ if self.is_long() => format!("{send} --file {FILE}\n"),
            Some(text) => format!("{send} -- {}\n", shell_quote(text)),
            None => format!("printf '{}' | {send} --file -\n", octal(&self.payload)),
        }
    }

    fn c(&self) -> String {
        let len = self.payload.len();
        // An array has no length of zero.
        let bytes = match len {
            0 => &[0][..],
            _ => &self.payload,
        };
        let lines = bytes.chunks(12);
        let lines: String = lines
            .map(|line| format!("    {},\n", hex(line, "0x", ", ")))
            .collect();
        format!(
            "static const unsigned long message_len = {len};\n\
             static const unsigned char message[] = {{\n{lines}}};\n"
        )
    }
}

/// Quotes a text for Python and JavaScript: printable characters as they are.
fn quote(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if web_core::format::escape(c).is_some() => {
                // Writing to a string cannot fail.
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Quotes a word for a shell.
fn shell_quote(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b":/.-_%,+@".contains(&byte);
    match !word.is_empty() && word.bytes().all(is_plain) {
        true => word.into(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

/// Escapes bytes for a shell's `printf`: those that are not plain, in octal.
fn octal(bytes: &[u8]) -> String {
    let mut escaped = String::new();
    for &byte in bytes {
        match byte {
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b' ' | b'.' | b',' | b':' | b'/' => {
                escaped.push(byte.into());
            }
            _ => {
                let _ = write!(escaped, "\\{byte:03o}");
            }
        }
    }
    escaped
}

fn hex(bytes: &[u8], prefix: &str, separator: &str) -> String {
    let bytes: Vec<_> = bytes
        .iter()
        .map(|byte| format!("{prefix}{byte:02x}"))
        .collect();
    bytes.join(separator)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(payload: &'static [u8], is_text: bool) -> CodeInput {
        CodeInput {
            payload: payload.into(),
            is_text,
            url: "ws://127.0.0.1:3000/ws".into(),
            client_js: "http://127.0.0.1:3000/client.js".into(),
            ..CodeInput::default()
        }
    }

    #[test]
    fn a_command_quotes_whatever_the_message_is() {
        let check = |payload, is_text, expected: &str| {
            let command = input(payload, is_text).command();
            assert_eq!(command.trim_end(), expected);
        };
        let send = "framegate send --to ws://127.0.0.1:3000/ws";
        check(b"hello", true, &format!("{send} -- hello"));
        check(b"-it's", true, &format!(r"{send} -- '-it'\''s'"));
        check(b"", true, &format!("{send} -- ''"));
        check(b"hi", false, &format!("{send} --binary -- hi"));
        check(
            b"a\r\n",
            true,
            &format!(r"printf 'a\015\012' | {send} --file -"),
        );
        check(
            b"\xff'%5",
            false,
            &format!(r"printf '\377\047\0455' | {send} --binary --file -"),
        );
    }

    #[test]
    fn code_has_the_payload_as_text_or_bytes() {
        let check = |payload, is_text, language, part: &str| {
            let code = input(payload, is_text).code(language).unwrap();
            assert!(code.contains(part), "{code}");
        };
        let hostile = b"\"\\\n$\x1b";
        let python = r#"data = "\"\\\n$\u001b".encode()"#;
        check(hostile, true, CodeLanguage::Python, python);
        check(
            b"\xff\0",
            false,
            CodeLanguage::Python,
            r#"bytes.fromhex("ff 00")"#,
        );
        let javascript = r#"const data = "\"\\\n$\u001b";"#;
        check(hostile, true, CodeLanguage::JavaScript, javascript);
        check(
            b"hi",
            false,
            CodeLanguage::JavaScript,
            "Uint8Array.of(0x68, 0x69)",
        );
        check(
            b"hi",
            true,
            CodeLanguage::C,
            "message[] = {\n    0x68, 0x69,\n};",
        );
        check(b"", true, CodeLanguage::C, "message_len = 0;");
        assert_eq!(input(b"hi", true).code(CodeLanguage::PythonTcp), None);
        for language in CodeLanguage::ALL {
            assert_eq!(CodeLanguage::from_name(language.name()), Some(language));
        }
    }

    #[test]
    fn a_long_payload_is_read_from_a_file() {
        let long = CodeInput {
            payload: vec![b'x'; MAX_LEN + 1].into(),
            ..input(b"", true)
        };
        assert_eq!(long.code(CodeLanguage::C), None);
        for language in [
            CodeLanguage::Python,
            CodeLanguage::JavaScript,
            CodeLanguage::Command,
        ] {
            let code = long.code(language).unwrap();
            assert!(code.contains(FILE) && code.len() < 4000, "{code}");
        }
    }
}
