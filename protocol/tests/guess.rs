//! Guesses of the framings of captures: bytes as services of each protocol send them.

#[path = "common/guesses.rs"]
mod guesses;

use std::iter;

use guesses::{check, check_first, framed, hex, names, noise};
use protocol::{Evidence, Framing, guess, is_text};

#[test]
fn postgresql() {
    let frame = |message: &[u8]| {
        let len = (message.len() as u32 + 3).to_be_bytes();
        [&message[..1], &len, &message[1..]].concat()
    };
    let server: [&[u8]; 9] = [
        b"R\0\0\0\0",
        b"Sserver_version\x0016.1\0",
        b"Sclient_encoding\0UTF8\0",
        b"K\0\0\x1f\x41\x5a\x11\x93\x02",
        b"ZI",
        b"T\0\x01?column?\0\0\0\0\0\0\0\0\0\0\x17\0\x04\xff\xff\xff\xff\0\0",
        b"D\0\x01\0\0\0\x011",
        b"CSELECT 1\0",
        b"ZI",
    ];
    check_first(&framed(&server, frame), "1+u32be-inclusive");
    let client: [&[u8]; 3] = [
        b"QSELECT 1\0",
        b"QSELECT * FROM accounts WHERE id = 7\0",
        b"X",
    ];
    check_first(&framed(&client, frame), "1+u32be-inclusive");
}

#[test]
fn mqtt() {
    let long = [b"0\0\x07weather".to_vec(), vec![b'x'; 200]].concat();
    let packets: [&[u8]; 9] = [
        b"\x10\0\x04MQTT\x04\x02\0\x3c\0\x05probe",
        b"\x82\0\x01\0\x07weather\0",
        b"0\0\x07weather18 degrees",
        b"0\0\x07weather17 degrees, rain",
        &long,
        b"0\0\x07weather16 degrees, more rain",
        b"0\0\x07weather15 degrees",
        b"\xc0",
        b"\xe0",
    ];
    let capture = framed(&packets, |packet| {
        let len = packet.len() - 1;
        let mut frame = vec![packet[0]];
        match len {
            0..128 => frame.push(len as u8),
            _ => frame.extend([len as u8 & 0x7f | 0x80, (len >> 7) as u8]),
        }
        frame.extend(&packet[1..]);
        frame
    });
    check_first(&capture, "1+varint");
}

#[test]
fn modbus() {
    let requests = hex(
        "0001 0000 0006 01 03 0000 000a  0002 0000 0006 01 03 0010 0002  0003 0000 0006 02 04 0000 0001
         0004 0000 000b 01 10 0001 0002 04 000a 0102  0005 0000 0006 01 03 0000 000a",
    );
    check_first(&requests, "4+u16be");
}

#[test]
fn mysql() {
    let packets: [&[u8]; 5] = [
        b"\x01\x01",
        b"\x02\x03def\0\0\0\x011\0\x0c\x3f\0\x01\0\0\0\x08\x81\0\0\0\0",
        b"\x03\xfe\0\0\x02\0",
        b"\x04\x011",
        b"\x05\xfe\0\0\x02\0",
    ];
    let capture = framed(&packets, |packet| {
        let len = (packet.len() as u32 - 1).to_le_bytes();
        [&len[..3], packet].concat()
    });
    check_first(&capture, "u24le+1");
}

#[test]
fn dns() {
    let query = |id: u16, name: &str| {
        let labels = name
            .split('.')
            .flat_map(|label| iter::once(label.len() as u8).chain(label.bytes()));
        let header = hex("0100 0001 0000 0000 0000");
        let mut query = [&id.to_be_bytes()[..], &header].concat();
        query.extend(labels.chain(hex("00 0001 0001")));
        query
    };
    let queries = [
        query(0x3a1f, "example.com"),
        query(0x9b02, "www.example.org"),
        query(0x11c8, "example.net"),
        query(0x70b5, "a.example"),
    ];
    let frame = |query: &[u8]| [&(query.len() as u16).to_be_bytes(), query].concat();
    let queries: Vec<&[u8]> = queries.iter().map(Vec::as_slice).collect();
    check_first(&framed(&queries, frame), "u16be");
}

#[test]
fn kafka() {
    let request = |key: u8, version: u8, id: u8, rest: &str| {
        [
            vec![0, key, 0, version, 0, 0, 0, id, 0, 5],
            rest.as_bytes().to_vec(),
        ]
        .concat()
    };
    let requests = [
        request(18, 3, 1, "probe"),
        request(3, 9, 2, "probe\0\0\x06orders\0\x01"),
        request(1, 11, 3, "probe\0\0\0\0\x01\0\x06orders\0\0\0\0\0\0\0\x2a"),
    ];
    let frame = |request: &[u8]| [&(request.len() as u32).to_be_bytes(), request].concat();
    let requests: Vec<&[u8]> = requests.iter().map(Vec::as_slice).collect();
    check_first(&framed(&requests, frame), "u32be");
}

