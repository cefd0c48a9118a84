//! A value as the text that a file would hold. Must not know where it will stand.

use crate::model::value::Value;
use serde_json::Value as Json;

/// The order in which the client writes the fields of entries and hooks; others follow.
const FIRST: [&str; 7] = ["matcher", "type", "command", "args", "env", "url", "headers"];

/// The text; `None` where the value itself is not known, only a digest of it, or JSON cannot say it.
pub(super) fn canonical(value: &Value) -> Option<String> {
    let mut out = String::new();
    write(value, &mut out)?;
    Some(out)
}

fn write(value: &Value, out: &mut String) -> Option<()> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Value::Number(number) if !number.is_finite() => return None,
        // Whole ones without a fraction, as the client prints them.
        Value::Number(_) => out.push_str(&value.revealed().to_string()),
        Value::Text(text) => out.push_str(&Json::from(text.reveal()).to_string()),
        Value::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { "," } else { "" });
                write(item, out)?;
            }
            out.push(']');
        }
        Value::Object(members) => {
            let rank = |name: &str| FIRST.iter().position(|first| *first == name).unwrap_or(FIRST.len());
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by_key(|(name, _)| rank(name));
            out.push('{');
            for (at, (name, value)) in sorted.into_iter().enumerate() {
                out.push_str(if at > 0 { "," } else { "" });
                out.push_str(&Json::from(name.as_str()).to_string());
                out.push(':');
                write(value, out)?;
            }
            out.push('}');
        }
        Value::Deep(_) => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::digest::Digest;
    use crate::model::text::Text;
    use crate::model::value::Members;

    #[test]
    fn is_what_the_client_would_write() {
        let entry = Value::Object(Members::from_iter([
            ("url".to_owned(), Value::Text(Text::secret("https://h/?\"k\""))),
            ("type".to_owned(), Value::plain("http")),
            ("timeout".to_owned(), Value::Number(30_000.0)),
            ("a".to_owned(), Value::List(vec![Value::Null, Value::Number(0.5)])),
        ]));
        assert_eq!(
            canonical(&entry).unwrap(),
            r#"{"type":"http","url":"https://h/?\"k\"","a":[null,0.5],"timeout":30000}"#
        );
        assert_eq!(canonical(&Value::List(vec![Value::Deep(Box::new(Digest::of(b"")))])), None);
        assert_eq!(canonical(&Value::Number(f64::INFINITY)), None);
    }
}
