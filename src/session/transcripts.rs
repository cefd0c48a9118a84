//! The client's transcripts: which tools of a server were called, and when. Names and times only: what was handed over
//! is skipped while parsing and kept nowhere.
//!
//! Whoever can write a transcript chooses what stands in it: lines and files are bounded, and only regular files that
//! are no links are read.

use super::Window;
use crate::host::entry::Entry;
use crate::host::files::Files;
use crate::host::fs_identity::{self, FsIdentity};
use crate::host::lines::{Lines, each_line};
use jiff::Timestamp;
use memchr::memmem;
use serde::Deserialize;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// So much is read of all of them together.
const MOST_BYTES: u64 = 256 << 20;
/// More files are not looked into.
const MOST_FILES: usize = 2000;
/// A longer line is not read. What a tool was given stands in it too.
const LONGEST: usize = 8 << 20;
/// More calls are counted and not listed.
const MOST_CALLS: usize = 1000;
/// A longer name is cut.
const LONGEST_NAME: usize = 128;

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolCall {
    /// When.
    pub time: Timestamp,
    /// The tool's name, without the server's.
    pub tool: String,
    /// The session.
    pub session: String,
    /// Whether the session began before the window: then it called by what it had loaded before, unless it was
    /// resumed.
    pub is_older: bool,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    /// The calls, the oldest first.
    pub calls: Vec<ToolCall>,
    /// How many more there were than are listed.
    pub unlisted: usize,
    /// Lines and files that could not be read, or were too many or too large.
    pub unread: usize,
}

/// A line, as far as it is wanted.
#[derive(Deserialize)]
struct Line {
    timestamp: Option<String>,
    message: Option<Message>,
}

#[derive(Deserialize)]
struct Message {
    content: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    #[serde(rename = "type")]
    kind: Option<String>,
    name: Option<String>,
}

/// The beginning of a line: when the session began.
#[derive(Deserialize)]
struct Beginning {
    timestamp: Option<String>,
}

/// The calls through the server of that name in the window, by the transcripts in these directories
/// (`~/.claude/projects`), read with the rights of that account: whoever lives there chooses what lies there.
pub fn calls(
    files: &dyn Files,
    owner: Option<u32>,
    directories: &[PathBuf],
    server: &str,
    window: Window,
) -> Calls {
    let identity = owner.and_then(FsIdentity::of);
    fs_identity::with(identity.as_ref(), || read_all(files, directories, server, window))
}

fn read_all(files: &dyn Files, directories: &[PathBuf], server: &str, window: Window) -> Calls {
    let mut found = Calls::default();
    let mut left = MOST_BYTES;
    for file in transcripts(files, directories, window, &mut found.unread) {
        read(&file, server, window, &mut left, &mut found);
    }
    found.calls.sort_by_key(|call| call.time);
    found.unlisted = found.calls.len().saturating_sub(MOST_CALLS);
    found.calls.truncate(MOST_CALLS);
    found
}

/// The transcripts that were written since the window began.
fn transcripts(
    files: &dyn Files,
    directories: &[PathBuf],
    window: Window,
    unread: &mut usize,
) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for projects in directories {
        for project in listed(files, projects, unread) {
            for file in listed(files, &project, unread) {
                let is_transcript = file.extension() == Some(OsStr::new("jsonl"));
                if !is_transcript || !matches!(Entry::at(&file), Entry::File(_)) {
                    continue;
                }
                let modified = files.facts(&file).ok().map(|facts| facts.modified);
                if modified.is_none_or(|modified| modified < window.since.as_nanosecond()) {
                    continue;
                }
                if found.len() == MOST_FILES {
                    *unread += 1;
                } else {
                    found.push(file);
                }
            }
        }
    }
    found
}

/// What stands in a directory that is one, and no link to one.
fn listed(files: &dyn Files, dir: &Path, unread: &mut usize) -> Vec<PathBuf> {
    if !matches!(Entry::at(dir), Entry::Directory(_)) {
        return Vec::new();
    }
    match files.list(dir) {
        Ok(names) => names.into_iter().map(|name| dir.join(name)).collect(),
        Err(_) => {
            *unread += 1;
            Vec::new()
        }
    }
}

fn read(file: &Path, server: &str, window: Window, left: &mut u64, found: &mut Calls) {
    let prefix = format!("mcp__{}__", in_tool_names(server));
    let finder = memmem::Finder::new(prefix.as_bytes());
    let session = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let mut began: Option<Timestamp> = None;
    let mut unread = 0;
    let read = each_line(file, LONGEST, left, |line| {
        if began.is_none() {
            began = serde_json::from_slice::<Beginning>(line).ok().and_then(|line| time(line.timestamp));
        }
        if finder.find(line).is_none() {
            return;
        }
        let Ok(line) = serde_json::from_slice::<Line>(line) else { return };
        let Some((time, message)) = time(line.timestamp).zip(line.message) else { return };
        if !window.has(time) {
            return;
        }
        let tools = message.content.into_iter().filter(|item| item.kind.as_deref() == Some("tool_use"));
        for name in tools.filter_map(|item| item.name) {
            let Some(tool) = name.strip_prefix(&prefix) else { continue };
            found.calls.push(ToolCall {
                time,
                tool: tool.chars().take(LONGEST_NAME).collect(),
                session: session.chars().take(LONGEST_NAME).collect(),
                is_older: began.is_some_and(|began| began < window.since),
            });
        }
    });
    match read {
        Ok(Lines { skipped, is_whole }) => unread += skipped + usize::from(!is_whole),
        Err(_) => unread += 1,
    }
    found.unread += unread;
}

