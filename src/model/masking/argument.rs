//! Arguments of programs: flag names, paths, package names and everyday words are shown, the rest is not.

use super::shape::{
    is_everyday_word, is_flag, is_image, is_package, is_path, is_script_name, is_token_like, is_variable_name,
};
use super::url::{looks_like_url, mask_url};
use crate::model::text::Text;
use crate::model::variables::{Segment, segments};

/// Programs whose first plain argument is a package.
const PACKAGE_RUNNERS: [&str; 9] = ["npx", "bunx", "pnpx", "uvx", "pipx", "npm", "pnpm", "yarn", "bun"];

/// Flags of such programs whose value is a package. Elsewhere `-p` may well be a password.
const PACKAGE_FLAGS: [&str; 4] = ["--package", "-p", "--from", "--with"];

/// Words in a flag's name that say that its value is secret whatever it looks like.
const SECRET_FLAG_WORDS: [&str; 11] =
    ["token", "key", "secret", "pass", "pwd", "auth", "cred", "header", "bearer", "cookie", "session"];

/// Flags that say so as a whole.
const SECRET_FLAGS: [&str; 8] = ["-h", "-u", "--user", "--pin", "--pat", "--otp", "--sas", "--sig"];

/// Masks the arguments of `program`, each by its own shape and by the flag before it.
pub fn mask_arguments<S: AsRef<str>>(program: &str, arguments: &[S]) -> Vec<Text> {
    let program = program.rsplit(['/', '\\']).next().unwrap_or(program);
    let bare = program.trim_end_matches(".cmd").trim_end_matches(".exe");
    let runs_packages = PACKAGE_RUNNERS.contains(&bare);
    let takes_package =
        |flag: &str| runs_packages && PACKAGE_FLAGS.contains(&flag) || flag == "-m" && bare.starts_with("py");
    let mut package_expected = runs_packages;
    let mut previous = "";
    let mut masked = Vec::with_capacity(arguments.len());
    for argument in arguments {
        let argument = argument.as_ref();
        let after_flag = previous.starts_with('-') && !previous.contains('=');
        let text = if after_flag && names_a_secret(previous) && !is_flag(argument) {
            super::mask_value(argument)
        } else if takes_package(previous) && is_package(argument) {
            Text::plain(argument)
        } else if package_expected && !argument.starts_with('-') && is_package(argument) {
            package_expected = is_everyday_word(argument);
            Text::plain(argument)
        } else if after_flag && matches!(previous, "-e" | "--env") && is_variable_name(argument) {
            Text::plain(argument)
        } else {
            mask_word(argument)
        };
        masked.push(text);
        previous = argument;
    }
    masked
}

/// Masks a command line that a shell will read: word by word, white space kept.
pub fn mask_command_line(raw: &str) -> Text {
    let mut text = Text::default();
    let mut program_expected = true;
    let mut open_quote = None;
    let mut previous = "";
    for piece in raw.split_inclusive(char::is_whitespace) {
        let word = piece.trim_end();
        let space = piece.get(word.len()..).unwrap_or_default();
        let assigns = word.split_once('=').is_some_and(|(name, _)| is_variable_name(name));
        let quoted = open_quote.is_some();
        open_quote = quote_after(open_quote, word);
        if quoted && !is_path(word.trim_end_matches(['"', '\''])) {
            // Inside quotes any word may be a part of one secret.
            text.push_text(&if looks_like_url(word) { mask_url(word) } else { super::mask_value(word) });
        } else if program_expected && !assigns && is_program(word) {
            text.push_plain(word);
        } else if previous.starts_with('-')
            && !previous.contains('=')
            && names_a_secret(previous)
            && !is_flag(word)
        {
            text.push_text(&super::mask_value(word));
        } else {
            text.push_text(&mask_word(word));
        }
        text.push_plain(space);
        if !word.is_empty() {
            let separator = matches!(word, "|" | "||" | "&&" | "&" | ";") || word.ends_with(';');
            program_expected = separator || program_expected && assigns;
            previous = word;
        }
    }
    text
}

/// Which quote stands open behind `word`, if one stood open before it.
fn quote_after(open: Option<char>, word: &str) -> Option<char> {
    word.chars().fold(open, |open, c| match (open, c) {
        (None, '"' | '\'') => Some(c),
        (Some(quote), c) if quote == c => None,
        (open, _) => open,
    })
}

fn is_program(word: &str) -> bool {
    is_path(word)
        || word.len() <= 40
            && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.+-/".contains(&b))
            && !is_token_like(word)
}

fn names_a_secret(flag: &str) -> bool {
    let flag = flag.to_ascii_lowercase();
    SECRET_FLAGS.contains(&flag.as_str()) || SECRET_FLAG_WORDS.iter().any(|word| flag.contains(word))
}

/// One word by its own shape alone.
fn mask_word(word: &str) -> Text {
    if looks_like_url(word) {
        return mask_url(word);
    }
    if let Some((name, value)) = word.split_once('=')
        && (is_flag(name) || is_variable_name(name))
    {
        let mut text = Text::plain(name);
        text.push_plain("=");
        let known = name.starts_with('-') && !names_a_secret(name);
        text.push_text(&if known { mask_word(value) } else { super::mask_value(value) });
        return text;
    }
    let known =
        is_flag(word) || is_path(word) || is_script_name(word) || is_image(word) || is_everyday_word(word);
    let scoped_package = word.starts_with('@') && is_package(word);
    if known || scoped_package || word.is_empty() {
        return Text::plain(word);
    }
    mask_references(word)
}

/// Literal stretches are secret; references are shown, and a default is masked by its own shape.
fn mask_references(word: &str) -> Text {
    let mut text = Text::default();
    for segment in segments(word) {
        match segment {
            Segment::Literal(literal) => text.push_secret(literal),
            Segment::Reference(reference) => {
                text.push_text(&super::mask_reference(reference.name, reference.default, &mask_word));
            }
        }
    }
    text
}
