//! Values as bytes and back, with what of them is secret: what goes under the seal. Must not know about rows.
//!
//! Tag, then content; lengths are 32 bits, big-endian. Numbers keep their bits, so that nothing is rounded.

use crate::model::digest::Digest;
use crate::model::text::{Piece, Text};
use crate::model::value::{Members, Value};

const VERSION: u8 = 1;
/// Deeper than any value that the parser makes; bounds the stack.
const DEEPEST: usize = 512;

const NULL: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const NUMBER: u8 = 3;
const TEXT: u8 = 4;
const LIST: u8 = 5;
const OBJECT: u8 = 6;
const DEEP: u8 = 7;

const PLAIN: u8 = 0;
const SECRET: u8 = 1;

/// The bytes of a value; `None` when it is too large or too deep to be kept.
pub(super) fn encode(value: &Value) -> Option<Vec<u8>> {
    let mut out = vec![VERSION];
    put(value, &mut out, DEEPEST)?;
    Some(out)
}

/// The value of those bytes; `None` when they are no value's.
pub(super) fn decode(bytes: &[u8]) -> Option<Value> {
    let (version, rest) = bytes.split_first()?;
    let mut input = Input(rest);
    let value = (*version == VERSION).then(|| input.value(DEEPEST))??;
    input.0.is_empty().then_some(value)
}

fn put(value: &Value, out: &mut Vec<u8>, depth: usize) -> Option<()> {
    let deeper = depth.checked_sub(1)?;
    match value {
        Value::Null => out.push(NULL),
        Value::Bool(false) => out.push(FALSE),
        Value::Bool(true) => out.push(TRUE),
        Value::Number(number) => {
            out.push(NUMBER);
            out.extend_from_slice(&number.to_bits().to_be_bytes());
        }
        Value::Text(text) => {
            out.push(TEXT);
            put_length(text.pieces().len(), out)?;
            for piece in text.pieces() {
                let (tag, content) = match piece {
                    Piece::Plain(content) => (PLAIN, content.as_str()),
                    Piece::Secret(secret) => (SECRET, secret.reveal()),
                };
                out.push(tag);
                put_text(content, out)?;
            }
        }
        Value::List(items) => {
            out.push(LIST);
            put_length(items.len(), out)?;
            items.iter().try_for_each(|item| put(item, out, deeper))?;
        }
        Value::Object(members) => {
            out.push(OBJECT);
            put_length(members.len(), out)?;
            for (name, member) in members {
                put_text(name, out)?;
                put(member, out, deeper)?;
            }
        }
        Value::Deep(digest) => {
            out.push(DEEP);
            out.extend_from_slice(digest.as_bytes());
        }
    }
    Some(())
}

fn put_length(length: usize, out: &mut Vec<u8>) -> Option<()> {
    out.extend_from_slice(&u32::try_from(length).ok()?.to_be_bytes());
    Some(())
}

fn put_text(text: &str, out: &mut Vec<u8>) -> Option<()> {
    put_length(text.len(), out)?;
    out.extend_from_slice(text.as_bytes());
    Some(())
}

/// What is left to read.
struct Input<'b>(&'b [u8]);

impl<'b> Input<'b> {
    fn value(&mut self, depth: usize) -> Option<Value> {
        let deeper = depth.checked_sub(1)?;
        let [tag] = *self.array::<1>()?;
        Some(match tag {
            NULL => Value::Null,
            FALSE => Value::Bool(false),
            TRUE => Value::Bool(true),
            NUMBER => Value::Number(f64::from_bits(u64::from_be_bytes(*self.array()?))),
            TEXT => Value::Text(self.pieces()?),
            LIST => {
                let length = self.length()?;
                Value::List((0..length).map(|_| self.value(deeper)).collect::<Option<_>>()?)
            }
            OBJECT => {
                let length = self.length()?;
                let member = |_| Some((self.text()?.to_owned(), self.value(deeper)?));
                Value::Object((0..length).map(member).collect::<Option<Members>>()?)
            }
            DEEP => Value::Deep(Box::new(Digest::from_bytes(*self.array()?))),
            _ => return None,
        })
    }

    fn pieces(&mut self) -> Option<Text> {
        let mut text = Text::default();
        for _ in 0..self.length()? {
            match *self.array::<1>()? {
                [PLAIN] => text.push_plain(self.text()?),
                [SECRET] => text.push_secret(self.text()?),
                _ => return None,
            }
        }
        Some(text)
    }

    fn array<const N: usize>(&mut self) -> Option<&'b [u8; N]> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(first)
    }

    fn length(&mut self) -> Option<usize> {
        usize::try_from(u32::from_be_bytes(*self.array()?)).ok()
    }

    fn text(&mut self) -> Option<&'b str> {
        let length = self.length()?;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        str::from_utf8(text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::seal::Sealer;
    use crate::model::digest::Key;
    use proptest::num::f64::{INFINITE, NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
    use proptest::prelude::*;

    fn texts() -> impl Strategy<Value = Text> {
        prop::collection::vec((any::<bool>(), ".{0,8}"), 0..4).prop_map(|pieces| {
            let mut text = Text::default();
            for (is_secret, piece) in pieces {
                if is_secret { text.push_secret(&piece) } else { text.push_plain(&piece) }
            }
            text
        })
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            (NORMAL | SUBNORMAL | ZERO | INFINITE | POSITIVE | NEGATIVE).prop_map(Value::Number),
            texts().prop_map(Value::Text),
            any::<[u8; 32]>().prop_map(|bytes| Value::Deep(Box::new(Digest::from_bytes(bytes)))),
        ];
        leaf.prop_recursive(5, 40, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::List),
                prop::collection::btree_map(".{0,6}", inner, 0..5)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_value_survives_the_seal_with_its_masking(value in values()) {
            let key = Key::from_bytes([4; 32]);
            let sealer = Sealer::new(&key);
            let blob = sealer.seal("row", &encode(&value).unwrap()).unwrap();
            let back = decode(&sealer.open("row", &blob).unwrap()).unwrap();
            prop_assert_eq!(&back, &value);
            prop_assert_eq!(back.shown(&key), value.shown(&key));
            prop_assert_eq!(format!("{back:?}"), format!("{value:?}"));
        }

        #[test]
        fn no_bytes_are_a_trap(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let mut bytes = bytes;
            _ = decode(&bytes);
            bytes.insert(0, VERSION);
            _ = decode(&bytes);
        }
    }

    #[test]
    fn depth_is_bounded_both_ways() {
        let nest = |depth: usize| (1..depth).fold(Value::Null, |inner, _| Value::List(vec![inner]));
        let deepest = nest(DEEPEST);
        assert_eq!(decode(&encode(&deepest).unwrap()), Some(deepest));
        assert_eq!(encode(&nest(DEEPEST + 1)), None);
        let mut bytes = vec![VERSION];
        bytes.extend([LIST, 0, 0, 0, 1].repeat(100_000));
        assert_eq!(decode(&bytes), None);
    }
}
