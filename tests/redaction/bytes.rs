//! Everything that left the process, with where it was heard. Must not know what is looked for.

use super::super::support::{Scratch, Watch};
use std::fs;
use std::path::Path;

/// What was heard, in lower case.
#[derive(Default)]
pub(crate) struct Heard {
    all: Vec<(String, Vec<u8>)>,
}

impl Heard {
    pub(crate) fn take(&mut self, origin: &str, bytes: &[u8]) {
        self.all.push((origin.to_owned(), bytes.to_ascii_lowercase()));
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.all.iter().map(|(origin, bytes)| (origin.as_str(), bytes.as_slice()))
    }

    pub(crate) fn bytes(&self) -> usize {
        self.all.iter().map(|(_, bytes)| bytes.len()).sum()
    }

    pub(crate) fn holds(&self, word: &str) -> bool {
        self.all.iter().any(|(_, bytes)| memchr::memmem::find(bytes, word.as_bytes()).is_some())
    }

    /// Runs a command to its end, whatever that is; gives what it printed.
    pub(crate) fn run(&mut self, scratch: &Scratch, arguments: &[&str]) -> Vec<u8> {
        let output = scratch.command().args(arguments).output().unwrap();
        assert!(output.status.code().is_some_and(|code| code < 3), "{arguments:?}: {}", output.status);
        let origin = format!("mcpwatch {}", arguments.join(" "));
        self.take(&format!("{origin}, printed"), &output.stdout);
        self.take(&format!("{origin}, logged"), &output.stderr);
        output.stdout
    }

    /// Ends an agent and takes all that it said.
    pub(crate) fn end(&mut self, watch: Watch) {
        let (_, seen, errors) = watch.finish("TERM");
        self.take("what the agent told", seen.join("\n").as_bytes());
        self.take("what the agent logged", errors.as_bytes());
    }

    /// Every file below a directory, and its name.
    pub(crate) fn files_below(&mut self, what: &str, directory: &Path) {
        for entry in fs::read_dir(directory).unwrap().map(Result::unwrap) {
            let (path, kind) = (entry.path(), entry.file_type().unwrap());
            self.take(&format!("a name in {what}"), path.as_os_str().as_encoded_bytes());
            if kind.is_dir() {
                self.files_below(what, &path);
            } else if kind.is_file() {
                self.take(&format!("{what}, {}", path.display()), &fs::read(&path).unwrap());
            }
        }
    }
}
