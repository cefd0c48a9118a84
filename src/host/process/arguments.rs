//! The arguments of a process, cut and masked at the door. Must not know how they were read.

use super::packages;
use crate::model::masking::{mask_arguments, mask_command_line};
use crate::model::text::Text;
use std::borrow::Cow;

/// More bytes of a command line are not kept.
pub(super) const MOST: usize = 4096;
/// More arguments are not kept.
const MOST_ARGUMENTS: usize = 128;
/// Programs to which `-c` hands a command line.
const SHELLS: [&str; 7] = ["sh", "bash", "dash", "zsh", "ksh", "ash", "fish"];

/// The arguments in `bytes`, each ended by a zero, masked; and whether there were more. The bytes may be more than
/// are kept, and then something was cut.
pub(super) fn masked(bytes: &[u8]) -> (Vec<Text>, bool) {
    let kept = bytes.get(..MOST).unwrap_or(bytes);
    let mut raw: Vec<_> = kept.strip_suffix(b"\0").unwrap_or(kept).split(|byte| *byte == 0).collect();
    if kept.is_empty() {
        raw.clear();
    }
    // A process that writes a title over its arguments may leave zeros behind it.
    while raw.len() > 1 && raw.last().is_some_and(|last| last.is_empty()) && bytes.ends_with(b"\0\0") {
        raw.pop();
    }
    let is_cut = kept.len() < bytes.len() || raw.len() > MOST_ARGUMENTS;
    raw.truncate(MOST_ARGUMENTS);
    let words: Vec<_> = raw.iter().map(|word| String::from_utf8_lossy(word)).collect();
    (mask(&words), is_cut)
}

/// Masks a command line whose first word is the program.
fn mask(words: &[Cow<'_, str>]) -> Vec<Text> {
    let Some((program, arguments)) = words.split_first() else { return Vec::new() };
    // A title that a process gave itself is a whole command line in one word: `npm install x`.
    let title: Vec<_> = program.split(' ').map(Cow::from).collect();
    if arguments.is_empty() && title.len() > 1 {
        let mut joined = Text::default();
        for (index, word) in mask(&title).iter().enumerate() {
            joined.push_plain(if index > 0 { " " } else { "" });
            joined.push_text(word);
        }
        return vec![joined];
    }
    let mut masked = vec![mask_command_line(program)];
    masked.extend(mask_arguments(program, arguments));
    if let Some(script) = script(program, arguments)
        && let (Some(place), Some(text)) = (masked.get_mut(script + 1), arguments.get(script))
    {
        *place = mask_command_line(text);
    }
    packages::unmask(words, &mut masked);
    masked
}

/// Which argument is a command line of its own.
fn script(program: &str, arguments: &[Cow<'_, str>]) -> Option<usize> {
    let name = program.rsplit('/').next().unwrap_or(program).trim_start_matches('-');
    if !SHELLS.contains(&name) {
        return None;
    }
    let is_option = |word: &str| word.starts_with('-') && !word.starts_with("--") && word.contains('c');
    let option = arguments.iter().position(|word| is_option(word))?;
    let mut behind = arguments.iter().enumerate().skip(option + 1);
    behind.find(|(_, word)| word.as_ref() != "--").map(|(index, _)| index)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::digest::Key;

    fn shown(bytes: &[u8]) -> (String, bool) {
        let (texts, is_cut) = masked(bytes);
        let key = Key::from_bytes([1; 32]);
        (texts.iter().map(|text| text.shown(&key)).collect::<Vec<_>>().join("|"), is_cut)
    }

    #[test]
    fn what_a_person_needs_is_shown_and_secrets_are_not() {
        assert_eq!(shown(b"sh\0-c\0node postinstall.js\0"), ("sh|-c|node postinstall.js".into(), false));
        assert_eq!(shown(b"npm install left-pad\0\0\0\0").0, "npm install left-pad");
        assert_eq!(shown(b"npm\0install\0left-pad@6.6.6\0").0, "npm|install|left-pad@6.6.6");
        assert_eq!(
            shown(b"node\0/usr/bin/npm\0install\0-g\0left-pad\0is-odd@1\0").0,
            "node|/usr/bin/npm|install|-g|left-pad|is-odd@1"
        );
        assert_eq!(shown(b"python3\0-m\0pip\0install\0requests\0").0, "python3|-m|pip|install|requests");
        assert!(!shown(b"npm\0install\0--otp\x00123456\0--token\0hunter\0").0.contains("hunter"));
        assert_eq!(shown(b"").0, "");
        assert_eq!(shown(b"a\0\0b\0").0.matches('|').count(), 2, "an empty argument is one");
        for line in [
            &b"curl\0--token\0s3cReT9qZ4vLw7Xk2J\0"[..],
            b"sh\0-c\0curl --token s3cReT9qZ4vLw7Xk2J\0",
            b"sh\0-lc\0--\0API_KEY=s3cReT9qZ4vLw7Xk2J node x\0",
            b"x --password s3cReT9qZ4vLw7Xk2J\0",
            b"node\0-e\0fetch('s3cReT9qZ4vLw7Xk2J')\0",
        ] {
            assert!(!shown(line).0.contains("s3cReT"), "{}", shown(line).0);
        }
    }

    #[test]
    fn megabytes_are_cut_and_any_bytes_do() {
        let long = [b"x\0".as_slice(), &vec![b'a'; 2 << 20]].concat();
        let (texts, is_cut) = masked(&long);
        assert!(is_cut && texts.len() == 2 && texts[1].reveal().len() <= MOST);
        let (texts, is_cut) = masked(&b"a\0".repeat(1000));
        assert!(is_cut && texts.len() == MOST_ARGUMENTS);
        masked(b"\xff\x1b[2J\n\0(\0)\0");
    }
}
