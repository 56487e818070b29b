//! Cutting of a capture into frames, for showing.

use bytes::BytesMut;
use protocol::{CutError, CutFrame, Cutter, Framing};

/// Longest message, in bytes: a capture is shorter, so only its lengths are judged by it.
pub const MAX_LEN: usize = 64 << 20;

/// Capture that was cut into frames.
#[derive(Debug, PartialEq, Eq)]
pub struct Cut {
    /// First frames, at most as many as were asked for.
    pub frames: Vec<CutFrame>,
    /// Number of all frames.
    pub count: usize,
    /// Error after the last frame, broken or incomplete; `None` if all of the capture is frames.
    pub error: Option<CutError>,
}

/// Cuts `capture` by `framing`, and keeps at most `kept` frames.
pub fn cut(framing: Framing, capture: &[u8], kept: usize) -> Cut {
    let mut cutter = Cutter::new(framing, None, MAX_LEN);
    let (mut buffer, mut frames) = (BytesMut::from(capture), Vec::new());
    let error = loop {
        let next = match cutter.next(&mut buffer) {
            Ok(None) => cutter.finish(&buffer).inspect(|_| buffer.clear()),
            next => next,
        };
        match next {
            Ok(Some(frame)) if frames.len() < kept => frames.push(frame),
            Ok(Some(_)) => {}
            Ok(None) => break None,
            Err(error) => break Some(error),
        }
    };
    Cut {
        frames,
        count: cutter.count() as usize,
        error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::FrameError;

    const POSTGRES: &[u8] = b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I";

    fn framing(notation: &str) -> Framing {
        notation.parse().unwrap()
    }

    #[test]
    fn whole_frames_have_their_offsets_and_messages() {
        let cut = cut(framing("1+u32be-inclusive"), POSTGRES, 10);
        let frames = cut.frames.iter();
        let frames: Vec<_> = frames.map(|it| (it.offset, &*it.message)).collect();
        assert_eq!(frames, [(0, &b"R\0\0\0\0"[..]), (9, b"ZI")]);
        assert_eq!((cut.count, cut.error), (2, None));
    }

    #[test]
    fn an_incomplete_and_a_broken_frame_are_told() {
        let incomplete = cut(framing("1+u32be-inclusive"), &POSTGRES[..14], 10);
        let error = incomplete.error.unwrap();
        assert_eq!((incomplete.count, error.offset, error.number), (1, 9, 2));
        assert!(matches!(error.source, FrameError::Truncated { .. }));
        let broken = cut(framing("0x52+u32be-inclusive"), POSTGRES, 10);
        let error = broken.error.unwrap();
        assert_eq!((broken.count, error.offset), (1, 9));
        assert!(matches!(error.source, FrameError::FixedByte { .. }));
    }

    #[test]
    fn all_frames_are_counted_and_the_first_are_kept() {
        let cut = cut(framing("lines"), &b"x\n".repeat(500), 3);
        assert_eq!((cut.frames.len(), cut.count), (3, 500));
    }

    #[test]
    fn a_json_number_ends_with_the_capture() {
        let cut = cut(framing("json"), b"[1]\n23", 10);
        assert_eq!((cut.count, cut.error), (2, None));
        assert_eq!(cut.frames[1].message, "23");
    }
}