fn time(text: Option<String>) -> Option<Timestamp> {
    text?.parse().ok()
}

/// A server's name as the client spells it in the names of its tools (seen on 2.1.329).
fn in_tool_names(server: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-');
    server.chars().map(|character| if plain(character) { character } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::accounts::own_uid;
    use crate::host::machine::Machine;
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;
    use std::os::unix::fs::symlink;

    fn window() -> Window {
        Window {
            since: "2026-01-02T10:00:00Z".parse().unwrap(),
            until: Some("2026-01-02T11:00:00Z".parse().unwrap()),
        }
    }

    /// A line as 2.1.329 writes it.
    fn call(time: &str, name: &str) -> String {
        format!(
            "{{\"type\":\"assistant\",\"message\":{{\"content\":[{{\"type\":\"text\",\"text\":\"x\"}},\
             {{\"type\":\"tool_use\",\"id\":\"toolu_1\",\"name\":\"{name}\",\"input\":{{\"text\":\"hunter2\"}}}}]}},\
             \"uuid\":\"u\",\"timestamp\":\"2026-01-02T{time}Z\",\"sessionId\":\"s\",\"cwd\":\"/p\"}}\n"
        )
    }

    fn of(lines: &str) -> Calls {
        let root = tempfile::tempdir().unwrap();
        let project = root.path().join("-p");
        fs::create_dir(&project).unwrap();
        fs::write(project.join("04ee.jsonl"), lines).unwrap();
        calls(&Machine, None, &[root.path().to_path_buf()], "my.srv x", window())
    }

    #[test]
    fn calls_through_a_server_in_the_window_are_named() {
        let first = "{\"type\":\"user\",\"message\":{\"content\":\"mcp__my_srv_x__echo\"},\"timestamp\":\"2026-01-02T10:01:00Z\"}\n";
        let lines = [
            first,
            &call("09:59:59.000", "mcp__my_srv_x__early"),
            &call("10:30:00.123", "mcp__my_srv_x__echo"),
            &call("10:31:00.000", "mcp__other__echo"),
            &call("11:00:01.000", "mcp__my_srv_x__late"),
        ];
        let found = of(&lines.concat());
        let named: Vec<_> = found.calls.iter().map(|call| (call.tool.as_str(), call.is_older)).collect();
        assert_eq!((named, found.unread), (vec![("echo", false)], 0));
        assert_eq!(found.calls[0].session, "04ee");
        assert!(!format!("{found:?}").contains("hunter2"));
        let older = of(&[&call("09:00:00", "x"), &call("10:30:00", "mcp__my_srv_x__echo")]
            .map(String::as_str)
            .concat());
        assert!(older.calls[0].is_older);
    }

    #[test]
    fn hostile_transcripts_hold_nobody_up() {
        let root = tempfile::tempdir().unwrap();
        let project = root.path().join("-p");
        fs::create_dir(&project).unwrap();
        let huge = format!("{{\"x\":\"{}\"}}\n", "y".repeat(LONGEST));
        let good = call("10:30:00", "mcp__my_srv_x__echo");
        let deep = format!("{{\"mcp__my_srv_x__\":{}\n", "[".repeat(100_000));
        fs::write(project.join("a.jsonl"), [&huge, &deep, "\0\u{1}\n", &good].map(String::from).concat())
            .unwrap();
        symlink("/etc/passwd", project.join("link.jsonl")).unwrap();
        symlink("/", root.path().join("elsewhere")).unwrap();
        symlink("loop", root.path().join("loop")).unwrap();
        let found = calls(&Machine, None, &[root.path().to_path_buf()], "my.srv x", window());
        assert_eq!((found.calls.len(), found.unread), (1, 1), "one line was too long");
    }

    #[test]
    fn what_its_owner_may_not_read_is_not_read_by_root_for_them() {
        let root = tempfile::tempdir().unwrap();
        let project = root.path().join("-p");
        fs::create_dir(&project).unwrap();
        for directory in [root.path(), &project] {
            fs::set_permissions(directory, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let file = project.join("04ee.jsonl");
        fs::write(&file, call("10:30:00", "mcp__my_srv_x__echo")).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        let of = |owner| calls(&Machine, Some(owner), &[root.path().to_path_buf()], "my.srv x", window());
        if own_uid() != 0 {
            eprintln!("not run: only root can read for others");
            return;
        }
        assert_eq!((of(0).calls.len(), of(45_678).calls.len(), of(45_678).unread), (1, 0, 1));
    }
}
