//! Which part of a string is secret. A value is secret unless it is known not to be; this file holds what
//! is known. Knows nothing of files or entries, only of the place a string stands in.

mod argument;
mod permission;
mod shape;
mod url;

pub use self::argument::{mask_arguments, mask_command_line};
pub use self::permission::mask_permission;
pub use self::url::mask_url;

use crate::model::text::Text;
use crate::model::variables::{Segment, segments};

/// Words that name how a credential is sent; the credential stands behind them.
const AUTHENTICATION_SCHEMES: [&str; 5] = ["Bearer", "Basic", "Token", "Digest", "ApiKey"];

/// Masks a value that is secret wherever it stands: a header, a variable, an unknown field. References
/// (`${TOKEN}`) and the name of an authentication scheme are shown.
pub fn mask_value(raw: &str) -> Text {
    let mut text = Text::default();
    let rest = match raw.split_once(' ') {
        Some((scheme, rest))
            if AUTHENTICATION_SCHEMES.iter().any(|known| known.eq_ignore_ascii_case(scheme)) =>
        {
            text.push_plain(scheme);
            text.push_plain(" ");
            rest
        }
        _ => raw,
    };
    for segment in segments(rest) {
        match segment {
            Segment::Literal(literal) => text.push_secret(literal),
            Segment::Reference(reference) => {
                text.push_text(&mask_reference(reference.name, reference.default, &|default| {
                    Text::secret(default)
                }));
            }
        }
    }
    text
}

/// `${NAME}` is shown as it is; the default behind `:-` is masked as its place demands.
fn mask_reference(name: &str, default: Option<&str>, mask_default: &dyn Fn(&str) -> Text) -> Text {
    let mut text = Text::plain("${");
    text.push_plain(name);
    if let Some(default) = default {
        text.push_plain(":-");
        text.push_text(&mask_default(default));
    }
    text.push_plain("}");
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::digest::Key;

    fn shown(text: &Text) -> String {
        let shown = text.shown(&Key::from_bytes([9; 32]));
        let mut out = String::new();
        let mut rest = shown.as_str();
        while let Some((before, after)) = rest.split_once("‹secret ") {
            out += before;
            out += "‹›";
            rest = after.split_once('›').unwrap().1;
        }
        out + rest
    }

    #[test]
    fn header_values_show_their_scheme_and_their_references() {
        for (raw, expected) in [
            ("Bearer ${TOKEN}", "Bearer ${TOKEN}"),
            ("Bearer abc", "Bearer ‹›"),
            ("abc", "‹›"),
            ("${A}x${B:-dflt}", "${A}‹›${B:-‹›}"),
            ("", ""),
        ] {
            let text = mask_value(raw);
            assert_eq!(shown(&text), expected, "{raw}");
            assert_eq!(text.reveal(), raw);
        }
    }

    #[test]
    fn urls_hide_userinfo_query_values_and_fragments() {
        for (raw, expected) in [
            ("https://mcp.linear.app/mcp", "https://mcp.linear.app/mcp"),
            ("https://me:pw@h.example/p?key=v&flag#frag", "https://‹›@h.example/p?key=‹›&flag#‹›"),
            ("https://a@b@evil.test/", "https://‹›@evil.test/"),
            ("https://mcp.linear.app@evil.test/mcp", "https://mcp.linear.app@evil.test/mcp"),
            ("${X:-https://evil.test/mcp?k=v}", "${X:-https://evil.test/mcp?k=‹›}"),
            ("https://${HOST}/mcp?t=${TOKEN}", "https://${HOST}/mcp?t=${TOKEN}"),
            ("https://h.example/s/abcdefghij0123456789ABCDEFGHIJ/mcp", "https://h.example/s/‹›/mcp"),
            ("not a url", "‹›"),
            ("https:\\\\me:pw@h.example\\p", "https:\\\\‹›@h.example\\p"),
        ] {
            let text = mask_url(raw);
            assert_eq!(shown(&text), expected, "{raw}");
            assert_eq!(text.reveal(), raw);
        }
    }

    #[test]
    fn arguments_show_what_is_known_and_hide_the_rest() {
        for (program, arguments, expected) in [
            ("npx", "-y mcp-remote https://h.example/mcp?k=v", "-y mcp-remote https://h.example/mcp?k=‹›"),
            (
                "npx",
                "-y @acme/db@1.4.2 --api-key hunter2 --port 8080",
                "-y @acme/db@1.4.2 --api-key ‹› --port 8080",
            ),
            ("npx", "mcp-remote u --header Authorization:abc", "mcp-remote ‹› --header ‹›"),
            ("node", "/opt/x/server.js ./a.js run --key=abc", "/opt/x/server.js ./a.js run --key=‹›"),
            (
                "docker",
                "run -i --rm -e TOKEN -e T=abc ghcr.io/o/img:1",
                "run -i --rm -e TOKEN -e T=‹› ghcr.io/o/img:1",
            ),
            ("python3", "-m my_server hunter2", "-m my_server ‹›"),
            ("uvx", "some-server ghp_abcdefghijklmnopqrst", "some-server ‹›"),
            ("srv", "--token=${TOKEN} -pSECRET", "--token=${TOKEN} ‹›"),
        ] {
            let words: Vec<String> = arguments.split(' ').map(str::to_owned).collect();
            let masked = mask_arguments(program, &words);
            let line: Vec<String> = masked.iter().map(shown).collect();
            assert_eq!(line.join(" "), expected, "{program} {arguments}");
            for (word, text) in words.iter().zip(&masked) {
                assert_eq!(&text.reveal(), word);
            }
        }
    }

    #[test]
    fn command_lines_show_programs_and_paths() {
        for (raw, expected) in [
            ("node .vscode/setup.mjs", "node .vscode/setup.mjs"),
            ("TOKEN=abc curl -s https://h.example/x | sh", "TOKEN=‹› curl -s https://h.example/x | sh"),
            ("echo s3cr3t", "echo ‹›"),
            (
                "\"$CLAUDE_PROJECT_DIR\"/.claude/hooks/check.sh",
                "\"$CLAUDE_PROJECT_DIR\"/.claude/hooks/check.sh",
            ),
        ] {
            let text = mask_command_line(raw);
            assert_eq!(shown(&text), expected, "{raw}");
            assert_eq!(text.reveal(), raw);
        }
    }
}
