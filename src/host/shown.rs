//! Paths in messages: safe to print, and safe to type. Must not touch the file system.

use std::path::Path;

/// A path for a sentence. Control characters, which could steer a terminal, are escaped.
pub fn shown(path: &Path) -> String {
    let text = path.to_string_lossy();
    if text.chars().any(char::is_control) { text.escape_debug().to_string() } else { text.into_owned() }
}

/// A path for a command that a person copies into a shell.
pub(super) fn typed(path: &Path) -> String {
    let text = shown(path);
    let is_safe = |c: char| c.is_alphanumeric() || "/._-+=:,@%".contains(c);
    if !text.is_empty() && text.chars().all(is_safe) && !text.starts_with('-') {
        return text;
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_cannot_steer_a_terminal_or_a_shell() {
        assert_eq!(shown(Path::new("/a/\u{1b}[2Jb")), "/a/\\u{1b}[2Jb");
        assert_eq!(typed(Path::new("/a/b-1.json")), "/a/b-1.json");
        assert_eq!(typed(Path::new("/a b/$(x)'y")), r"'/a b/$(x)'\''y'");
        assert_eq!(typed(Path::new("-rf")), "'-rf'");
    }
}
