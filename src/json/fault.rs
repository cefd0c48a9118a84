//! Why a text is not JSON, and exactly where. Asked only when a text was rejected; it must not
//! decide that, and must not repeat the text.

use super::error::SyntaxError;

/// Where a text goes wrong, and how.
type Fault = (usize, &'static str);

/// The error for a text that the parser has rejected, according to it in this line.
pub(super) fn explain(text: &str, line: usize) -> SyntaxError {
    match find(text) {
        Some((offset, reason)) => SyntaxError::new(text, offset, reason),
        None => {
            let before = text.split_inclusive('\n').take(line.saturating_sub(1));
            SyntaxError::new(text, before.map(str::len).sum(), "not valid JSON")
        }
    }
}

/// The first fault of a text.
pub(super) fn find(text: &str) -> Option<Fault> {
    Walk { bytes: text.as_bytes(), at: 0, open: Vec::new() }.document().err()
}

struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The opening bytes of the lists and objects that the walk is in.
    open: Vec<u8>,
}

impl Walk<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn fault<T>(&self, reason: &'static str) -> Result<T, Fault> {
        Err((self.at, reason))
    }

    fn eat(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn white_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    fn document(&mut self) -> Result<(), Fault> {
        self.white_space();
        if self.peek().is_none() {
            return self.fault("the text is empty");
        }
        loop {
            if self.value()? {
                continue;
            }
            while self.after_value()? {}
            if self.open.is_empty() {
                break;
            }
        }
        self.white_space();
        match self.peek() {
            None => Ok(()),
            Some(b'/') => self.fault(COMMENT),
            Some(_) => self.fault("expected the end of the text, found more after the value"),
        }
    }

    /// Walks a value, or into it: true when its first inner value comes next.
    fn value(&mut self) -> Result<bool, Fault> {
        self.white_space();
        match self.peek() {
            Some(b'{') => {
                self.at += 1;
                self.white_space();
                if self.eat(b'}') {
                    return Ok(false);
                }
                self.open.push(b'{');
                self.key()?;
                Ok(true)
            }
            Some(b'[') => {
                self.at += 1;
                self.white_space();
                if self.eat(b']') {
                    return Ok(false);
                }
                self.open.push(b'[');
                Ok(true)
            }
            Some(b'"') => self.string().map(|()| false),
            Some(b'-' | b'0'..=b'9') => self.number().map(|()| false),
            Some(b't') => self.word(b"true"),
            Some(b'f') => self.word(b"false"),
            Some(b'n') => self.word(b"null"),
            other => self.fault(no_value(other)),
        }
    }

    /// Walks over what may follow a value inside a list or an object: true after a closing byte,
    /// which ends a value in its turn.
    fn after_value(&mut self) -> Result<bool, Fault> {
        let Some(&opening) = self.open.last() else { return Ok(false) };
        let (closing, missing, trailing) = if opening == b'{' {
            (b'}', "expected a comma or a closing brace", "a comma before a closing brace")
        } else {
            (b']', "expected a comma or a closing bracket", "a comma before a closing bracket")
        };
        self.white_space();
        if self.eat(closing) {
            self.open.pop();
            return Ok(true);
        }
        let comma = self.at;
        if !self.eat(b',') {
            return match self.peek() {
                Some(b'/') => self.fault(COMMENT),
                None if opening == b'{' => self.fault("the text ends inside an object"),
                None => self.fault("the text ends inside a list"),
                Some(_) => self.fault(missing),
            };
        }
        self.white_space();
        if self.peek() == Some(closing) {
            return Err((comma, trailing));
        }
        if opening == b'{' {
            self.key()?;
        }
        Ok(false)
    }

    fn key(&mut self) -> Result<(), Fault> {
        match self.peek() {
            Some(b'"') => self.string()?,
            Some(b'\'') => return self.fault(SINGLE_QUOTE),
            Some(b'/') => return self.fault(COMMENT),
            Some(_) => return self.fault("expected a name in double quotes"),
            None => return self.fault("the text ends inside an object"),
        }
        self.white_space();
        if self.eat(b':') { Ok(()) } else { self.fault("expected a colon after the name") }
    }

    fn string(&mut self) -> Result<(), Fault> {
        self.at += 1;
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => self.escape()?,
                Some(b'\n' | b'\r') => return self.fault("a line ends inside a string"),
                Some(0..=0x1f) => return self.fault("a control character inside a string is not escaped"),
                Some(_) => self.at += 1,
                None => return self.fault("the text ends inside a string"),
            }
        }
    }

    fn escape(&mut self) -> Result<(), Fault> {
        let backslash = self.at;
        self.at += 1;
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 1,
            Some(b'u') => {
                self.at += 1;
                for _ in 0..4 {
                    match self.peek() {
                        Some(digit) if digit.is_ascii_hexdigit() => self.at += 1,
                        Some(_) => return Err((backslash, "expected four hexadecimal digits after \\u")),
                        None => return self.fault("the text ends inside a string"),
                    }
                }
            }
            Some(_) => return Err((backslash, "an unknown escape after a backslash")),
            None => return self.fault("the text ends inside a string"),
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), Fault> {
        self.eat(b'-');
        if self.eat(b'0') {
            if let Some(b'0'..=b'9') = self.peek() {
                return self.fault("a number with a leading zero");
            }
        } else {
            self.digits("expected a digit after the minus sign")?;
        }
        if self.eat(b'.') {
            self.digits("expected a digit after the decimal point")?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            let _sign = self.eat(b'+') || self.eat(b'-');
            self.digits("expected a digit in the exponent")?;
        }
        Ok(())
    }

    fn digits(&mut self, missing: &'static str) -> Result<(), Fault> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        if self.at == start { self.fault(missing) } else { Ok(()) }
    }

    fn word(&mut self, word: &[u8]) -> Result<bool, Fault> {
        if self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(word)) {
            self.at += word.len();
            return Ok(false);
        }
        self.fault("expected a value (a word that is not true, false or null)")
    }
}

