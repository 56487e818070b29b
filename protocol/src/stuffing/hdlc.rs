//! HDLC-like framing (RFC 1662, section 4): flags around frames, and an escape byte before
//! bytes with bit 5 inverted.

use super::escaping::Escaping;
use crate::error::FrameError;
use crate::layout::Layout;
use crate::scan::Scan;
use crate::text_hint::TextHint;

const FLAG: u8 = 0x7e;
/// Bit that an escape inverts.
const BIT: u8 = 0x20;

/// Escape sequences of HDLC-like framing. Any byte may be escaped, but for a flag: it would
/// abort the frame. The RFC lets a receiver discard such a frame; it is an error here, as
/// nothing that was received is dropped silently.
pub(super) const ESCAPING: Escaping = Escaping {
    end: FLAG,
    escape: 0x7d,
    decoded: |second| (second != FLAG).then_some(second ^ BIT),
    encoded: |byte| byte ^ BIT,
};

/// Finds the frame at the front of `src`. Its first flag is a part of it, unless that was
/// [skipped](super::Stuffing::skip) or ended the frame before.
pub(super) fn layout(
    src: &[u8],
    max: usize,
    scan: &mut Scan,
) -> Result<Option<Layout>, FrameError> {
    match src.first() {
        Some(&found) if found != FLAG && !scan.begun => Err(FrameError::FixedByte {
            at: 0,
            found,
            expected: FLAG,
            text: TextHint::of_frame(src),
        }),
        first => ESCAPING.layout(src, usize::from(first == Some(&FLAG)), max, scan),
    }
}
