//! Scenarios `resume` and `resume-nginx`: clients of resumable sessions come back through a
//! balancer, which sends each to the gateway that keeps its session.

use std::path::Path;
use std::time::{Duration, Instant};

use client::resumable::{ConnectionError, MessageKind, Session, SessionOptions};
use futures_util::future::{join_all, try_join_all};
use nix::sys::signal::Signal;

use crate::deployment::Deployment;
use crate::gateway::Gateway;
use crate::nginx_deployment::NginxDeployment;
use crate::outcome::seconds;
use crate::report::Report;
use crate::{Failure, wait_until};

/// Sessions at all gateways together.
const SESSIONS: usize = 30;

/// Times that all connections are cut.
const CUTS: usize = 5;

/// Messages of each session after each cut.
const MESSAGES: usize = 20;

/// Time limit for all clients to come back, or to notice that their session is lost.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Three gateways behind a balancer.
trait Balanced {
    /// The URL of the bridge, and how to connect to it.
    fn target(&self) -> (String, SessionOptions);

    /// Cuts all connections of clients.
    async fn cut(&mut self) -> Result<(), Failure>;

    /// The gateways that run.
    fn running(&self) -> impl Iterator<Item = &Gateway>;

    /// Takes a running gateway out.
    fn take(&mut self, number: usize) -> Result<Gateway, Failure>;
}

impl Balanced for Deployment<'_> {
    fn target(&self) -> (String, SessionOptions) {
        let url = format!("ws://{}/ws", self.haproxy.web());
        (url, SessionOptions::default())
    }

    async fn cut(&mut self) -> Result<(), Failure> {
        self.haproxy.cut_sessions().await
    }

    fn running(&self) -> impl Iterator<Item = &Gateway> {
        Deployment::running(self)
    }

    fn take(&mut self, number: usize) -> Result<Gateway, Failure> {
        Deployment::take(self, number)
    }
}

impl Balanced for NginxDeployment {
    fn target(&self) -> (String, SessionOptions) {
        let options = SessionOptions {
            ca: Some(self.nginx.certificate()),
            ..SessionOptions::default()
        };
        (format!("wss://{}/ws", self.nginx.addr()), options)
    }

    async fn cut(&mut self) -> Result<(), Failure> {
        self.restart_nginx().await
    }

    fn running(&self) -> impl Iterator<Item = &Gateway> {
        self.gateways.iter().flatten()
    }

    fn take(&mut self, number: usize) -> Result<Gateway, Failure> {
        let gateway = self.gateways[number].take();
        gateway.ok_or_else(|| "that gateway does not run".into())
    }
}

/// Behind HAProxy.
pub(crate) async fn run(program: &Path, report: &mut Report) -> Result<(), Failure> {
    let mut deployment = Deployment::start(program).await?;
    check(&mut deployment, report).await?;
    deployment.finish().await?;
    Ok(())
}

/// Behind nginx.
pub(crate) async fn run_behind_nginx(program: &Path, report: &mut Report) -> Result<(), Failure> {
    let mut deployment = NginxDeployment::start(program).await?;
    check(&mut deployment, report).await?;
    deployment.finish().await
}

/// Cuts all connections several times, then kills a gateway.
async fn check(deployment: &mut impl Balanced, report: &mut Report) -> Result<(), Failure> {
    let (url, options) = deployment.target();
    let connect = async |count: usize| {
        let open = |_| Session::connect_with(&url, options.clone());
        try_join_all((0..count).map(open)).await
    };
    let mut sessions = connect(SESSIONS).await?;
    exchange_all(&mut sessions, 0).await?;
    for cut in 1..=CUTS {
        deployment.cut().await?;
        // The count of connections that came back tells that all are.
        let expected = (cut * SESSIONS) as f64;
        wait_until(TIMEOUT, "all clients to be back", async || {
            // A gateway may not have noticed yet that the connection before is lost.
            let resumed = sum(deployment, "framegate_sessions_resumed_total").await?;
            let taken_over = sum(deployment, "framegate_sessions_taken_over_total").await?;
            Ok(resumed + taken_over == expected)
        })
        .await?;
        exchange_all(&mut sessions, cut).await?;
    }
    let messages = SESSIONS * MESSAGES * (CUTS + 1);
    report.figure("messages, none lost or doubled", messages);
    report.check("each client came back to its gateway, each time", true);

    let victim = deployment.take(1)?;
    let expected = victim.metric("framegate_sessions").await? as usize;
    let killed = Instant::now();
    victim.signal(Signal::SIGKILL)?;
    victim.ended().await?;
    // What is sent now may or may not arrive.
    let answers = join_all(
        sessions
            .iter_mut()
            .map(|session| exchange(session, CUTS + 1)),
    )
    .await;
    let lost = answers.iter().filter(|answer| is_lost(answer)).count();
    report.check_equal("lost sessions of the killed gateway", lost, expected);
    report.figure("time until they were told", seconds(killed.elapsed()));
    let others = answers.iter().filter(|answer| answer.is_ok()).count();
    report.check_equal("sessions of the others", others, SESSIONS - expected);
    let mut anew = connect(lost).await?;
    exchange_all(&mut anew, 0).await?;
    report.check("the clients of the killed gateway have new sessions", true);
    Ok(())
}

/// The sum of a metric over all gateways that run.
async fn sum(deployment: &impl Balanced, name: &str) -> Result<f64, Failure> {
    let mut sum = 0.0;
    for gateway in deployment.running() {
        sum += gateway.metric(name).await?;
    }
    Ok(sum)
}

fn is_lost(answer: &Result<(), ConnectionError>) -> bool {
    matches!(answer, Err(ConnectionError::Lost { .. }))
}

async fn exchange_all(sessions: &mut [Session], round: usize) -> Result<(), Failure> {
    let exchanges = sessions.iter_mut().map(|session| exchange(session, round));
    try_join_all(exchanges).await?;
    Ok(())
}

/// Sends messages, and checks that each reply comes once and in order.
async fn exchange(session: &mut Session, round: usize) -> Result<(), ConnectionError> {
    for index in 0..MESSAGES {
        let message = format!("{round}.{index}");
        session.send(MessageKind::Text, message).await?;
    }
    for index in 0..MESSAGES {
        let reply = session.receive().await?;
        assert_eq!(reply.payload, format!("echo : {round}.{index}"));
    }
    Ok(())
}