#[test]
fn hl7() {
    let messages: [&[u8]; 2] = [
        b"MSH|^~\\&|LAB|A|HIS|B|202601021530||ORU^R01|1|P|2.5\rPID|1||7||DOE^J\rOBX|1|NM|GLU||5.4\r",
        b"MSH|^~\\&|LAB|A|HIS|B|202601021531||ORU^R01|2|P|2.5\rPID|1||8||ROE^K\r",
    ];
    let capture = framed(&messages, |it| [b"\x0b", it, b"\x1c\x0d"].concat());
    check_first(&capture, "mllp");
}

#[test]
fn redis() {
    check_first(
        b"*2\r\n$3\r\nGET\r\n$4\r\nname\r\n*3\r\n$3\r\nSET\r\n$4\r\nname\r\n$5\r\nvalue\r\n",
        "resp",
    );
    check_first(
        b"+OK\r\n$5\r\nvalue\r\n:12\r\n$-1\r\n*1\r\n$1\r\na\r\n",
        "resp",
    );
}

#[test]
fn amqp_0_9_1() {
    let frames: [(u8, u8, &[u8]); 5] = [
        (
            1,
            0,
            b"\0\x0a\0\x0a\0\x09\0\0\0\0\0\0\0\x05PLAIN\0\0\0\x05en_US",
        ),
        (1, 0, b"\0\x0a\0\x1e\x07\xff\0\x02\0\0\0\x3c"),
        (1, 1, b"\0\x14\0\x0b\0\0\0\0"),
        (1, 1, b"\0\x32\0\x0b\x06orders\0\0\0\0\0\0\0\0"),
        (8, 0, b""),
    ];
    let capture: Vec<u8> = frames
        .iter()
        .flat_map(|(kind, channel, body)| {
            let len = (body.len() as u32).to_be_bytes();
            [&[*kind, 0, *channel][..], &len, body, b"\xce"].concat()
        })
        .collect();
    check_first(&capture, "3+u32be...0xce");
}

#[test]
fn netstrings_and_octet_counting() {
    check_first(b"5:hello,11:hello world,0:,3:abc,", "netstring");
    check_first(
        b"40 <34>1 2026-01-02T15:30:00Z host su - - -37 <13>1 2026-01-02T15:30:01Z host a - b",
        "octet-counting",
    );
}

#[test]
fn language_servers_and_heads() {
    let messages: [&[u8]; 3] = [
        br#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}"#,
        br#"{"jsonrpc":"2.0","method":"initialized","params":{}}"#,
        br#"{"jsonrpc":"2.0","id":2,"method":"shutdown"}"#,
    ];
    let capture = framed(&messages, |message| {
        [
            format!("Content-Length: {}\r\n\r\n", message.len()).as_bytes(),
            message,
        ]
        .concat()
    });
    check_first(&capture, "lsp");
    let sip = b"SIP/2.0 200 OK\r\nCSeq: 1 OPTIONS\r\nContent-Length: 4\r\n\r\nv=0\nSIP/2.0 200 OK\r\nCSeq: 2 \
        OPTIONS\r\nContent-Length: 0\r\n\r\n";
    check_first(sip, "headers");
}

#[test]
fn messagepack() {
    let calls = hex(
        "94 00 01 a3 616464 92 01 02   94 01 01 c0 03   94 00 02 a6 636f6e636174 92 a5 68656c6c6f a3 616263
         94 01 02 c0 a8 68656c6c6f616263   93 02 a4 6c6f6773 91 81 a3 6d7367 a2 6869",
    );
    check_first(&calls, "msgpack");
}

#[test]
fn json() {
    let lines = b"{\"class\":\"TPV\",\"lat\":52.1,\"lon\":13.4}\n{\"class\":\"SKY\",\"satellites\":[]}\n{\"class\":\"TPV\",\"lat\":52.2}\n";
    check_first(lines, "lines");
    check(lines, "json");
    check_first(
        b"{\"id\":1,\"method\":\"echo\",\"params\":[]}{\"id\":1,\"result\":[],\"error\":null}{\"id\":2}",
        "json",
    );
}

#[test]
fn texts() {
    let smtp = b"220 mail.example.com ESMTP\r\n250-mail.example.com\r\n250-SIZE 10240000\r\n250 HELP\r\n221 Bye\r\n";
    check_first(smtp, "crlf");
    assert!(is_text(smtp));
    check_first(b"one line\nand another one\n\nthe last\n", "lines");
    check_first(
        b"{\"version\":\"1.1\",\"host\":\"a\"}\0{\"version\":\"1.1\",\"host\":\"bcd\"}\0",
        "nul",
    );
    check_first(
        b"\x02READY 1\x03\x02WEIGHT 12.50 kg\x03\x02WEIGHT 12.75 kg\x03",
        "stx-etx",
    );
    let fix =
        b"8=FIX.4.2\x019=5\x0135=0\x0110=161\x018=FIX.4.2\x019=12\x0135=1\x01112=aa\x0110=033\x01";
    check(fix, "whole:...0x0131303d+3+0x01");
}

