//! Documents for the oracle: valid, hostile and damaged ones, made from a seed.

/// A small generator of pseudo-random numbers (SplitMix64), so that a seed names its documents.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Random(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }
}

const MARKS: &[u8] = b"{}[],:\"\\'0-.eE+tfnu/ \t\n\r\0";
#[rustfmt::skip]
const NUMBERS: &[&str] = &[
    "0", "-0", "1", "-1", "10", "1.5", "-0.0", "1e999", "-1e999", "1E+2", "1e-400", "5e-324", "2.5e-324",
    "2.4703282292062328e-324", "1.7976931348623157e308", "1.7976931348623159e308", "0.1",
    "123456789012345678901234567890", "9007199254740993", "2147483648", "-2147483649", "4294967296",
    "0.30000000000000004", "1e23", "8.41e21", "2.2250738585072011e-308", "9223372036854775807",
    "18446744073709551616", "1e00001", "0e0", "0E-0", "-0e5",
    "1.00000000000000000000000000000000000000000000000000000000000000001", "1e99999999999999999999",
    "0.000000000000000000000000000000000000000000000000000000000000000000001e70",
];
#[rustfmt::skip]
const BAD_NUMBERS: &[&str] = &[
    "01", "-01", "00", "1.", ".5", "-.5", "+1", "-", "1e", "1e+", "1.e5", "--1", "0x10", "1_0", "NaN",
    "Infinity", "-Infinity", "1f", "1n", "- 1", "1 .5", "1,5", "\u{ff11}", "0b1", "-a", "1e5.5",
];
#[rustfmt::skip]
const STRINGS: &[&str] = &[
    "", "a", "url", "mcpServers", "__proto__", "constructor", "toString", "0", "1", "é", "漢字", "\u{1f600}",
    "\u{2028}\u{2029}", "\u{feff}", "\u{7f}", "\u{85}", "\u{fffd}", "\u{ffff}", "\u{10ffff}", r"\u0075rl",
    r"\ud800", r"\udc00", r"\ud83d\ude00", r"\ude00\ud83d", r"\ud800\ud83d\ude00", r"\ud800\u0041",
    r"\ud800\n", r"\uD800x\uDFFF", r"\u0000", r"\/", r#"\""#, r"\\", r"\b\f\n\r\t", r"\uFFFF\uFEFF",
    r"\\ud800", r"__\u0070roto__", r"\udbff\udbff\udfff", r"\u00e9", r"\uABCD\uabcd",
];
#[rustfmt::skip]
const BAD_STRINGS: &[&str] = &[
    "\t", "\n", "\r", "\0", "\u{1f}", "a\u{1}b", r"\x41", r"\u", r"\u12", r"\u12g4", r"\U0041", r"\'",
    r"\a", r"\0", r"\v", "\\\n", r"\u{41}", r"\ud800\u", r"\ud800\u12", r"\ud800\", r"\u 041", r"\u-041",
    r"\u+041",
];
#[rustfmt::skip]
const INVALID: &[&[u8]] = &[
    b"\x80", b"\xbf", b"\xc0\x80", b"\xc0\xaf", b"\xc1\xbf", b"\xc2", b"\xe0\x80\xaf", b"\xe0\x9f\xbf",
    b"\xe2\x82", b"\xe2", b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xed\xa0\xbd\xed\xb8\x80", b"\xef\xbf",
    b"\xf0\x80\x80\xaf", b"\xf0\x8f\xbf\xbf", b"\xf0\x9f\x92", b"\xf0\x9f", b"\xf0", b"\xf4\x90\x80\x80",
    b"\xf5\x80\x80\x80", b"\xf8\x88\x80\x80\x80", b"\xfe", b"\xff", b"\xff\xfe", b"\xe2\x82\xe2\x82\xac",
    b"\xf0\x9f\xf0\x9f\x98\x80", b"\xc2\xc2\xa9", b"\xe1\x80\xc2\x80", b"\xf1\x80\x80\x41",
];
const SPACES: &[&str] = &["", "", "", "", " ", "\n", "\t", "\r\n", "  \n\t"];
#[rustfmt::skip]
const BAD_SPACES: &[&str] = &[
    "\u{a0}", "\u{c}", "\u{b}", "\u{feff}", "\u{2003}", "\u{3000}", "\u{2028}", "\u{85}", "\0", "\u{200b}",
    "/**/", "// x\n", "#x\n", "\u{1680}",
];
#[rustfmt::skip]
const AFFIXES: &[&str] = &[
    ",", "}", "]", "x", "\0", " ", "\n", ";", "null", "{}", "\"", "//", "/* */", "\u{feff}", "\u{a0}",
    "\u{1a}", "\\", "undefined", "()",
];

/// One document.
pub(crate) fn document(random: &mut Random) -> Vec<u8> {
    if random.chance(1) && random.chance(20) {
        return deep(random);
    }
    // Of the tokens of most documents, none is bad; of some, a few are.
    let bad = if random.chance(70) { 0 } else { 3 };
    let mut maker = Maker { random, bad, out: Vec::new() };
    maker.space();
    maker.value(0);
    maker.space();
    let mut out = maker.out;
    if random.chance(35) {
        for _ in 0..1 + random.below(3) {
            damage(random, &mut out);
        }
    }
    if random.chance(8) {
        out.splice(0..0, *b"\xef\xbb\xbf");
    }
    if random.chance(2) {
        out.splice(0..0, *b"\xef\xbb\xbf");
    }
    out
}

