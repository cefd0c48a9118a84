//! Permission rules: `Tool(specifier)`. The tool is shown, the specifier as a command line would be.

use super::argument::mask_command_line;
use super::shape::is_token_like;
use crate::model::text::Text;

/// Masks a permission rule.
pub fn mask_permission(raw: &str) -> Text {
    if is_tool(raw) && raw.len() <= 64 {
        return Text::plain(raw);
    }
    match raw.split_once('(') {
        Some((tool, rest)) if is_tool(tool) && rest.ends_with(')') => {
            let inner = rest.trim_end_matches(')');
            let mut text = Text::plain(tool);
            text.push_plain("(");
            text.push_text(&mask_command_line(inner));
            text.push_plain(rest.get(inner.len()..).unwrap_or_default());
            text
        }
        _ => mask_command_line(raw),
    }
}

fn is_tool(word: &str) -> bool {
    word.len() <= 100
        && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-*:".contains(&b))
        && (word.contains("__") || !is_token_like(word))
}
