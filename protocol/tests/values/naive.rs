//! Naive reader: each format as a recursive grammar over a slice, without limits.

use protocol::ValueFormat;

/// Reason that there is no value.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Incomplete,
    /// Offset of the byte that cannot come next.
    Wrong(usize),
}

type Read<T = ()> = Result<T, Fault>;

/// Returns the length of the value at the front of `src`.
pub(crate) fn end(format: ValueFormat, src: &[u8]) -> Read<usize> {
    let mut reader = Reader { src, at: 0 };
    match format {
        ValueFormat::Json => reader.json(true)?,
        ValueFormat::MessagePack => reader.msgpack()?,
        ValueFormat::Cbor => reader.cbor(None).map(drop)?,
        ValueFormat::Resp => reader.resp()?,
        ValueFormat::Bencode => reader.bencode(false).map(drop)?,
        ValueFormat::Ber => reader.ber(false).map(drop)?,
    }
    Ok(reader.at)
}

struct Reader<'a> {
    src: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Read<u8> {
        self.src.get(self.at).copied().ok_or(Fault::Incomplete)
    }

    fn take(&mut self) -> Read<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Ok(byte)
    }

    /// Takes a byte that `is_right`.
    fn expect(&mut self, is_right: impl Fn(u8) -> bool) -> Read<u8> {
        match self.peek()? {
            byte if is_right(byte) => self.take(),
            _ => Err(Fault::Wrong(self.at)),
        }
    }

    fn literal(&mut self, bytes: &[u8]) -> Read {
        bytes
            .iter()
            .try_for_each(|&right| self.expect(|byte| byte == right).map(drop))
    }

    fn digits(&mut self) -> Read<u64> {
        let mut value = u64::from(self.expect(|byte| byte.is_ascii_digit())? - b'0');
        while self.src.get(self.at).is_some_and(u8::is_ascii_digit) {
            let digit = u64::from(self.take()? - b'0');
            value = value.saturating_mul(10).saturating_add(digit);
        }
        Ok(value)
    }

    fn skip(&mut self, len: u64) -> Read {
        let rest = (self.src.len() - self.at) as u64;
        if len > rest {
            return Err(Fault::Incomplete);
        }
        self.at += len as usize;
        Ok(())
    }

    fn number(&mut self, width: u32) -> Read<u64> {
        (0..width).try_fold(0, |value: u64, _| Ok(value << 8 | u64::from(self.take()?)))
    }

    fn white_space(&mut self) {
        while matches!(self.peek(), Ok(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn json(&mut self, at_top: bool) -> Read {
        match self.peek()? {
            b'"' => self.json_string(),
            b't' => self.literal(b"true"),
            b'f' => self.literal(b"false"),
            b'n' => self.literal(b"null"),
            b'-' | b'0'..=b'9' => self.json_number(at_top),
            b'[' => self.json_items(b']', |reader| reader.json(false)),
            b'{' => self.json_items(b'}', |reader| {
                if reader.peek()? != b'"' {
                    return Err(Fault::Wrong(reader.at));
                }
                reader.json_string()?;
                reader.white_space();
                reader.literal(b":")?;
                reader.white_space();
                reader.json(false)
            }),
            _ => Err(Fault::Wrong(self.at)),
        }
    }

    fn json_items(&mut self, close: u8, item: impl Fn(&mut Self) -> Read) -> Read {
        self.take()?;
        self.white_space();
        if self.peek()? == close {
            return self.take().map(drop);
        }
        loop {
            item(self)?;
            self.white_space();
            if self.expect(|byte| byte == b',' || byte == close)? == close {
                return Ok(());
            }
            self.white_space();
        }
    }

    fn json_string(&mut self) -> Read {
        self.take()?;
        loop {
            match self.expect(|byte| byte >= b' ')? {
                b'"' => return Ok(()),
                b'\\' => {
                    let escape = self.expect(|byte| b"\"\\/bfnrtu".contains(&byte))?;
                    let digits = if escape == b'u' { 4 } else { 0 };
                    for _ in 0..digits {
                        self.expect(|byte| byte.is_ascii_hexdigit())?;
                    }
                }
                _ => {}
            }
        }
    }

    fn json_number(&mut self, at_top: bool) -> Read {
        if self.peek()? == b'-' {
            self.take()?;
        }
        match self.peek()? {
            b'0' => self.at += 1,
            _ => drop(self.digits()?),
        }
        if self.peek() == Ok(b'.') {
            self.take()?;
            self.digits()?;
        }
        if let Ok(b'e' | b'E') = self.peek() {
            self.take()?;
            if let b'+' | b'-' = self.peek()? {
                self.take()?;
            }
            self.digits()?;
        }
        match self.peek() {
            Ok(byte) if at_top && !b" \t\r\n\"[{".contains(&byte) => Err(Fault::Wrong(self.at)),
            _ => Ok(()),
        }
    }

    fn msgpack(&mut self) -> Read {
        let begin = self.at;
        let first = self.take()?;
        let values = match first {
            0x80..=0x8f => 2 * u64::from(first - 0x80),
            0x90..=0x9f => u64::from(first - 0x90),
            0xa0..=0xbf => return self.skip((first - 0xa0).into()),
            0x00..=0x7f | 0xe0..=0xff | 0xc0 | 0xc2 | 0xc3 => 0,
            0xc1 => return Err(Fault::Wrong(begin)),
            0xc4 | 0xd9 => return self.number(1).and_then(|len| self.skip(len)),
            0xc5 | 0xda => return self.number(2).and_then(|len| self.skip(len)),
            0xc6 | 0xdb => return self.number(4).and_then(|len| self.skip(len)),
            0xc7 => return self.number(1).and_then(|len| self.skip(len + 1)),
            0xc8 => return self.number(2).and_then(|len| self.skip(len + 1)),
            0xc9 => return self.number(4).and_then(|len| self.skip(len + 1)),
            0xcc | 0xd0 => return self.skip(1),
            0xcd | 0xd1 | 0xd4 => return self.skip(2),
            0xca | 0xce | 0xd2 => return self.skip(4),
            0xcb | 0xcf | 0xd3 => return self.skip(8),
            0xd5 => return self.skip(3),
            0xd6 => return self.skip(5),
            0xd7 => return self.skip(9),
            0xd8 => return self.skip(17),
            0xdc => self.number(2)?,
            0xdd => self.number(4)?,
            0xde => 2 * self.number(2)?,
            0xdf => 2 * self.number(4)?,
        };
        (0..values).try_for_each(|_| self.msgpack())
    }

    /// Reads an item, a chunk of a string if `chunk` is its major type; returns true if it
    /// was a break, which only levels without a count take.
    fn cbor(&mut self, level: Option<u8>) -> Read<bool> {
        let begin = self.at;
        let wrong = Err(Fault::Wrong(begin));
        let first = self.take()?;
        let (major, info) = (first >> 5, first & 31);
        if first == 0xff {
            return if level.is_some() { Ok(true) } else { wrong };
        }
        if matches!(level, Some(2 | 3)) && (level != Some(major) || info == 31) {
            return wrong;
        }
        let argument = match info {
            0..=23 => info.into(),
            24..=27 => self.number(1 << (info - 24))?,
            31 if (2..=5).contains(&major) => {
                while !self.cbor(Some(major))? {
                    if major == 5 {
                        self.cbor(None)?;
                    }
                }
                return Ok(false);
            }
            _ => return wrong,
        };
        match major {
            2 | 3 => self.skip(argument)?,
            4 => (0..argument).try_for_each(|_| self.cbor(None).map(drop))?,
            5 => (0..argument).try_for_each(|_| {
                self.cbor(None)?;
                self.cbor(None).map(drop)
            })?,
            6 => drop(self.cbor(None)?),
            7 if info == 24 && argument < 32 => return Err(Fault::Wrong(begin + 1)),
            _ => {}
        }
        Ok(false)
    }

    fn resp(&mut self) -> Read {
        let kind = self.expect(|byte| b"+-:$*_#,(!=%~>|".contains(&byte))?;
        match kind {
            b'+' | b'-' => {
                while !matches!(self.peek()?, b'\r' | b'\n') {
                    self.take()?;
                }
            }
            b':' | b'(' => {
                if let b'+' | b'-' = self.peek()? {
                    self.take()?;
                }
                self.digits()?;
            }
            b',' => {
                while self.peek()? != b'\r' {
                    self.expect(|byte| b"0123456789+-.eEinfa".contains(&byte))?;
                }
            }
            b'#' => drop(self.expect(|byte| byte == b't' || byte == b'f')?),
            b'$' | b'*' if self.peek()? == b'-' => self.literal(b"-1")?,
            b'_' => {}
            _ => {
                let count = self.digits()?;
                self.literal(b"\r\n")?;
                return match kind {
                    b'$' | b'!' | b'=' => self.skip(count).and_then(|()| self.literal(b"\r\n")),
                    b'%' => (0..2 * count).try_for_each(|_| self.resp()),
                    b'|' => (0..=2 * count).try_for_each(|_| self.resp()),
                    _ => (0..count).try_for_each(|_| self.resp()),
                };
            }
        }
        self.literal(b"\r\n")
    }

    /// Reads a value; returns true if it was the end of a list.
    fn bencode(&mut self, in_list: bool) -> Read<bool> {
        match self.peek()? {
            b'0'..=b'9' => self.bencode_string()?,
            b'e' if in_list => {
                self.take()?;
                return Ok(true);
            }
            b'i' => {
                self.take()?;
                if self.peek()? == b'-' {
                    self.take()?;
                }
                self.digits()?;
                self.literal(b"e")?;
            }
            b'l' => {
                self.take()?;
                while !self.bencode(true)? {}
            }
            b'd' => {
                self.take()?;
                while self.peek()? != b'e' {
                    self.bencode_string()?;
                    self.bencode(false)?;
                }
                self.take()?;
            }
            _ => return Err(Fault::Wrong(self.at)),
        }
        Ok(false)
    }

    fn bencode_string(&mut self) -> Read {
        let len = self.digits()?;
        self.literal(b":")?;
        self.skip(len)
    }

    /// Reads an element; returns true if it was an end-of-contents.
    fn ber(&mut self, in_indefinite: bool) -> Read<bool> {
        let tag = self.expect(|tag| tag != 0 || in_indefinite)?;
        if tag == 0 {
            return self.literal(&[0]).map(|()| true);
        }
        if tag & 0x1f == 0x1f {
            let mut rest = self.expect(|byte| byte != 0x80)?;
            for _ in 1..9 {
                if rest & 0x80 != 0 {
                    rest = self.take()?;
                }
            }
            if rest & 0x80 != 0 {
                self.peek()?;
                return Err(Fault::Wrong(self.at));
            }
        }
        let constructed = tag & 0x20 != 0;
        let is_right = |byte| byte <= 0x88 && (byte != 0x80 || constructed);
        match self.expect(is_right)? {
            0x80 => while !self.ber(true)? {},
            len @ 0..0x80 => self.skip(len.into())?,
            width => {
                let len = self.number(u32::from(width) - 0x80)?;
                self.skip(len)?;
            }
        }
        Ok(false)
    }
}
