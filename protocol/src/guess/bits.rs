//! Information in bits, in fixed point: the page would need kilobytes for logarithms of
//! floating-point numbers.

/// Information, in sixteenths of a bit.
pub(super) type Bits = i32;

/// One bit.
pub(super) const BIT: Bits = 16;

/// Returns the binary logarithm of `value`, at least 1, to a tenth of a bit.
pub(super) const fn log2(value: u32) -> Bits {
    let exponent = value.ilog2();
    let mantissa = (value << (31 - exponent)) >> 27 & 0xf;
    (exponent * 16 + mantissa) as Bits
}
