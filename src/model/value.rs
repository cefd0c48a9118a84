//! A configuration value as the client understands it: spelling, key order and white space are gone.

use crate::model::digest::{Digest, Key};
use crate::model::text::Text;
use litemap::LiteMap;

/// What an object holds, by name. There are tens of thousands of them and few have more than three members: a tree's node
/// would keep room for eleven.
pub type Members = LiteMap<String, Value>;

/// A JSON value whose strings know what of them is secret.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, as JavaScript holds it.
    Number(f64),
    /// A string.
    Text(Text),
    /// An array.
    List(Vec<Value>),
    /// An object; the order of its keys means nothing to the client.
    Object(Members),
    /// Something nested so deeply that only its equality matters.
    Deep(Box<Digest>),
}

impl Value {
    /// A plain string.
    pub fn plain(value: impl Into<String>) -> Self {
        Self::Text(Text::plain(value))
    }

    /// The text, if this is a string.
    pub fn as_text(&self) -> Option<&Text> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The items, if this is an array.
    pub fn as_list(&self) -> Option<&[Value]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    /// The members, if this is an object.
    pub fn as_object(&self) -> Option<&Members> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The member of that name, if this is an object that has it.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.as_object()?.get(name)
    }

    /// Whether any string in it is secret in part.
    pub fn has_secret(&self) -> bool {
        match self {
            Self::Text(text) => text.has_secret(),
            Self::List(items) => items.iter().any(Self::has_secret),
            Self::Object(members) => members.values().any(Self::has_secret),
            _ => false,
        }
    }

    /// As JSON that may be shown: secrets are fingerprints.
    pub fn shown(&self, key: &Key) -> serde_json::Value {
        self.to_json(&|text| text.shown(key), &|digest| {
            format!(
                "‹nested too deeply to show {}›",
                key.authenticate("fingerprint", digest.as_bytes()).short(6)
            )
        })
    }

    /// As JSON with secrets in it: for sealing and digests, never for showing.
    pub fn revealed(&self) -> serde_json::Value {
        self.to_json(&Text::reveal, &Digest::to_string)
    }

    /// A keyed digest of the full value: says whether two are the same and nothing else.
    pub fn fingerprint(&self, key: &Key) -> Digest {
        key.authenticate("value", self.revealed().to_string().as_bytes())
    }

    fn to_json(&self, text: &dyn Fn(&Text) -> String, deep: &dyn Fn(&Digest) -> String) -> serde_json::Value {
        use serde_json::Value as Json;
        match self {
            Self::Null => Json::Null,
            Self::Bool(value) => Json::Bool(*value),
            Self::Number(number) => json_number(*number),
            Self::Text(value) => Json::String(text(value)),
            Self::List(items) => Json::Array(items.iter().map(|item| item.to_json(text, deep)).collect()),
            Self::Object(members) => Json::Object(
                members.iter().map(|(name, value)| (name.clone(), value.to_json(text, deep))).collect(),
            ),
            Self::Deep(digest) => Json::String(deep(digest)),
        }
    }
}

/// JavaScript has one kind of number; whole ones are shown without a fraction. JSON has no infinity
/// (which is what `1e999` reads as), so that one is shown as a word.
fn json_number(number: f64) -> serde_json::Value {
    const EXACT: f64 = 9_007_199_254_740_992.0; // 2^53: every whole number up to here is exact
    if number.fract() == 0.0 && number.abs() <= EXACT {
        return serde_json::Value::from(number as i64);
    }
    serde_json::Number::from_f64(number)
        .map_or_else(|| serde_json::Value::String(number.to_string()), serde_json::Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_shown_as_fingerprints_only() {
        let key = Key::from_bytes([3; 32]);
        let value = Value::Object(Members::from_iter([
            (
                "headers".into(),
                Value::Object(Members::from_iter([("X".into(), Value::Text(Text::secret("s3cr3t")))])),
            ),
            ("n".into(), Value::Number(30000.0)),
            ("inf".into(), Value::Number(f64::INFINITY)),
        ]));
        let shown = value.shown(&key).to_string();
        assert!(
            !shown.contains("s3cr3t") && shown.contains("‹secret ") && shown.contains("30000"),
            "{shown}"
        );
        assert!(value.revealed().to_string().contains("s3cr3t"));
        assert!(value.has_secret());
    }
}
