//! The rules that the program brings along. Must not know what they say.

use super::rule::Origin;
use super::{Rules, Source};
use include_dir::{Dir, include_dir};
use std::path::Path;

static RULES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/rules");

impl Rules {
    /// The files of the rules that the program brings along.
    pub fn shipped_sources() -> impl Iterator<Item = Source> {
        RULES.files().filter(|file| file.path().extension().is_some_and(|ending| ending == "yml")).map(
            |file| Source {
                file: Path::new("rules").join(file.path()),
                bytes: file.contents().to_vec(),
                origin: Origin::Shipped,
            },
        )
    }

    /// The rules that the program brings along, and no others.
    pub fn shipped() -> Self {
        Self::load(Self::shipped_sources())
    }
}