#[test]
fn tls_records() {
    let record = |kind: u8, len: usize| {
        let noise = noise(len as u64).take(len);
        let header = [kind, 3, 3, (len >> 8) as u8, len as u8];
        header.into_iter().chain(noise).collect::<Vec<u8>>()
    };
    let records = [
        record(22, 122),
        record(20, 1),
        record(23, 640),
        record(23, 53),
        record(23, 1200),
    ];
    check_first(&records.concat(), "3+u16be");
}

#[test]
fn stuffing() {
    let packets = hex("4500 0014 0001 0000 4006 dbdc a8 0001 0a00 0001 c0
         4500 001c 0002 0000 4011 dbdd a8 0002 0a00 0002 0035 0008 c0
         4500 0014 0003 0000 4006 dbdc a8 0001 0a00 0001 c0");
    check_first(&packets, "slip");
    let cobs = hex(
        "05 01020304 03 1122 00  03 0102 06 0a0b0c0d0e 02 ff 00  02 01 04 aabbcc 03 1020 00
         07 313233343536 02 01 00",
    );
    check_first(&cobs, "cobs");
    let ppp = hex(
        "7e ff7d23 c021 7d21 7d21 7d20 7d2e 0206 8f1c 7e  7e ff7d23 c021 7d22 7d21 7d20 7d24 8f77 1b 7e
         7e ff7d23 c021 7d29 7d22 7d20 7d28 1122 3344 99 7e",
    );
    check(&ppp, "hdlc");
}

#[test]
fn other_protocols() {
    let ldap = hex(
        "300c 020101 6007 020103 0400 8000   300c 020101 6107 0a0100 0400 0400
         3026 020102 6321 0405 64633d6178 0a0102 0a0100 020100 020100 010100 8702 6f63 3005 0403 6d6169",
    );
    check(&ldap, "ber");
    let tpkt =
        hex("0300 0007 02f080  0300 000b 06e00000000100  0300 0010 02f080 3201000000000008 00");
    check_first(&tpkt, "2+u16be-all");
    check(&tpkt, "0x0300+u16be-all");
    let iec104 = hex(
        "68 04 07000000  68 04 0b000000  68 0e 00000200 64010600 0100 00000014
         68 0e 02000200 64010700 0100 00000014",
    );
    check(&iec104, "0x68+u8");
    let mongodb = [
        b"\x1b\0\0\0\x01\0\0\0\0\0\0\0\xdd\x07\0\0\0\0\0\0hello!!".to_vec(),
        b"\x2d\0\0\0\x02\0\0\0\x01\0\0\0\xdd\x07\0\0\0\0\0\0insert into collection 12".to_vec(),
        b"\x18\0\0\0\x03\0\0\0\0\0\0\0\xdd\x07\0\0\0\0\0\0ping".to_vec(),
    ];
    check_first(&mongodb.concat(), "u32le-inclusive");
    let bencode = b"d2:id1:14:code7:(+ 1 2)2:op4:evaled2:id1:15:value1:3ed2:id1:16:statusl4:doneee";
    check_first(bencode, "bencode");
    let bodies = [
        "08008220000000000000040000000000000001021530000000010301",
        "0200723A448108E08000165413330089600010000000000000123401021531000000021531000102",
        "0210323A40810AC08000000000000000123401021531000000021531000102000012345600",
    ];
    let iso8583 = bodies.map(|body| format!("{:04}{body}", body.len()));
    check(iso8583.concat().as_bytes(), "ascii4");
}

#[test]
fn noise_and_too_few_bytes_are_raw() {
    for len in [1, 2, 10, 60, 100, 300, 1000, 3000, 10_000] {
        for seed in 0..4 {
            let noise: Vec<u8> = noise(seed).take(len).collect();
            let guesses = guess(&noise, 5);
            assert_eq!(
                guesses[0].framing,
                Framing::Raw,
                "{len}: {:?}",
                names(&guesses)
            );
            assert!(guesses.len() <= 5);
        }
    }
    for short in [&b"\x05"[..], b"\0\0\0\x05hello", &[0; 4], b"\x16\x03\x01"] {
        let guesses = guess(short, 5);
        assert!(
            guesses.iter().all(|it| it.evidence < Evidence::Strong),
            "{guesses:?}"
        );
    }
    assert_eq!(guess(b"\x05", 5)[0].framing, Framing::Raw);
    assert_eq!(guess(b"", 5), []);
}

#[test]
fn capture_may_end_inside_a_frame_and_be_long() {
    let mut capture = b"\0\0\0\x0bhello world".repeat(20_000);
    let guesses = guess(&capture, 3);
    assert_eq!(
        guesses[0].framing.to_string(),
        "u32be",
        "{:?}",
        names(&guesses)
    );
    assert_eq!(guesses[0].evidence, Evidence::Strong);
    capture.truncate(15 * 40 + 9);
    let guesses = guess(&capture, 3);
    assert_eq!(
        guesses[0].framing.to_string(),
        "u32be",
        "{:?}",
        names(&guesses)
    );
    assert_eq!((guesses[0].frames, guesses[0].complete), (40, false));
    for same in [0, 0x20, 0xff] {
        guess(&vec![same; 100_000], 3);
    }
}
