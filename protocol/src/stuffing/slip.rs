//! SLIP (RFC 1055): END after each frame, ESC before the replacements of both.

use super::escaping::Escaping;

const END: u8 = 0xc0;
const ESC: u8 = 0xdb;
/// Second bytes of the sequences for END and ESC.
const ESC_END: u8 = 0xdc;
const ESC_ESC: u8 = 0xdd;

/// Escape sequences of SLIP. The RFC leaves others open; they are errors here, as their
/// meaning is unknown.
pub(super) const ESCAPING: Escaping = Escaping {
    end: END,
    escape: ESC,
    decoded: |second| match second {
        ESC_END => Some(END),
        ESC_ESC => Some(ESC),
        _ => None,
    },
    encoded: |byte| match byte {
        END => ESC_END,
        _ => ESC_ESC,
    },
};
