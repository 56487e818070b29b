//! Guesses of captures that look like something else: few messages, zeros, short frames.

#[path = "common/guesses.rs"]
mod guesses;

use guesses::{check, check_first, framed, hex, names, noise};
use protocol::{Evidence, Guess, guess};

/// A few messages tell, if their lengths end within the capture.
#[test]
fn captures_of_a_few_messages() {
    let rows: [&[u8]; 3] = [b"R\0\0\0\0", b"ESERROR\0C42601\0Msyntax\0\0", b"ZI"];
    let postgresql = framed(&rows, |row| {
        let len = (row.len() as u32 + 3).to_be_bytes();
        [&row[..1], &len, &row[1..]].concat()
    });
    check_first(&postgresql, "1+u32be-inclusive");
    let requests: [&[u8]; 2] = [
        b"\0\x12\0\x03\0\0\0\x01\0\x04test",
        b"\0\x03\0\x01\0\0\0\x02\0\x04test\0\0\0\0",
    ];
    let kafka = framed(&requests, |request| {
        [&(request.len() as u32).to_be_bytes()[..], request].concat()
    });
    check_first(&kafka, "u32be");
    let mysql = b"\x05\0\0\0\x03ping\x01\0\0\x01\x0e\x07\0\0\x02\0\0\0\x02\0\0\0";
    check_first(mysql, "u24le+1");
}

/// Returns the place of `framing` among the guesses, from 1 on, apart from `raw`.
#[track_caller]
fn place(capture: &[u8], framing: &str) -> usize {
    let guesses = guess(capture, 8);
    let named = names(&guesses);
    let likely = guesses.iter().map(|it| it.framing.to_string());
    let mut likely = likely.filter(|it| it != "raw");
    let place = likely.position(|it| it == framing);
    place.unwrap_or_else(|| panic!("{framing}: {named:?}")) + 1
}

fn evidence(capture: &[u8], framing: &str) -> Option<Evidence> {
    let guesses: Vec<Guess> = guess(capture, 8);
    let found = guesses.iter().find(|it| it.framing.to_string() == framing);
    found.map(|it| it.evidence)
}

/// The zeros of a length are no ends of messages.
#[test]
fn single_message_is_not_cut_at_its_zeros() {
    let query = b"Q\0\0\0\x0dSELECT 1\0";
    assert_eq!(place(query, "1+u32be-inclusive"), 1);
    let hello = b"\0\0\0\x07\x0a\x05world";
    let grpc = [&b"\0"[..], &hello[..]].concat();
    assert_eq!(place(&grpc, "1+u32be"), 1);
    for capture in [&query[..], &grpc] {
        assert!(evidence(capture, "nul") <= Some(Evidence::Weak));
    }
}

/// The lengths that divide a capture are many, and words of four bytes are alike in most binary
/// protocols.
#[test]
fn capture_of_many_divisors_has_no_fixed_length() {
    let first = "MSH|^~\\&|LAB|A|HIS|B|202601021530||ORU^R01|1|P|2.5\rPID|1||7||DOE^J\r";
    for len in [58, 66, 76, 94] {
        let rest: String = "NTE|1||".chars().cycle().take(len).collect();
        let messages = [first, &rest].map(str::as_bytes);
        let capture = framed(&messages, |it| [b"\x0b", it, b"\x1c\x0d"].concat());
        check_first(&capture, "mllp");
    }
    let diameter = |command: u8, avps: &[u8]| {
        let header = [1, 0, 0, 20 + avps.len() as u8, 0x80, 0, 1, command];
        let ids = hex("00000000 00000001 0000004e");
        [&header[..], &ids, avps].concat()
    };
    let host = [&hex("00000108 40000016")[..], b"client.example\0\0"].concat();
    let realm = [&hex("00000128 4000000f")[..], b"example\0"].concat();
    let both = [host, realm].concat();
    let state = [&both[..], &hex("00000111 4000000c 00000000")].concat();
    let capture = [
        diameter(1, &both),
        diameter(24, &both),
        diameter(26, &state),
    ]
    .concat();
    assert!(place(&capture, "1+u24be-all") <= 4);
    let guesses = guess(&capture, 8);
    let is_fixed = |it: &Guess| it.framing.to_string().starts_with("fixed");
    assert!(!guesses.iter().any(is_fixed), "{:?}", names(&guesses));
}

