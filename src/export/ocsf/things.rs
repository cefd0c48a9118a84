//! The things that an event is about, as OCSF's objects: the machine, the processes, the file, the endpoint, the server.
//! Must not know what was found.

use super::object::{Object, list, members};
use serde_json::{Value, json};

/// Processes within processes are not deeper than this.
const PARENTS: usize = 2;

pub(super) fn device(event: Object<'_>) -> Option<Value> {
    let (name, uid) = (event.value("host.name"), event.value("host.id"));
    name.as_ref().or(uid.as_ref())?;
    let (os, os_name) = match event.text("host.os.type") {
        Some("linux") => (200, "Linux"),
        Some("macos") => (300, "macOS"),
        Some("windows") => (100, "Windows"),
        _ => (0, "Unknown"),
    };
    members([
        ("type_id", Some(0.into())),
        ("type", Some("Unknown".into())),
        ("hostname", name.clone()),
        ("name", name),
        ("uid", uid),
        (
            "os",
            members([
                ("name", Some(os_name.into())),
                ("type_id", Some(os.into())),
                ("kernel_release", event.value("host.os.kernel")),
            ]),
        ),
    ])
}

/// Who did it, with all that he descends from.
pub(super) fn actor(event: Object<'_>) -> Option<Value> {
    let writer = event.object("process")?;
    let mut process = process(writer, PARENTS)?;
    let ancestry = event.objects("mcpwatch.provenance.ancestors").filter_map(entity).collect();
    if let (Value::Object(process), Some(ancestry)) = (&mut process, list(ancestry)) {
        process.insert("ancestry".to_owned(), ancestry);
    }
    members([("process", Some(process)), ("user", user(writer.value("user.id"), None))])
}

fn process(process: Object<'_>, depth: usize) -> Option<Value> {
    let (pid, uid) = (process.number("pid"), process.value("entity_id"));
    pid.as_ref().or(uid.as_ref())?;
    let parent = depth.checked_sub(1).and_then(|depth| self::process(process.object("parent")?, depth));
    members([
        ("pid", pid),
        ("uid", uid),
        ("name", process.value("name")),
        ("path", process.value("executable")),
        ("file", process.text("executable").and_then(file_of)),
        ("cmd_line", process.value("command_line")),
        ("working_directory", process.value("working_directory")),
        ("created_time", process.time("start")),
        ("terminated_time", process.time("end")),
        ("user", user(process.value("user.id"), None)),
        ("parent_process", parent),
    ])
}

fn entity(process: Object<'_>) -> Option<Value> {
    let (name, uid) = (process.value("name"), process.value("entity_id"));
    name.as_ref().or(uid.as_ref())?;
    members([
        ("name", name),
        ("uid", uid),
        ("pid", process.number("pid")),
        ("path", process.value("executable")),
        ("cmd_line", process.value("command_line")),
        ("created_time", process.time("start")),
    ])
}

fn file_of(path: &str) -> Option<Value> {
    let name = path.rsplit('/').next().filter(|name| !name.is_empty())?;
    Some(json!({ "type_id": 1, "type": "Regular File", "name": name, "path": path }))
}

/// An account of the machine. Some readers demand it twice, as a user and as an account.
fn user(uid: Option<Value>, name: Option<Value>) -> Option<Value> {
    let (kind, caption) = match uid.as_ref().and_then(Value::as_str) {
        Some("0") => (2, "Admin"),
        Some(_) => (1, "User"),
        None => (0, "Unknown"),
    };
    uid.as_ref().or(name.as_ref())?;
    let account = members([
        ("uid", uid.clone()),
        ("name", name.clone()),
        ("type_id", Some(99.into())),
        ("type", Some("Local Account".into())),
    ]);
    members([
        ("uid", uid),
        ("name", name),
        ("type_id", Some(kind.into())),
        ("type", Some(caption.into())),
        ("account", account),
    ])
}

/// The file that says it, where it leads, and how the two differ.
pub(super) fn evidences(event: Object<'_>) -> Option<Value> {
    let difference = members([
        ("field", event.value("mcpwatch.drift.field")),
        ("expected", event.value("mcpwatch.drift.expected")),
        ("observed", event.value("mcpwatch.drift.observed")),
    ]);
    let evidence = |name: &str, value: Option<Value>| value.map(|value| json!({ name: value }));
    let all = [evidence("file", file(event)), evidence("url", url(event)), evidence("data", difference)];
    list(all.into_iter().flatten().collect())
}

fn file(event: Object<'_>) -> Option<Value> {
    let path = event.text("file.path")?;
    let name =
        event.text("file.name").or_else(|| path.rsplit('/').find(|name| !name.is_empty())).unwrap_or(path);
    let hash = |value| json!([{ "algorithm_id": 3, "algorithm": "SHA-256", "value": value }]);
    let (kind, caption) = match event.get("file.target_path") {
        Some(_) => (7, "Symbolic Link"),
        None => (1, "Regular File"),
    };
    members([
        ("name", Some(name.into())),
        ("path", Some(path.into())),
        ("parent_folder", event.value("file.directory")),
        ("type_id", Some(kind.into())),
        ("type", Some(caption.into())),
        ("size", event.number("file.size")),
        ("uid", event.value("file.inode")),
        ("modified_time", event.time("file.mtime")),
        ("owner", user(event.value("file.uid"), event.value("file.owner"))),
        ("hashes", event.text("file.hash.sha256").map(hash)),
    ])
}

fn url(event: Object<'_>) -> Option<Value> {
    let (whole, path) = (event.value("url.original"), event.value("url.path"));
    whole.as_ref().or(path.as_ref())?;
    let port = event.get("url.port").and_then(Value::as_u64).filter(|port| *port <= u64::from(u16::MAX));
    members([
        ("url_string", whole),
        ("scheme", event.value("url.scheme")),
        ("hostname", event.value("url.domain")),
        ("port", port.map(Value::from)),
        ("path", path),
    ])
}

/// The server or the setting, and the package that an install brought.
pub(super) fn resources(event: Object<'_>) -> Option<Value> {
    const AFFECTED: i64 = 3;
    const RELATED: i64 = 4;
    let owner = user(event.value("user.id"), event.value("user.name"));
    let (name, kind) = match event.text("mcpwatch.server") {
        Some(server) => (Some(server), "mcp-server"),
        None => {
            (event.text("mcpwatch.drift.field").or_else(|| event.text("mcpwatch.client")), "client-setting")
        }
    };
    let about = name.map(|name| {
        members([
            ("name", Some(name.into())),
            ("type", Some(kind.into())),
            ("namespace", event.value("mcpwatch.scope")),
            ("role_id", Some(AFFECTED.into())),
            ("owner", owner),
        ])
    });
    let package = event.text("package.name").map(|name| {
        members([
            ("name", Some(name.into())),
            ("type", Some("package".into())),
            ("namespace", event.value("package.type")),
            ("version", event.value("package.version")),
            ("role_id", Some(RELATED.into())),
        ])
    });
    list([about, package].into_iter().flatten().flatten().collect())
}
