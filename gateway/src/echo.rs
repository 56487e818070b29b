//! The echo service: each frame is answered by a frame of its payload behind a prefix.

use std::io;
use std::pin::pin;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use humantime::format_duration;
use protocol::{Decoder, Encoder, FrameError, Framing};
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::{info, trace, warn};

use crate::Config;
use crate::drain::{last_call, linger};
use crate::listener::reason;
use crate::liveness::Silence;

/// How much is read at once, in bytes: a few thousand short frames, or a sixteenth of
/// the longest, for one read and one write.
const READ_CHUNK: usize = 64 * 1024;

/// What the echo service answers, the same for all of its connections.
#[derive(Debug, Clone)]
pub(crate) struct Echo {
    prefix: Bytes,
    decoder: Decoder,
    framing: Framing,
    idle_timeout: Option<Duration>,
}

/// Why a connection ended other than by the client's wish.
#[derive(Debug, Error)]
enum EchoError {
    #[error(transparent)]
    Frame(#[from] FrameError),
    #[error("connection lost: {}", reason(.0))]
    Io(#[from] io::Error),
    #[error("nothing received for {}", format_duration(*.0))]
    Silent(Duration),
    #[error("no reply taken for {}", format_duration(*.0))]
    Stalled(Duration),
}

impl Echo {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            prefix: config.prefix.clone().into(),
            decoder: Decoder::new(config.framing, config.limits.max_frame),
            framing: config.framing,
            idle_timeout: config.limits.idle_timeout,
        }
    }

    /// Answers the client until it ends its side, or until `stop` is set and what it had
    /// sent by then is answered.
    pub(crate) async fn serve(
        self,
        mut stream: impl AsyncRead + AsyncWrite + Unpin,
        stop: CancellationToken,
    ) {
        info!("connected");
        let mut frames = 0;
        let answered = self.answer_all(&mut stream, &stop, &mut frames).await;
        match answered {
            Ok(()) => info!(frames, "disconnected"),
            Err(error) => warn!(frames, %error, "disconnected"),
        }
        linger(&mut stream).await;
    }

    /// One read, then one write of every reply to it: a client that does not read its
    /// replies is not read from either.
    async fn answer_all(
        &self,
        stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
        stop: &CancellationToken,
        frames: &mut u64,
    ) -> Result<(), EchoError> {
        let mut input = BytesMut::new();
        let mut output = Encoder::new(self.framing);
        let mut stopped = pin!(last_call(stop));
        let mut silence = Silence::new(self.idle_timeout);
        loop {
            input.reserve(READ_CHUNK);
            let count = tokio::select! {
                biased;
                count = stream.read_buf(&mut input) => count?,
                () = &mut stopped => return Ok(()),
                lasted = silence.over() => return Err(EchoError::Silent(lasted)),
            };
            silence.broken();
            if count == 0 {
                return Ok(self.decoder.finish(&input)?);
            }
            let replied = self.reply(&mut input, &mut output, frames);
            // Also before an error: the frames in front of a bad one are owed replies.
            self.write(stream, &mut output).await?;
            replied?;
        }
    }

    async fn write(
        &self,
        stream: &mut (impl AsyncWrite + Unpin),
        output: &mut Encoder,
    ) -> Result<(), EchoError> {
        while output.has_remaining() {
            let written = stream.write_buf(output);
            match self.idle_timeout {
                Some(limit) => {
                    let written = timeout(limit, written).await;
                    written.map_err(|_| EchoError::Stalled(limit))??
                }
                None => written.await?,
            };
        }
        Ok(())
    }

    /// Moves the frames that `input` begins with into `output`, as their replies.
    fn reply(
        &self,
        input: &mut BytesMut,
        output: &mut Encoder,
        frames: &mut u64,
    ) -> Result<(), FrameError> {
        while let Some(payload) = self.decoder.split_payload(input)? {
            trace!(payload = %payload.escape_ascii(), "received");
            *frames += 1;
            output.push([self.prefix.clone(), payload])?;
        }
        Ok(())
    }
}
