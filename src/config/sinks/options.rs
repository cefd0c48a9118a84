//! Where a new sink begins, as a word. Must not know what is done with it.

use std::str::FromStr;

impl FromStr for super::Begin {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "beginning" => Ok(Self::Beginning),
            "end" => Ok(Self::End),
            _ => Err("beginning or end"),
        }
    }
}
