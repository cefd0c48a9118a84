//! The few variables of a process's environment that are kept. Must not keep any other, not even for a moment longer
//! than its bytes pass by.

use crate::model::masking::{mask_command_line, mask_url};
use crate::model::process::KEPT_VARIABLES;
use crate::model::text::Text;
use std::collections::BTreeMap;

/// More bytes of one variable are not kept.
const MOST: usize = 2048;
/// More bytes of an environment are not looked through: no system lets a program have more.
pub(super) const MOST_LOOKED_THROUGH: usize = 8 << 20;
/// The longest name that is kept, and `=`.
const LONGEST: usize = 32;

/// What is kept.
pub(super) type Kept = BTreeMap<&'static str, Text>;

/// Takes an environment chunk by chunk.
#[derive(Debug, Default)]
pub(super) struct Reading {
    kept: Kept,
    /// The beginning of the variable that the last chunk ended in, as much as is needed of it.
    begun: Vec<u8>,
}

impl Reading {
    /// The next chunk.
    pub(super) fn take(&mut self, chunk: &[u8]) {
        let mut rest = chunk;
        while let Some(end) = memchr::memchr(0, rest) {
            let (variable, behind) = rest.split_at(end);
            if self.begun.is_empty() {
                self.keep(variable);
            } else {
                self.begin(variable);
                let begun = std::mem::take(&mut self.begun);
                self.keep(&begun);
            }
            rest = behind.get(1..).unwrap_or_default();
        }
        self.begin(rest);
    }

    /// What was kept.
    pub(super) fn end(mut self) -> Kept {
        let begun = std::mem::take(&mut self.begun);
        self.keep(&begun);
        self.kept
    }

    fn begin(&mut self, part: &[u8]) {
        let room = (LONGEST + MOST + 1).saturating_sub(self.begun.len());
        self.begun.extend_from_slice(part.get(..room).unwrap_or(part));
    }

    fn keep(&mut self, variable: &[u8]) {
        let start = variable.get(..LONGEST).unwrap_or(variable);
        let Some(equals) = memchr::memchr(b'=', start) else { return };
        let (name, value) = variable.split_at(equals);
        let Some(name) = KEPT_VARIABLES.iter().find(|kept| kept.as_bytes() == name) else { return };
        let value = value.get(1..).unwrap_or_default();
        let value = String::from_utf8_lossy(value.get(..MOST).unwrap_or(value));
        // Of two of one name, every C library takes the first.
        self.kept.entry(name).or_insert_with(|| masked(name, &value));
    }
}

/// Masks what may hold more than its name promises.
pub(super) fn masked(name: &str, value: &str) -> Text {
    match name {
        "npm_package_resolved" => mask_url(value),
        "npm_lifecycle_script" | "NODE_OPTIONS" => mask_command_line(value),
        _ => Text::plain(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(bytes: &[u8], chunk: usize) -> Kept {
        let mut reading = Reading::default();
        bytes.chunks(chunk).for_each(|chunk| reading.take(chunk));
        reading.end()
    }

    #[test]
    fn only_known_variables_are_kept_and_each_is_cut() {
        let long = format!("npm_package_json={}\0", "x".repeat(1 << 20));
        let all = format!(
            "HOME=/h\0GITHUB_TOKEN=no\0npm_package_name=left-pad\0npm_package_name=other\0{long}UV=\0CLAUDECODE=1"
        );
        for chunk in [1, 7, 4096, all.len()] {
            let kept = read(all.as_bytes(), chunk);
            assert_eq!(
                kept.keys().copied().collect::<Vec<_>>(),
                ["CLAUDECODE", "UV", "npm_package_json", "npm_package_name"]
            );
            assert_eq!(kept["npm_package_name"], Text::plain("left-pad"));
            assert_eq!(kept["npm_package_json"].reveal().len(), MOST);
        }
        let url = read(b"npm_package_resolved=https://u:s3cret@r.example/x.tgz\0", 9);
        assert!(url["npm_package_resolved"].has_secret());
        assert!(KEPT_VARIABLES.iter().all(|name| name.len() < LONGEST));
    }

    proptest! {
        #[test]
        fn chunks_do_not_matter(bytes in "([A-Z=\0]|UV=|npm_package_name=){0,60}", chunk in 1_usize..50) {
            prop_assert_eq!(read(bytes.as_bytes(), chunk), read(bytes.as_bytes(), bytes.len().max(1)));
        }
    }
}
