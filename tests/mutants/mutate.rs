//! The mutations: of bytes, of lines, of numbers, and of words that mean something somewhere.

/// Words that are put in.
const WORDS: [&str; 46] = [
    "0",
    "-1",
    "1",
    "2",
    "255",
    "256",
    "65535",
    "65536",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551616",
    "1e308",
    "1e-308",
    "0.9999999999999999",
    "nan",
    "inf",
    "-inf",
    "\"0s\"",
    "\"1ms\"",
    "\"99999999w\"",
    "\"\"",
    "[]",
    "{}",
    "true",
    "\n",
    "\r\n",
    "\t",
    ",",
    "\"",
    "'",
    "=",
    "#",
    "..",
    "../../x",
    "\u{1b}[2J",
    "\u{202e}",
    "\0",
    "::error::",
    "compute",
    "2020-01-15T00:00:00Z",
    "{ wait = \"6h\" }",
    "retry",
    "every",
    "|",
];

/// A stream of mutations.
pub struct Mutator {
    state: u64,
}

impl Mutator {
    /// A stream from a seed.
    pub fn new(seed: u64) -> Mutator {
        Mutator {
            state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
        }
    }

    fn word(&mut self) -> u64 {
        // Marsaglia's xorshift64*.
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, n: usize) -> usize {
        if n == 0 { 0 } else { (self.word() >> 33) as usize % n }
    }

    /// The bytes with one to four mutations.
    pub fn mutant(&mut self, right: &[u8]) -> Vec<u8> {
        let mut bytes = right.to_vec();
        for _ in 0..=self.below(4) {
            self.mutate(&mut bytes);
        }
        bytes
    }

    fn mutate(&mut self, bytes: &mut Vec<u8>) {
        let at = self.below(bytes.len() + 1);
        match self.below(10) {
            0 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << self.below(8);
                }
            }
            1 => bytes.truncate(at),
            2 => {
                let end = (at + 1 + self.below(20)).min(bytes.len());
                bytes.drain(at.min(end)..end);
            }
            3 => {
                let end = (at + self.below(200)).min(bytes.len());
                let again = bytes[at..end].to_vec();
                bytes.splice(at..at, again);
            }
            4 => self.insert(bytes, at),
            5 | 6 => self.number(bytes, at),
            7 => self.value(bytes, at),
            _ => self.lines(bytes),
        }
    }

    fn insert(&mut self, bytes: &mut Vec<u8>, at: usize) {
        let word = WORDS[self.below(WORDS.len())];
        bytes.splice(at..at, word.bytes());
    }

    /// Another number in the place of the next one.
    fn number(&mut self, bytes: &mut Vec<u8>, from: usize) {
        let digit = |byte: &u8| byte.is_ascii_digit();
        let Some(start) = bytes[from..].iter().position(digit).map(|at| from + at) else {
            return;
        };
        let end = bytes[start..]
            .iter()
            .position(|byte| !digit(byte))
            .map_or(bytes.len(), |at| start + at);
        let word = WORDS[self.below(19)];
        bytes.splice(start..end, word.bytes());
    }

    /// Another value behind the next equals sign or comma, up to the end of the line or the next comma.
    fn value(&mut self, bytes: &mut Vec<u8>, from: usize) {
        let Some(start) = bytes[from..]
            .iter()
            .position(|byte| matches!(byte, b'=' | b','))
            .map(|at| from + at + 1)
        else {
            return;
        };
        let end = bytes[start..]
            .iter()
            .position(|byte| matches!(byte, b'\n' | b',' | b'}'))
            .map_or(bytes.len(), |at| start + at);
        let word = WORDS[self.below(WORDS.len())];
        bytes.splice(start..end, word.bytes());
    }

    /// A line is left out, doubled, or moved.
    fn lines(&mut self, bytes: &mut Vec<u8>) {
        let mut lines: Vec<Vec<u8>> = bytes
            .split_inclusive(|byte| *byte == b'\n')
            .map(<[u8]>::to_vec)
            .collect();
        if lines.is_empty() {
            return;
        }
        let at = self.below(lines.len());
        let line = lines[at].clone();
        match self.below(3) {
            0 => _ = lines.remove(at),
            1 => lines.insert(at, line),
            _ => {
                lines.remove(at);
                let to = self.below(lines.len() + 1);
                lines.insert(to, line);
            }
        }
        *bytes = lines.concat();
    }
}