#[test]
fn frames_of_one_length_and_one_front_have_a_fixed_length() {
    let frames = (0..12).map(|number: u8| {
        let values = noise(number.into()).take(6);
        [0xaa, 0x55].into_iter().chain(values).collect()
    });
    let frames: Vec<Vec<u8>> = frames.collect();
    check(&frames.concat(), "fixed8");
}

/// A length below 128 is the same byte as `u8` and as `varint`; more protocols have that.
#[test]
fn short_length_is_a_varint_unless_a_mark_is_before_it() {
    let packets = hex(
        "10 11 0004 4d515454 04 02 003c 0005 70726f6265   82 0c 0001 0007 77656174686572 00
         30 12 0007 77656174686572 3138206465677265 65   c0 00  e0 00",
    );
    check_first(&packets, "1+varint");
    let iec104 = hex(
        "68 04 07000000  68 04 0b000000  68 0e 00000200 64010600 0100 00000014
         68 0e 02000200 64010700 0100 00000014  68 04 01000400",
    );
    check_first(&iec104, "0x68+u8");
}

/// The zeros before a byte are the front of a longer length.
#[test]
fn byte_behind_zeros_is_not_a_length_of_its_own() {
    let frame = |stream: u8, opcode: u8, body: &[u8]| {
        let header = [4, 0, 0, stream, opcode, 0, 0, 0, body.len() as u8];
        [&header[..], body].concat()
    };
    let query = |text: &str| {
        let len = (text.len() as u32).to_be_bytes();
        [&len[..], text.as_bytes(), b"\0\x01\0"].concat()
    };
    let requests = [
        frame(0, 1, b"\0\x01\0\x0bCQL_VERSION\0\x053.0.0"),
        frame(1, 7, &query("SELECT * FROM system.local")),
        frame(2, 7, &query("USE ks")),
        frame(3, 7, &query("SELECT id, name FROM users")),
    ];
    check_first(&requests.concat(), "5+u32be");
}

/// JSON ends with a brace that its length counts.
#[test]
fn last_byte_that_the_length_counts_is_no_mark() {
    let requests: [&[u8]; 3] = [
        br#"{"cmd":"ping"}"#,
        br#"{"cmd":"open","path":"/tmp/x"}"#,
        br#"{"cmd":"bye"}"#,
    ];
    let frame = |it: &[u8]| [&(it.len() as u32).to_le_bytes()[..], it].concat();
    check_first(&framed(&requests, frame), "u32le");
}

#[test]
fn long_headers_of_empty_messages_are_read() {
    let stun = |kind: [u8; 2], seed: u64, body: &[u8]| {
        let id = noise(seed).take(12);
        let mut message = kind.to_vec();
        message.extend([0, body.len() as u8, 0x21, 0x12, 0xa4, 0x42]);
        message.extend(id.chain(body.iter().copied()));
        message
    };
    let binding = [
        stun([0, 1], 1, b""),
        stun([1, 1], 2, b"\0\x20\0\x08\0\x01\xa1\x47\x5e\x12\xa4\x43"),
        stun([0, 0x11], 3, b""),
    ];
    assert_eq!(place(&binding.concat(), "2+u16be+16"), 1);
}

/// Elements inside each other tell BER, and strings in arrays tell RESP, from what else would
/// divide them.
#[test]
fn nested_values_are_told_by_what_is_inside() {
    let snmp = hex(
        "3026 020101 0406 7075626c6963 a019 02012a 020100 020100 300e 300c 0608 2b06010201010500 0500
         302e 020101 0406 7075626c6963 a221 02012a 020100 020100 3016 3014 0608 2b06010201010500
         0408 6d79726f75746572",
    );
    check_first(&snmp, "ber");
    check_first(b"*3\r\n$3\r\nSET\r\n$4\r\nname\r\n$5\r\nalice\r\n", "resp");
    let pop3 = b"+OK ready\r\n+OK\r\n+OK 2 messages\r\n+OK bye\r\n";
    check_first(pop3, "crlf");
}

