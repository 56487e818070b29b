//! Masking (RFC 6455, section 5.3).

/// Masking key of a frame, rotated to the next byte of its payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mask([u8; 4]);

impl Mask {
    pub(super) fn new(key: [u8; 4]) -> Self {
        Self(key)
    }

    /// Unmasks `bytes`, and rotates the key past them.
    #[inline]
    pub(super) fn apply(&mut self, bytes: &mut [u8]) {
        let [a, b, c, d] = self.0;
        let word = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
        let (words, rest) = bytes.as_chunks_mut();
        for chunk in words {
            *chunk = (u64::from_ne_bytes(*chunk) ^ word).to_ne_bytes();
        }
        for (byte, key) in rest.iter_mut().zip(self.0.iter().cycle()) {
            *byte ^= key;
        }
        let past = 8 * (bytes.len() % 4) as u32;
        self.0 = u32::from_le_bytes(self.0).rotate_right(past).to_le_bytes();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mask_applies_to_payload_cut_anywhere() {
        let key = [0x37, 0xfa, 0x21, 0x3d];
        let plain: Vec<u8> = (0..50).collect();
        let masked: Vec<u8> = plain
            .iter()
            .zip(key.iter().cycle())
            .map(|(b, k)| b ^ k)
            .collect();
        for cut in 0..=masked.len() {
            let mut bytes = masked.clone();
            let (start, end) = bytes.split_at_mut(cut);
            let mut mask = Mask::new(key);
            mask.apply(start);
            mask.apply(end);
            assert_eq!(bytes, plain, "cut at {cut}");
        }
    }
}
