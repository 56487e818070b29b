//! Protocols and their framings: the table of `docs/protocols.md`, for the picker.

use web_core::language::Language;

/// Group of protocols.
#[derive(Debug)]
pub struct ProtocolGroup {
    english: &'static str,
    japanese: &'static str,
    /// Names of protocols, each with its notation.
    pub protocols: &'static [(&'static str, &'static str)],
}

impl ProtocolGroup {
    /// Returns the group's name.
    pub fn name(&self, t: Language) -> &'static str {
        t.pick(self.english, self.japanese)
    }
}

/// Protocols of a notation, at most so many.
const MAX_NAMES: usize = 3;

/// Returns the names of some protocols that have this notation.
pub fn names_of(notation: &str) -> Vec<&'static str> {
    let protocols = GROUPS.iter().flat_map(|group| group.protocols);
    let names = protocols.filter(|(_, it)| *it == notation);
    names.map(|(name, _)| *name).take(MAX_NAMES).collect()
}

/// Groups of protocols that have a framing, in the order of the document.
#[rustfmt::skip]
pub const GROUPS: &[ProtocolGroup] = &[
    ProtocolGroup {
        english: "Databases and caches",
        japanese: "データベースとキャッシュ",
        protocols: &[
            ("Kafka", "u32be"),
            ("PostgreSQL 3", "1+u32be-inclusive"),
            ("MySQL", "u24le+1"),
            ("MongoDB", "u32le-inclusive"),
            ("Redis, RESP 2 and 3", "resp"),
            ("memcached, text", "crlf"),
            ("memcached, binary", "8+u32be+12"),
            ("Cassandra, v3 and v4", "5+u32be"),
            ("Aerospike", "2+u48be"),
            ("ZooKeeper", "u32be"),
        ],
    },
    ProtocolGroup {
        english: "Messaging",
        japanese: "メッセージング",
        protocols: &[
            ("MQTT 3 and 5", "1+varint"),
            ("AMQP 0-9-1", "whole:3+u32be...0xce"),
            ("AMQP 1.0", "u32be-inclusive"),
            ("STOMP", "nul"),
            ("NATS", "crlf"),
        ],
    },
    ProtocolGroup {
        english: "Calls and serialization",
        japanese: "呼び出しとシリアライズ",
        protocols: &[
            ("gRPC", "1+u32be"),
            ("Thrift, framed", "u32be"),
            ("FlatBuffers, size-prefixed", "u32le"),
            ("Protocol Buffers, delimited", "varint"),
            ("MessagePack: msgpack-rpc, Fluentd, Neovim", "msgpack"),
            ("bencode: nREPL", "bencode"),
            ("netstrings", "netstring"),
            ("JSON lines", "lines"),
            ("JSON values in a row: OVSDB, Ethereum's IPC", "json"),
            ("JSON text sequences", "0x1e...0x0a"),
            ("LSP, DAP", "lsp"),
            ("SIP, FreeSWITCH's event socket, RTSP's text", "headers"),
            ("Go's encoding/gob", "gob"),
            (".NET's BinaryWriter, strings", "varint"),
            ("Erlang's {packet, 1}, 2, 4, line", "u8"),
            ("BER: LDAP, SNMP, Erlang's asn1", "ber"),
            ("GIOP: CORBA", "0x47494f50+4+u32be"),
            ("ONC RPC: NFS", "0x80+u24be"),
            ("Erlang's distribution", "u32be"),
            ("EPMD", "u16be"),
            ("Netty, Spring, Mirror: as often set up", "u32be"),
            ("Chrome's native messaging", "u32le"),
            ("Docker's attach and exec", "whole:4+u32be"),
        ],
    },
    ProtocolGroup {
        english: "Networks",
        japanese: "ネットワーク",
        protocols: &[
            ("DNS", "u16be"),
            ("TLS, its records", "3+u16be"),
            ("Diameter", "1+u24be-all"),
            ("RADIUS over TCP", "2+u16be-all"),
            ("BGP", "0xffffffffffffffffffffffffffffffff+u16be-all"),
            ("OpenFlow", "2+u16be-all"),
            ("syslog, lines", "lines"),
            ("syslog, octet counting", "octet-counting"),
            ("GELF", "nul"),
            ("IRC", "crlf"),
            ("SMTP, FTP, POP3", "crlf"),
        ],
    },
    ProtocolGroup {
        english: "Games and peers",
        japanese: "ゲームと P2P",
        protocols: &[
            ("Minecraft, Java edition", "varint"),
            ("Source RCON", "u32le"),
            ("Bitcoin", "16+u32le+4"),
            ("BitTorrent, peers", "u32be"),
        ],
    },
    ProtocolGroup {
        english: "Industry, medicine, finance",
        japanese: "産業・医療・金融",
        protocols: &[
            ("Modbus/TCP", "4+u16be"),
            ("TPKT: S7, RDP", "0x0300+u16be-all"),
            ("OPC UA", "4+u32le-all"),
            ("IEC 60870-5-104", "0x68+u8"),
            ("HL7 MLLP", "mllp"),
            ("DICOM", "2+u32be"),
            ("ISO 8583, binary length", "u16be"),
            ("ISO 8583, digits", "ascii4"),
            ("SMPP", "u32be-inclusive"),
            ("SoupBinTCP: ITCH, OUCH", "u16be"),
            ("FIX", "whole:...0x0131303d+3+0x01"),
            ("STX, ETX and a check byte", "0x02...0x03+1"),
            ("NMEA 0183", "crlf"),
            ("gpsd", "lines"),
        ],
    },
    ProtocolGroup {
        english: "Serial lines behind TCP",
        japanese: "TCP 経由のシリアル回線",
        protocols: &[
            ("SLIP", "slip"),
            ("COBS", "cobs"),
            ("HDLC-like framing: PPP", "hdlc"),
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The name, and the first notation, of each row of a table that has one.
    fn documented() -> Vec<(String, String)> {
        let document = include_str!("../../../docs/protocols.md");
        let rows = document.lines().filter(|line| line.starts_with("| "));
        let row = |line: &str| {
            let mut cells = line.trim_matches('|').split(" | ");
            let (name, framing) = (cells.next()?.trim(), cells.next()?);
            let notation = framing.split('`').nth(1)?;
            Some((name.replace('`', ""), notation.to_owned()))
        };
        let rows = rows.filter_map(row);
        rows.filter(|(name, _)| name != "protocol").collect()
    }

    #[test]
    fn the_table_is_that_of_the_document_and_every_notation_is_a_framing() {
        let protocols = GROUPS.iter().flat_map(|group| group.protocols);
        let protocols = protocols.map(|&(name, notation)| (name.to_owned(), notation.to_owned()));
        assert_eq!(protocols.collect::<Vec<_>>(), documented());
        for (name, notation) in documented() {
            assert!(
                notation.parse::<protocol::Framing>().is_ok(),
                "{name}: {notation}"
            );
        }
    }

    #[test]
    fn a_notation_has_the_names_of_its_protocols() {
        assert_eq!(names_of("1+u32be-inclusive"), ["PostgreSQL 3"]);
        assert_eq!(names_of("u32be").len(), MAX_NAMES);
        assert!(names_of("u40le").is_empty());
    }
}