const COMMENT: &str = "a comment or slash, which JSON does not have";
const SINGLE_QUOTE: &str = "a single quote; names and strings stand in double quotes";

fn no_value(found: Option<u8>) -> &'static str {
    match found {
        None => "the text ends where a value is expected",
        Some(b'\'') => SINGLE_QUOTE,
        Some(b'/') => COMMENT,
        Some(b'+' | b'.') => "expected a value (a number begins with a digit or a minus sign)",
        Some(b',') => "expected a value before the comma",
        Some(b'}' | b']') => "expected a value before the closing bracket",
        Some(0xef) => "expected a value (is there a second byte order mark?)",
        Some(_) => "expected a value",
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Shape, read};
    use super::*;

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (text, line, column, reason) in [
            ("", 1, 1, "the text is empty"),
            ("{\"a\":1\n\n  \"b\":2}", 3, 3, "expected a comma or a closing brace"),
            ("[1 2]", 1, 4, "expected a comma or a closing bracket"),
            ("[1,]", 1, 3, "a comma before a closing bracket"),
            ("{\"é\":1,\n}", 1, 7, "a comma before a closing brace"),
            ("{\"a\"}", 1, 5, "expected a colon after the name"),
            ("{a:1}", 1, 2, "expected a name in double quotes"),
            ("{'a':1}", 1, 2, SINGLE_QUOTE),
            ("{} // x", 1, 4, COMMENT),
            ("{} {}", 1, 4, "expected the end of the text, found more after the value"),
            ("{\"a\":1}}", 1, 8, "expected the end of the text, found more after the value"),
            ("[01]", 1, 3, "a number with a leading zero"),
            ("[1.]", 1, 4, "expected a digit after the decimal point"),
            ("[1e+]", 1, 5, "expected a digit in the exponent"),
            ("[-]", 1, 3, "expected a digit after the minus sign"),
            ("[+1]", 1, 2, "expected a value (a number begins with a digit or a minus sign)"),
            ("[\"\\x\"]", 1, 3, "an unknown escape after a backslash"),
            ("[\"\\u12g4\"]", 1, 3, "expected four hexadecimal digits after \\u"),
            ("[\"a\tb\"]", 1, 4, "a control character inside a string is not escaped"),
            ("[\"a\nb\"]", 1, 4, "a line ends inside a string"),
            ("[\"a", 1, 4, "the text ends inside a string"),
            ("[[", 1, 3, "the text ends where a value is expected"),
            ("[1", 1, 3, "the text ends inside a list"),
            ("{\"a\":1", 1, 7, "the text ends inside an object"),
            ("[NaN]", 1, 2, "expected a value"),
            ("[nul]", 1, 2, "expected a value (a word that is not true, false or null)"),
            ("\u{feff}{}", 1, 1, "expected a value (is there a second byte order mark?)"),
            ("{\"a\":}", 1, 6, "expected a value before the closing bracket"),
        ] {
            let error = read(text, &Shape::Skip).unwrap_err();
            assert_eq!((error.line, error.column, error.reason), (line, column, reason), "{text}");
            assert_eq!(super::super::line_and_column(text, error.offset), (line, column));
        }
    }

    #[test]
    fn a_sound_text_has_no_fault_at_any_depth() {
        assert_eq!(find(r#" {"a":[1,-0.5e+3,"\u00e9\n",{},[],true,false,null],"b":{"c":{}}} "#), None);
        let deep = format!("{}{}", "[".repeat(300_000), "]".repeat(300_000));
        assert_eq!(find(&deep), None);
        assert_eq!(find(&"[".repeat(300_000)), Some((300_000, "the text ends where a value is expected")));
    }

    #[test]
    fn a_place_is_given_even_if_no_fault_is_found() {
        assert_eq!(explain("1\n2\n3", 2).line, 2);
    }
}
