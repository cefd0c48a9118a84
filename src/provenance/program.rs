//! Which program a process ran: the script behind an interpreter, and whether it lies where programs lie. Must not
//! know any package manager.

use crate::model::process::Image;
use crate::model::text::Text;
use std::path::{Component, Path, PathBuf};

/// How many arguments are looked at: what a program is told to do stands in front.
const ARGUMENTS: usize = 64;

/// Options that are followed by a value, and those behind which code stands instead of a script.
fn options(interpreter: &str) -> (&'static [&'static str], &'static [&'static str]) {
    if interpreter.starts_with("py") {
        (&["-X", "-W"], &["-c"])
    } else if interpreter.starts_with("ruby") {
        (&["-I", "-r", "-C", "-E"], &["-e"])
    } else if interpreter.starts_with("php") {
        (&["-d", "-c", "-z"], &["-r", "-R", "-B"])
    } else if interpreter.starts_with("node") {
        (
            &["-r", "--require", "--import", "--loader", "-C", "--conditions"],
            &["-e", "-p", "-pe", "--eval", "--print"],
        )
    } else if interpreter == "perl" {
        (&["-I"], &["-e", "-E"])
    } else {
        (&["-o"], &["-c"])
    }
}

/// A program, found in what the kernel was asked to execute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Program {
    /// The file name of the executable, or of the script that an interpreter was given.
    pub(super) name: String,
    /// The interpreter, for a script.
    pub(super) interpreter: Option<String>,
    /// The executable or the script.
    pub(super) path: Option<PathBuf>,
    /// What follows it.
    pub(super) arguments: Vec<String>,
    /// Whether all of this is only what the process calls itself: it has changed its title, or its executable could
    /// not be read.
    pub(super) is_claim: bool,
}

impl Program {
    /// The program of an image; `None` where nothing is known, or code was given on the command line.
    pub(super) fn of(image: &Image) -> Option<Self> {
        let args: Vec<String> = image.args.iter().take(ARGUMENTS).map(Text::reveal).collect();
        let called = args.first().map(String::as_str).unwrap_or_default();
        let executable = image.executable.as_deref().map(without_mark);
        let file =
            executable.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
        let is_claim = file.is_none();
        let file = file.or_else(|| last(called)).filter(|file| !file.is_empty())?;
        // `rustup` and `busybox` are many programs in one file; which, the first argument decides for them too.
        let name = if matches!(file.as_str(), "rustup" | "busybox") { last(called)? } else { file };
        let rest = args.get(1..).unwrap_or_default();
        if !is_interpreter(&name) {
            return Some(Self {
                name,
                interpreter: None,
                path: executable,
                arguments: rest.to_vec(),
                is_claim,
            });
        }
        if let Some(titled) = titled(called, rest) {
            return Some(titled);
        }
        let (script, arguments) = script(&name, rest)?;
        let (path, script) = match script {
            Script::Module(module) => (executable, module),
            Script::File(file) => {
                let path = image.directory.as_deref().unwrap_or(Path::new("/")).join(&file);
                (Some(path), last(&file)?)
            }
        };
        Some(Self { name: script, interpreter: Some(name), path, arguments, is_claim })
    }

    /// Whether it lies where installed programs lie. A program that somebody put next to their own files and gave
    /// the name of a manager does not; one who copies a whole layout gets by, and is still named as the writer.
    pub(super) fn is_at_home(&self) -> bool {
        const SYSTEM: [&str; 8] =
            ["/usr/", "/bin/", "/sbin/", "/opt/", "/snap/", "/nix/store/", "/Library/", "/home/linuxbrew/"];
        const FOLDERS: [&str; 12] = [
            "bin",
            ".bin",
            "sbin",
            "shims",
            "libexec",
            "node_modules",
            "site-packages",
            "dist-packages",
            "toolchains",
            "releases",
            "corepack",
            "Cellar",
        ];
        let Some(path) = &self.path else { return false };
        if path.components().any(|part| part == Component::ParentDir) {
            return false;
        }
        let is_system = SYSTEM.iter().any(|start| path.starts_with(start));
        let folders = path.parent().into_iter().flat_map(Path::components);
        is_system || folders.into_iter().any(|part| FOLDERS.iter().any(|folder| part.as_os_str() == *folder))
    }
}

enum Script {
    File(String),
    Module(String),
}

