//! Programs that run things for others: what they run descends from them, not from who asked. Recognises them, their
//! clients and the files by which they are told. Must not judge.

use super::program::Program;
use crate::model::process::Process;
use crate::model::provenance::Broker;
use std::path::Path;

/// The broker that a process is, by what it executes.
pub fn server_of(process: &Process) -> Option<Broker> {
    let image = process.image()?;
    let program = Program::of(image)?;
    let name = program.name.as_str();
    let argument = |at: usize| program.arguments.get(at).map(String::as_str).unwrap_or_default();
    Some(match name {
        "systemd" => Broker::Systemd,
        "atd" => Broker::At,
        "cron" | "crond" | "anacron" | "fcron" => Broker::Cron,
        "tmux" | "tmux: server" => Broker::Tmux,
        "screen" | "SCREEN" => Broker::Screen,
        "dbus-daemon" | "dbus-broker" | "dbus-broker-launch" | "dbus-daemon-launch-helper" => Broker::Dbus,
        "dockerd"
        | "containerd"
        | "containerd-shim"
        | "containerd-shim-runc-v2"
        | "conmon"
        | "runc"
        | "crun" => Broker::Container,
        "code-server" | "code-tunnel" | "vscode-server" | "cursor-server" | "jetbrains-gateway" => {
            Broker::Ide
        }
        "server-main.js" | "bootstrap-fork" | "bootstrap-fork.js" => Broker::Ide,
        "code" | "code-insiders" | "codium" | "cursor" | "windsurf" if argument(0).starts_with("--type=") => {
            Broker::Ide
        }
        _ => return None,
    })
}

/// The broker that a process asks to run something: it executes the broker's client. Of every program that starts
/// below an install, this is worth remembering.
pub fn client_of(process: &Process) -> Option<Broker> {
    let program = Program::of(process.image()?)?;
    let has = |words: &[&str]| program.arguments.iter().any(|argument| words.contains(&argument.as_str()));
    Some(match program.name.as_str() {
        "systemd-run" => Broker::Systemd,
        "systemctl" if has(&["start", "enable", "restart", "reenable", "link", "daemon-reload", "--now"]) => {
            Broker::Systemd
        }
        "at" | "batch" => Broker::At,
        "crontab" if !has(&["-l"]) => Broker::Cron,
        "tmux" if process.parent.is_some() => Broker::Tmux,
        "screen" => Broker::Screen,
        "dbus-send" | "busctl" | "gdbus" | "qdbus" | "dbus-launch" => Broker::Dbus,
        "docker" | "podman" | "nerdctl" | "ctr" => Broker::Container,
        "code" | "code-insiders" | "codium" | "cursor" | "windsurf" => Broker::Ide,
        _ => return None,
    })
}

/// The broker that is told by a file of that path: a unit, a table, a job.
pub fn told_by(path: &Path) -> Option<Broker> {
    let text = path.to_str()?;
    let is_unit = ["/systemd/system/", "/systemd/user/", "/systemd/system.control/", "/systemd/transient/"]
        .iter()
        .any(|folder| text.contains(folder));
    if is_unit {
        return Some(Broker::Systemd);
    }
    let starts = |folders: &[&str]| folders.iter().any(|folder| text.starts_with(folder));
    if starts(&["/var/spool/cron/atjobs/", "/var/spool/at/"]) {
        return Some(Broker::At);
    }
    if starts(&["/var/spool/cron/", "/etc/cron.", "/etc/crontab", "/etc/anacrontab"]) {
        return Some(Broker::Cron);
    }
    text.contains("/dbus-1/services/").then_some(Broker::Dbus)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::process::{Image, ProcessId};
    use crate::model::text::Text;
    use std::sync::Arc;

    fn process(executable: &str, args: &[&str]) -> Process {
        Process {
            parent: Some(ProcessId { pid: 1, start: 0 }),
            is_fork_seen: true,
            images: vec![Arc::new(Image {
                executable: Some(executable.into()),
                args: args.iter().map(|arg| Text::plain(*arg)).collect(),
                ..Image::default()
            })],
            ..Process::new(ProcessId { pid: 2, start: 1 })
        }
    }

    #[test]
    fn brokers_and_their_clients_are_told_apart() {
        for (executable, args, server, client) in [
            ("/usr/lib/systemd/systemd", "systemd --user", Some(Broker::Systemd), None),
            ("/usr/bin/systemd-run", "systemd-run --user sh", None, Some(Broker::Systemd)),
            ("/usr/bin/systemctl", "systemctl --user enable x", None, Some(Broker::Systemd)),
            ("/usr/bin/systemctl", "systemctl status", None, None),
            ("/usr/sbin/cron", "/usr/sbin/cron -f", Some(Broker::Cron), None),
            ("/usr/bin/crontab", "crontab -", None, Some(Broker::Cron)),
            ("/usr/bin/crontab", "crontab -l", None, None),
            ("/usr/sbin/atd", "atd", Some(Broker::At), None),
            ("/usr/bin/at", "at now", None, Some(Broker::At)),
            ("/usr/bin/docker", "docker run x", None, Some(Broker::Container)),
            ("/usr/bin/node", "node /opt/s/out/server-main.js", Some(Broker::Ide), None),
            ("/usr/bin/vim", "vim", None, None),
        ] {
            let args: Vec<&str> = args.split(' ').collect();
            let process = process(executable, &args);
            assert_eq!((server_of(&process), client_of(&process)), (server, client), "{args:?}");
        }
    }

    #[test]
    fn files_that_brokers_obey_are_known() {
        for (path, expected) in [
            ("/home/u/.config/systemd/user/x.service", Some(Broker::Systemd)),
            ("/var/spool/cron/crontabs/u", Some(Broker::Cron)),
            ("/var/spool/cron/atjobs/a0001", Some(Broker::At)),
            ("/home/u/.local/share/dbus-1/services/x.service", Some(Broker::Dbus)),
            ("/home/u/.claude.json", None),
        ] {
            assert_eq!(told_by(Path::new(path)), expected, "{path}");
        }
    }
}
