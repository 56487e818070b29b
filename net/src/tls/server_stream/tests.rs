use rustls::crypto::ring::default_provider;
use rustls::pki_types::PrivateKeyDer;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::*;

const LENGTHS: [usize; 7] = [1, 100, 5_000, RECORD_LEN, 65_536, 65_537, 300_000];

type Client = TlsStream<DuplexStream>;
type Server = Box<ServerStream<DuplexStream>>;

/// A client and a server after the handshake, joined by a pipe of `capacity` bytes each way.
async fn connected(
    capacity: usize,
    version: &'static SupportedProtocolVersion,
) -> (Client, Server) {
    let generated = rcgen::generate_simple_self_signed(["localhost".into()]).unwrap();
    let (certificate, key) = (generated.cert.der().clone(), generated.signing_key);
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let provider = Arc::new(default_provider());
    let server = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let client = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let (to_server, to_client) = duplex(capacity);
    let connector = TlsConnector::from(Arc::new(client));
    let (client, server) = tokio::join!(
        connector.connect("localhost".try_into().unwrap(), to_server),
        ServerStream::accept(to_client, Arc::new(server)),
    );
    (client.unwrap(), server.unwrap())
}

fn message(len: usize) -> Vec<u8> {
    (0..len).map(|index| (index % 251) as u8).collect()
}

/// Echoes until the client ends, by reads of `read_len` bytes, in parts of different lengths.
async fn echo(server: &mut Server, read_len: usize) {
    let mut bytes = vec![0; read_len];
    loop {
        let len = server.read(&mut bytes).await.unwrap();
        if len == 0 {
            return;
        }
        let mut rest = &bytes[..len];
        while !rest.is_empty() {
            let (head, tail) = rest.split_at(rest.len().min(14));
            let (long, short) = tail.split_at(tail.len().saturating_sub(7));
            let parts = [head, long, &[], short].map(IoSlice::new);
            let taken = server.write_vectored(&parts).await.unwrap();
            rest = &rest[taken..];
        }
        server.flush().await.unwrap();
    }
}

#[tokio::test]
async fn messages_of_any_length_pass_in_both_versions() {
    for version in [&TLS12, &TLS13] {
        for (capacity, read_len) in [(1 << 20, 200_000), (1_000, 3_000), (40_000, 65_536)] {
            let (mut client, mut server) = connected(capacity, version).await;
            let talk = async {
                for len in LENGTHS {
                    let sent = message(len);
                    let (mut read, mut write) = tokio::io::split(&mut client);
                    let mut received = vec![0; len];
                    let send = async {
                        write.write_all(&sent).await.unwrap();
                        write.flush().await.unwrap();
                    };
                    let (_, result) = tokio::join!(send, read.read_exact(&mut received));
                    result.unwrap();
                    assert!(received == sent, "{len} bytes through {capacity}");
                }
                client.shutdown().await.unwrap();
            };
            tokio::join!(talk, echo(&mut server, read_len));
            let kept = [&server.unread, &server.unsent, &server.plaintext];
            assert_eq!(kept.map(Vec::capacity), [0; 3], "an idle connection");
        }
    }
}

#[tokio::test]
async fn keys_are_updated_in_both_directions() {
    let (mut client, mut server) = connected(1 << 20, &TLS13).await;
    let talk = async {
        for _ in 0..3 {
            client.get_mut().1.refresh_traffic_keys().unwrap();
            client.write_all(b"hello").await.unwrap();
            client.flush().await.unwrap();
            let mut reply = [0; 5];
            client.read_exact(&mut reply).await.unwrap();
            assert_eq!(&reply, b"hello");
        }
        client.shutdown().await.unwrap();
    };
    tokio::join!(talk, echo(&mut server, 100));
}

#[tokio::test]
async fn connection_ends_with_close_notify_in_either_direction() {
    let (mut client, mut server) = connected(1 << 20, &TLS13).await;
    server.write_all(b"last").await.unwrap();
    server.shutdown().await.unwrap();
    assert!(server.write(b"more").await.is_err());
    let mut received = Vec::new();
    client.read_to_end(&mut received).await.unwrap();
    assert_eq!(received, b"last");
    client.write_all(b"heard").await.unwrap();
    client.shutdown().await.unwrap();
    received.clear();
    server.read_to_end(&mut received).await.unwrap();
    assert_eq!(received, b"heard");
}

#[tokio::test]
async fn end_without_close_notify_is_an_error() {
    let (client, mut server) = connected(1 << 20, &TLS13).await;
    drop(client);
    let error = server.read_u8().await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
}

#[tokio::test]
async fn forged_record_is_an_error_and_is_answered_with_an_alert() {
    for split in [5, 25] {
        let (client, mut server) = connected(1 << 20, &TLS13).await;
        let mut raw = client.into_inner().0;
        let record = [&[23, 3, 3, 0, 40][..], &[0; 40]].concat();
        for part in [&record[..split], &record[split..]] {
            raw.write_all(part).await.unwrap();
            tokio::task::yield_now().await;
        }
        for _ in 0..2 {
            let error = server.read_u8().await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        }
        assert!(server.write(b"more").await.is_err());
        server.shutdown().await.unwrap();
        let mut received = Vec::new();
        raw.read_to_end(&mut received).await.unwrap();
        assert_eq!(received[..3], [23, 3, 3]);
    }
}
