//! Names of packages on a package manager's command line: what a person typed there is no secret. Must not decide
//! what is an install.

use crate::model::masking::mask_arguments;
use crate::model::text::Text;
use std::borrow::Cow;

/// Programs that take names of packages.
const MANAGERS: [&str; 18] = [
    "apt", "apt-get", "brew", "bun", "bunx", "cargo", "composer", "gem", "npm", "npx", "pip", "pip3", "pipx",
    "pnpm", "pnpx", "uv", "uvx", "yarn",
];
/// Programs that run such a program as a script.
const INTERPRETERS: [&str; 6] = ["node", "nodejs", "python", "python3", "ruby", "php"];
/// Words behind which every plain word is a package.
const VERBS: [&str; 12] =
    ["add", "ci", "global", "i", "in", "install", "require", "tool", "uninstall", "up", "update", "upgrade"];

/// Shows the packages on a package manager's command line, which is masked already.
pub(super) fn unmask(words: &[Cow<'_, str>], masked: &mut [Text]) {
    let Some(manager) = manager(words) else { return };
    let mut has_verb = false;
    for (index, word) in words.iter().enumerate().skip(manager + 1) {
        if word == "--" {
            break;
        }
        if has_verb && !word.starts_with('-') {
            // What follows a flag that names a secret stays one: the masking knows them.
            let pair: Vec<_> = words.get(index - 1..=index).unwrap_or_default().to_vec();
            let is_flag = pair.first().is_some_and(|word| word.starts_with('-'));
            let known = mask_arguments("npm", pair.get(usize::from(!is_flag)..).unwrap_or_default());
            if let (Some(place), Some(text)) = (masked.get_mut(index), known.last()) {
                *place = text.clone();
            }
        }
        has_verb |= VERBS.contains(&word.as_ref());
    }
}

/// Which word is the package manager.
fn manager(words: &[Cow<'_, str>]) -> Option<usize> {
    let is_manager = |word: &str| MANAGERS.contains(&bare(word));
    let first = words.first()?;
    if is_manager(first) {
        return Some(0);
    }
    INTERPRETERS.contains(&bare(first)).then_some(())?;
    let script = words.iter().skip(1).position(|word| !word.starts_with('-'))? + 1;
    is_manager(words.get(script)?).then_some(script)
}

/// A program's name without its directory and what its language adds.
fn bare(word: &str) -> &str {
    let name = word.rsplit('/').next().unwrap_or(word);
    let name = name.split_once(['.']).map_or(name, |(name, _)| name);
    name.strip_suffix("-cli").unwrap_or(name)
}
