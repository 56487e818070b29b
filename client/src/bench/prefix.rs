//! Detection of the prefix that a service puts before the payload in its replies.

use bytes::{Bytes, BytesMut};
use net::timer::timeout_opt;
use protocol::{Framings, MessageKind};
use tokio::try_join;

use crate::bench::args::BenchArgs;
use crate::bench::error::BenchError;
use crate::bench::opening::first_message;
use crate::bench::replies::Mismatch;
use crate::bench::sized;
use crate::connect::Connector;
use crate::connection::Connection;
use crate::connection_error::ConnectionError;

/// Sends one message on a connection of its own, and returns the prefix of its reply.
///
/// # Errors
/// [`BenchError`] if the reply does not end with the payload, or has not the prefix of `args`.
pub(super) async fn detect_prefix(
    connector: &Connector,
    args: &BenchArgs,
) -> Result<Bytes, BenchError> {
    let max_len = Some(args.max_reply());
    let format = args.connect.wire_format(Framings::default(), max_len);
    let framings = format.framings.clone();
    let mut connection = Connection::open(connector, format).await?;
    let sent = sized::message(args.framing(), 0, args.size.0)?;
    let opening = match framings.first_sent.is_some() || framings.first_received.is_some() {
        true => Some(first_message(framings.sent(0), args.size.0)?),
        false => None,
    };
    let limit = args.connect.timeout.get();
    let exchange = async {
        if let Some(message) = opening {
            exchange(&mut connection, message, false).await?;
        }
        exchange(&mut connection, sent.clone(), args.is_raw()).await
    };
    let reply = match timeout_opt(limit, exchange).await {
        Some(reply) => reply.map_err(|error| BenchError::FirstReply(error.to_string()))?,
        None => {
            return Err(BenchError::Stalled {
                limit: limit.unwrap_or_default(),
                answered: 0,
                waiting: 1,
            });
        }
    };
    let closed = connection.close(false, limit).await;
    closed.map_err(|error| BenchError::End(error.to_string()))?;
    let given = args.prefix.as_ref().map(String::as_bytes);
    match reply.strip_suffix(&sent[..]) {
        Some(prefix) if given.is_none_or(|given| given == prefix) => Ok(reply.slice_ref(prefix)),
        _ => {
            let expected = [given.unwrap_or_default(), &sent].concat();
            let mismatch = Mismatch::new(&expected, &reply, Some(reply.len()));
            let note = given.map_or(", after any prefix", |_| "");
            Err(BenchError::FirstReply(format!("{mismatch}{note}")))
        }
    }
}

/// Sends `payload`, and returns its reply, which may begin before all is sent.
async fn exchange(
    connection: &mut Connection,
    payload: Bytes,
    is_raw: bool,
) -> Result<Bytes, ConnectionError> {
    let len = payload.len();
    let (sender, receiver) = (&mut connection.sender, &mut connection.receiver);
    let receiving = async {
        let mut reply = BytesMut::from(receiver.receive().await?.payload);
        // With framing raw, a reply arrives in chunks.
        while is_raw && reply.len() < len {
            reply.extend_from_slice(&receiver.receive().await?.payload);
        }
        Ok(reply.freeze())
    };
    let ((), reply) = try_join!(sender.send(payload, MessageKind::Binary), receiving)?;
    Ok(reply)
}
