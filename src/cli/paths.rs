//! Paths as people read them: a home is `~`. Knows nothing of the file system.

use std::path::Path;

/// `path` with `home` shortened to `~`.
pub(crate) fn short(path: &Path, home: &Path) -> String {
    match path.strip_prefix(home) {
        Ok(rest) if rest.as_os_str().is_empty() => "~".to_owned(),
        Ok(rest) => format!("~/{}", rest.display()),
        Err(_) => path.display().to_string(),
    }
}

/// A word as a POSIX shell would have to be given it. A leading `~/` stays outside the quotes, so that it
/// still means the home.
pub(crate) fn quoted(word: &str) -> String {
    let (tilde, rest) = match word.strip_prefix("~/") {
        Some(rest) => ("~/", rest),
        None => ("", word),
    };
    let harmless = |character: char| character.is_ascii_alphanumeric() || "-_./:@%+,=".contains(character);
    if !rest.is_empty() && rest.chars().all(harmless) && !(tilde.is_empty() && rest.starts_with('-')) {
        return word.to_owned();
    }
    format!("{tilde}'{}'", rest.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn homes_are_short() {
        let home = Path::new("/home/a");
        assert_eq!(short(Path::new("/home/a/.claude.json"), home), "~/.claude.json");
        assert_eq!(short(Path::new("/home/a"), home), "~");
        assert_eq!(short(Path::new("/home/ab/x"), home), "/home/ab/x");
    }

    #[test]
    fn words_survive_a_shell() {
        for (word, shown) in [
            ("linear", "linear"),
            ("plugin:a:b", "plugin:a:b"),
            ("a b", "'a b'"),
            ("it's", "'it'\\''s'"),
            ("$(rm)", "'$(rm)'"),
            ("", "''"),
            ("--all", "'--all'"),
            ("~/my dir", "~/'my dir'"),
        ] {
            assert_eq!(quoted(word), shown);
        }
    }
}