/// The script that an interpreter was given, and what follows it.
fn script(interpreter: &str, args: &[String]) -> Option<(Script, Vec<String>)> {
    let (valued, inline) = options(interpreter);
    let mut at = 0;
    while let Some(arg) = args.get(at) {
        let rest = |from: usize| args.get(from..).unwrap_or_default().to_vec();
        if arg == "-m" && interpreter.starts_with("py") {
            return Some((Script::Module(args.get(at + 1)?.clone()), rest(at + 2)));
        }
        let is_shell_code = inline == ["-c"] && !arg.starts_with("--") && arg.ends_with('c');
        if inline.contains(&arg.as_str()) || is_shell_code && arg.starts_with('-') {
            return None;
        }
        if arg == "-f" && interpreter.starts_with("php") {
            return Some((Script::File(args.get(at + 1)?.clone()), rest(at + 2)));
        }
        if !arg.starts_with('-') {
            return Some((Script::File(arg.clone()), rest(at + 1)));
        }
        at += if valued.contains(&arg.as_str()) { 2 } else { 1 };
    }
    None
}

/// What npm makes of its arguments while it runs: `npm install left-pad`, one string and no more.
fn titled(called: &str, rest: &[String]) -> Option<Program> {
    let mut words = called.split_whitespace().map(str::to_owned);
    let name = words.next().filter(|name| matches!(name.as_str(), "npm" | "pnpm" | "yarn"))?;
    let is_alone = rest.iter().all(String::is_empty) && called.contains(' ');
    is_alone.then(|| Program {
        name,
        interpreter: None,
        path: None,
        arguments: words.collect(),
        is_claim: true,
    })
}

fn is_interpreter(name: &str) -> bool {
    const NAMES: [&str; 14] = [
        "node", "nodejs", "sh", "bash", "dash", "zsh", "ksh", "python", "python2", "ruby", "php", "perl",
        "deno", "env",
    ];
    let versioned = |stem: &str| {
        name.strip_prefix(stem)
            .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
    };
    NAMES.contains(&name) || ["python", "ruby", "php", "node", "perl"].into_iter().any(versioned)
}

/// The kernel marks a file that is gone; its name is what it was.
fn without_mark(path: &Path) -> PathBuf {
    match path.to_str().and_then(|text| text.strip_suffix(" (deleted)")) {
        Some(text) => PathBuf::from(text),
        None => path.to_owned(),
    }
}

fn last(path: &str) -> Option<String> {
    Some(path.rsplit('/').next()?.to_owned()).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(executable: Option<&str>, args: &[&str]) -> Option<Program> {
        Program::of(&Image {
            executable: executable.map(PathBuf::from),
            args: args.iter().map(|arg| Text::plain(*arg)).collect(),
            directory: Some("/w".into()),
            ..Image::default()
        })
    }

    #[test]
    fn the_script_is_the_program() {
        for (executable, args, name, arguments) in [
            ("/usr/bin/node", &["node", "/usr/bin/npm", "install", "x"][..], "npm", "install x"),
            ("/usr/bin/node", &["node", "-r", "./a.js", "b/npm-cli.js", "ci"], "npm-cli.js", "ci"),
            ("/usr/bin/python3.11", &["python", "-m", "pip", "install", "x"], "pip", "install x"),
            ("/usr/bin/ruby3.1", &["ruby", "-I", "/lib", "/usr/bin/gem", "install"], "gem", "install"),
            ("/usr/bin/php8.2", &["php", "-d", "a=b", "/usr/bin/composer", "require"], "composer", "require"),
            ("/h/.cargo/bin/rustup", &["cargo", "build"], "cargo", "build"),
            ("/opt/uv (deleted)", &["uv", "sync"], "uv", "sync"),
            ("/bin/bash", &["/bin/bash", "-p", "/opt/homebrew/bin/brew", "install"], "brew", "install"),
        ] {
            let found = program(Some(executable), args);
            let found = found.unwrap();
            assert_eq!((found.name.as_str(), found.arguments.join(" ").as_str()), (name, arguments));
            assert!(!found.is_claim);
        }
        assert_eq!(program(Some("/usr/bin/node"), &["node", "-e", "1"]), None);
        assert_eq!(program(Some("/usr/bin/node"), &["npm", "-e", "1"]), None);
        assert_eq!(program(None, &[]), None);
        assert!(program(None, &["/usr/bin/npm", "install"]).unwrap().is_claim);
        assert!(program(Some("/usr/bin/node"), &["npm install x", "", ""]).unwrap().is_claim);
    }

    #[test]
    fn a_manager_beside_somebodys_files_is_not_at_home() {
        for (script, expected) in [
            ("/usr/bin/npm", true),
            ("/home/u/.nvm/versions/node/v20/bin/npm", true),
            ("/home/u/p/.yarn/releases/yarn-4.1.0.cjs", true),
            ("/tmp/x/npm", false),
            ("npm", false),
            ("/usr/bin/../../tmp/npm", false),
        ] {
            let found = program(Some("/usr/bin/node"), &["node", script, "install"]).unwrap();
            assert_eq!(found.is_at_home(), expected, "{script}");
        }
    }
}
