//! Scenario `links`: the network between a gateway, its clients and its upstreams fails.

use std::path::Path;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::gateway::{Addrs, Gateway};
use crate::network::{CLIENTS, Link, Network, SERVICES};
use crate::report::Report;
use crate::{Failure, wait_until};

/// Rate of the slow link and of the slow reader, in bytes a second.
const SLOW: u32 = 300_000;

/// A long message: at that rate, it takes eight times the idle timeout.
const LONG: usize = 12_000_000;

/// The time limit for what takes a few time limits of the gateway.
const TIMEOUT: Duration = Duration::from_secs(30);

type Socket = WebSocketStream<TcpStream>;

pub(crate) async fn run(program: &Path, report: &mut Report) -> Result<(), Failure> {
    let Some(network) = Network::new_if_root(report).await? else {
        return Ok(());
    };
    dead_client(&network, program, report).await?;
    dead_upstream(&network, program, report).await?;
    slow_clients(&network, program, report).await
}

/// A client's link goes dead, for a moment and for good.
async fn dead_client(
    network: &Network,
    program: &Path,
    report: &mut Report,
) -> Result<(), Failure> {
    let args = ["--ping-interval=1s", "--ping-timeout=3s"];
    let gateway = start(network, program, &args).await?;
    let mut client = open(CLIENTS, &gateway, "ws").await?;
    network.cut(CLIENTS).await?;
    sleep(Duration::from_secs(2)).await;
    network.restore(CLIENTS).await?;
    report.check(
        "a link that comes back within the ping timeout keeps its session",
        echoes(&mut client).await?,
    );
    network.cut(CLIENTS).await?;
    let since = Instant::now();
    let ended = async || Ok(gateway.metric("framegate_sessions").await? == 0.0);
    wait_until(TIMEOUT, "the dead client's session to end", ended).await?;
    report.check(
        format_args!("a client on a dead link is closed after {}", seconds(since)),
        since.elapsed() < TIMEOUT,
    );
    network.restore(CLIENTS).await?;
    gateway.stop().await?;
    Ok(())
}

/// The upstream's link goes dead while it is idle, and while it owes a reply.
async fn dead_upstream(
    network: &Network,
    program: &Path,
    report: &mut Report,
) -> Result<(), Failure> {
    let (service, gateway) = start_with_service(network, program, "--idle-timeout=6s").await?;
    for (state, asks) in [("idle", false), ("asked", true)] {
        let mut client = open(CLIENTS, &gateway, "ws/service").await?;
        let (_connection, _) = service.accept().await?;
        network.cut(SERVICES).await?;
        let since = Instant::now();
        if asks {
            client.send(Message::text("hello")).await?;
        }
        // Reading answers the pings.
        let close = timeout(TIMEOUT, async {
            loop {
                match client.next().await {
                    Some(Ok(Message::Close(close))) => break close,
                    Some(Ok(_)) => {}
                    _ => break None,
                }
            }
        });
        let reason = close.await?.map(|close| close.reason.to_string());
        report.figure(
            &format!("an {state} upstream on a dead link was noticed after"),
            seconds(since),
        );
        report.check(
            format_args!("an {state} upstream on a dead link ends the session: {reason:?}"),
            reason
                .as_deref()
                .is_some_and(|it| it.starts_with("upstream connection lost")),
        );
        network.restore(SERVICES).await?;
    }
    gateway.stop().await?;
    Ok(())
}

/// A long message over a slow link, and to a client that reads slowly.
async fn slow_clients(
    network: &Network,
    program: &Path,
    report: &mut Report,
) -> Result<(), Failure> {
    let (service, gateway) = start_with_service(network, program, "--idle-timeout=5s").await?;
    let serve = async {
        for _ in 0..2 {
            let (mut connection, _) = service.accept().await?;
            tokio::spawn(async move {
                let _ = connection.write_all(&(LONG as u32).to_le_bytes()).await;
                let _ = connection.write_all(&vec![b'x'; LONG]).await;
                let _ = connection.read(&mut [0]).await;
            });
        }
        Ok::<_, Failure>(())
    };
    network.slow_down(CLIENTS, SLOW).await?;
    let over_slow_link = async {
        let mut client = open(CLIENTS, &gateway, "ws/service").await?;
        receive_long(&mut client).await
    };
    let read_slowly = async {
        let client = open(SERVICES, &gateway, "ws/service").await?;
        read_at(client.into_inner(), SLOW).await
    };
    let (served, link, reader) = tokio::join!(serve, over_slow_link, read_slowly);
    served?;
    report.check(
        "a slow link delivers a message that takes longer than the limits",
        link?,
    );
    report.check(
        "a slow reader gets a message that takes longer than the limits",
        reader?,
    );
    gateway.stop().await?;
    Ok(())
}

/// Starts a gateway at whose path `ws/service` is a service of this namespace.
pub(crate) async fn start_with_service(
    network: &Network,
    program: &Path,
    arg: &str,
) -> Result<(TcpListener, Gateway), Failure> {
    let service = TcpListener::bind((SERVICES.near, 0)).await?;
    let upstream = format!("--upstream=service={}", service.local_addr()?);
    let gateway = start(network, program, &[arg, &upstream]).await?;
    Ok((service, gateway))
}

/// Starts a gateway in the namespace, for clients on both links.
async fn start(network: &Network, program: &Path, args: &[&str]) -> Result<Gateway, Failure> {
    let addrs = Addrs {
        http: ([0, 0, 0, 0], 0).into(),
        tcp: (SERVICES.far, 0).into(),
        admin: (SERVICES.far, 0).into(),
    };
    let args: Vec<_> = args.iter().map(ToString::to_string).collect();
    Gateway::start_by(network.command(program), addrs, &args).await
}

/// Opens a WebSocket over `link`.
async fn open(link: Link, gateway: &Gateway, path: &str) -> Result<Socket, Failure> {
    let addr = (link.far, gateway.addrs.http.port());
    let stream = TcpStream::connect(addr).await?;
    let url = format!("ws://{}:{}/{path}", addr.0, addr.1);
    Ok(client_async(url, stream).await?.0)
}

async fn echoes(client: &mut Socket) -> Result<bool, Failure> {
    client.send(Message::text("hello")).await?;
    loop {
        match timeout(TIMEOUT, client.next()).await?.ok_or("closed")?? {
            Message::Text(text) => return Ok(text.as_str() == "echo : hello"),
            Message::Close(_) => return Ok(false),
            _ => {}
        }
    }
}

async fn receive_long(client: &mut Socket) -> Result<bool, Failure> {
    loop {
        match timeout(4 * TIMEOUT, client.next())
            .await?
            .ok_or("closed")??
        {
            Message::Text(text) => return Ok(text.len() == LONG),
            Message::Close(_) => return Ok(false),
            _ => {}
        }
    }
}

/// Reads a frame of the long message at `rate`; true if all of it came.
async fn read_at(mut stream: TcpStream, rate: u32) -> Result<bool, Failure> {
    const TICKS_PER_SECOND: u32 = 10;
    let mut buffer = vec![0; (rate / TICKS_PER_SECOND) as usize];
    let mut received = 0;
    while received < LONG {
        match timeout(TIMEOUT, stream.read(&mut buffer)).await? {
            Ok(count @ 1..) => received += count,
            _ => return Ok(false),
        }
        sleep(Duration::from_secs(1) / TICKS_PER_SECOND).await;
    }
    Ok(true)
}

pub(crate) fn seconds(since: Instant) -> String {
    format!("{:.1} s", since.elapsed().as_secs_f64())
}