struct Maker<'r> {
    random: &'r mut Random,
    bad: usize,
    out: Vec<u8>,
}

impl Maker<'_> {
    fn push(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn either(&mut self, good: &[&'static str], bad: &[&'static str]) {
        let text = if self.random.chance(self.bad) { self.random.pick(bad) } else { self.random.pick(good) };
        self.push(text);
    }

    fn space(&mut self) {
        self.either(SPACES, BAD_SPACES);
    }

    fn string(&mut self) {
        self.either(&["\""], &["'"]);
        for _ in 0..1 + self.random.below(3) {
            if self.random.chance(4) {
                let bytes = self.random.pick(INVALID);
                self.out.extend_from_slice(bytes);
            } else if self.random.chance(8) {
                let unit = self.random.next() as u16;
                self.push(&format!("\\u{unit:04x}"));
            } else if self.random.chance(8) {
                // Any code unit that is a surrogate.
                let unit = 0xd800 + self.random.below(0x800);
                self.push(&format!("\\u{unit:04X}"));
            } else {
                self.either(STRINGS, BAD_STRINGS);
            }
        }
        self.push("\"");
    }

    fn number(&mut self) {
        if self.random.chance(60) {
            return self.either(NUMBERS, BAD_NUMBERS);
        }
        let number = match self.random.below(4) {
            0 => format!("{:e}", f64::from_bits(self.random.next()).clamp(f64::MIN, f64::MAX))
                .replace("NaN", "0"),
            1 => format!("{}", self.random.next()),
            2 => format!("-{}.{}", self.random.below(1_000_000), self.random.next()),
            _ => format!("{}e{}", self.random.next(), self.random.below(700) as i64 - 350),
        };
        self.push(&number);
    }

    fn value(&mut self, depth: usize) {
        let kinds = if depth > 6 { 4 } else { 8 };
        match self.random.below(kinds) {
            0 => self.either(
                &["true", "false", "null"],
                &["True", "nul", "undefined", "tru", "nulll", "falsey", "NULL"],
            ),
            1 => self.number(),
            2 | 3 => self.string(),
            4 | 5 => self.list(depth),
            _ => self.object(depth),
        }
    }

    fn list(&mut self, depth: usize) {
        self.push("[");
        for index in 0..self.random.below(5) {
            if index > 0 {
                self.either(&[","], &["", ",,", ";", ":"]);
            }
            self.space();
            self.value(depth + 1);
            self.space();
        }
        self.either(&["]"], &[",]", "}", "", "]]"]);
    }

    fn object(&mut self, depth: usize) {
        self.push("{");
        for index in 0..self.random.below(6) {
            if index > 0 {
                self.either(&[","], &["", ",,", ";"]);
            }
            self.space();
            if self.random.chance(self.bad) {
                let name = self.random.pick(&["a", "1", "null", "'a'", "[1]", ""]);
                self.push(name);
            } else {
                self.string();
            }
            self.space();
            self.either(&[":"], &["", "=", "::", ","]);
            self.space();
            self.value(depth + 1);
            self.space();
        }
        self.either(&["}"], &[",}", "]", "", "}}"]);
    }
}

fn damage(random: &mut Random, out: &mut Vec<u8>) {
    let at = random.below(out.len() + 1);
    match random.below(9) {
        0 => out.truncate(at),
        1 if at < out.len() => drop(out.remove(at)),
        2 if at < out.len() => out[at] = random.next() as u8,
        3 if at < out.len() => out[at] ^= 1 << random.below(8),
        4 => out.insert(at, MARKS[random.below(MARKS.len())]),
        5 => drop(out.splice(at..at, random.pick(INVALID).iter().copied())),
        6 => out.extend_from_slice(random.pick(AFFIXES).as_bytes()),
        7 => drop(out.splice(0..0, random.pick(AFFIXES).bytes())),
        _ => {
            let end = (at + random.below(20)).min(out.len());
            let part = out[at..end].to_vec();
            drop(out.splice(at..at, part));
        }
    }
}

/// A document nested up to 300,000 levels, sometimes one closing byte short or over.
fn deep(random: &mut Random) -> Vec<u8> {
    let depth = random.pick(&[&100_usize, &127, &128, &129, &513, &5_000, &50_000, &300_000]);
    let (open, close) =
        random.pick(&[&("[", "]"), &("{\"a\":", "}"), &("[{\"\\u0061\":[", "]}]"), &("[1,", "]")]);
    let closing = (depth + 1 - random.below(3)).max(1);
    let inner = random.pick(&["1", "\"\\ud800\"", "{\"mcpServers\":{}}", "[]"]);
    format!("{}{inner}{}", open.repeat(*depth), close.repeat(closing)).into_bytes()
}