/// A mark and the zeros of a length look like a longer mark.
#[test]
fn mark_before_the_zeros_of_a_length_is_listed() {
    let call = |id: u8, procedure: u8, rest: &[u8]| {
        let ids = [0, 0, 0x12, id, 0, 0, 0, 0, 0, 0, 0, 2];
        let program = [0, 1, 0x86, 0xa3, 0, 0, 0, 3, 0, 0, 0, procedure];
        let body = [&ids[..], &program, &[0; 16], rest].concat();
        [&[0x80, 0, 0, body.len() as u8][..], &body].concat()
    };
    let calls = [
        call(0x34, 0, b""),
        call(0x35, 1, b"\0\0\0\x04abcd"),
        call(0x36, 3, b"\0\0\0\x04abcd\0\0\0\x06foobar\0\0"),
    ];
    assert!(place(&calls.concat(), "0x80+u24be") <= 4);
}

/// The number of frames and the bytes after them are told as they are.
#[test]
fn short_frames_of_a_long_capture_are_all_counted() {
    let numbers = noise(1).map(|it| format!("{}\n", it % 90));
    let capture: String = numbers.take(20_000).collect();
    let guesses = check(capture.as_bytes(), "lines");
    let lines = guesses.iter().find(|it| it.framing.to_string() == "lines");
    assert_eq!(lines.unwrap().frames, 20_000);
}

/// In a text any byte is a length, and some of these lengths agree with its lines for long.
#[test]
fn long_texts_are_cut_at_their_ends() {
    let text = |line: &dyn Fn(u8, usize) -> String| -> Vec<u8> {
        let lines = noise(3).take(1500).enumerate();
        let lines = lines.map(|(index, value)| line(value % 100, index));
        lines.collect::<String>().into_bytes()
    };
    let csv = text(&|value, index| format!("{index}.5,{value},0.{value}\n"));
    check_first(&csv, "lines");
    let json = text(&|value, index| format!("{{\"t\":{index},\"v\":{value}}}\n"));
    check_first(&json, "lines");
    let nmea =
        text(&|value, index| format!("$GPGGA,{index:06},4807.038,N,01131.000,E*{value:02}\r\n"));
    check_first(&nmea, "crlf");
    let irc = text(&|value, index| format!(":nick{value}!u@h PRIVMSG #c :{index}\r\n"));
    check_first(&irc, "crlf");
    let gelf = text(&|value, index| format!("{{\"host\":\"h{index}\",\"v\":{value}}}\0"));
    check_first(&gelf, "nul");
    let scale = text(&|value, _| format!("\u{2}{value}\u{3}"));
    check_first(&scale, "stx-etx");
    let checked =
        text(&|value, index| format!("\u{2}{index}\u{3}{}", char::from(b'!' + value % 90)));
    check_first(&checked, "0x02...0x03+1");
}

/// Wrong frames agree as soon as messages are repeated, and are often shorter and more.
#[test]
fn repeated_messages_are_cut_as_few_are() {
    let requests: [&[u8]; 4] = [
        b"\0\x12\0\x03\0\0\0\x01\0\x05probe\0",
        b"\0\x03\0\x09\0\0\0\x02\0\x05probe\0\0\x06orders\0\x01",
        b"\0\x01\0\x0b\0\0\0\x03\0\x05probe\0\0\0\0\x01\0\x06orders\0\0\0\x2a",
        b"\0\0\0\x07\0\0\0\x04\0\x05probe\xff\xff\0\x01\0\0\x75\x30",
    ];
    let mut capture = Vec::new();
    for choice in noise(5).take(800) {
        let request = requests[usize::from(choice) % requests.len()];
        capture.extend((request.len() as u32).to_be_bytes());
        capture.extend(request);
    }
    check_first(&capture, "u32be");
}
