//! rsyslog and syslog-ng as they are installed, with the configuration of `packaging/siem/` and other places and ports.

use crate::support::port::free_port;
use crate::support::{Scratch, wait_until};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Which receiver.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Rsyslog,
    SyslogNg,
}

/// One that runs.
pub(crate) struct Receiver {
    child: Child,
    errors: PathBuf,
    /// Where it listens.
    pub(crate) port: u16,
    /// Where it reads.
    pub(crate) log: PathBuf,
    /// Where it writes.
    pub(crate) spool: PathBuf,
}

impl Receiver {
    /// Checks the configuration and starts it; `None` where it is not installed, which is said.
    pub(crate) fn start(kind: Kind, name: &str, scratch: &Scratch) -> Option<Self> {
        let (log, spool) = (scratch.path("log"), scratch.path("spool"));
        let (work, errors) = (scratch.path("work"), scratch.path("errors"));
        [&log, &spool, &work].into_iter().for_each(|dir| fs::create_dir(dir).unwrap());
        let port = free_port();
        let packaged =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/siem").join(kind.directory()).join(name);
        let text = fs::read_to_string(packaged).unwrap();
        let text = text
            .replace("/var/log/mcpwatch", &log.display().to_string())
            .replace("/var/spool/mcpwatch", &spool.display().to_string())
            .replace("6514", &port.to_string());
        let config = scratch.path("receiver.conf");
        fs::write(&config, kind.around(&text, &work)).unwrap();
        let Some(mut check) = kind.command(&config, &work) else {
            eprintln!("did not run: {} is not installed (tests/run installs it as root)", kind.directory());
            return None;
        };
        let checked = check.args(kind.check()).output().unwrap();
        assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
        let said = fs::File::create(&errors).unwrap();
        let mut command = kind.command(&config, &work)?;
        let child =
            command.args(kind.run()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(said).spawn().unwrap();
        Some(Self { child, errors, port, log, spool })
    }

    /// Fails with what it said, where it ended by itself.
    pub(crate) fn assert_runs(&mut self) {
        let ended = self.child.try_wait().unwrap();
        assert!(ended.is_none(), "{ended:?}: {}", fs::read_to_string(&self.errors).unwrap());
    }

    /// The lines of a file that it writes, as soon as there are so many.
    pub(crate) fn lines(&mut self, name: &str, count: usize) -> Vec<String> {
        let file = self.spool.join(name);
        let mut lines = Vec::new();
        wait_until(&format!("{count} lines arrive"), || {
            self.assert_runs();
            let text = fs::read_to_string(&file).unwrap_or_default();
            lines = text
                .split_inclusive('\n')
                .filter_map(|line| line.strip_suffix('\n'))
                .map(str::to_owned)
                .collect();
            lines.len() >= count
        });
        lines
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _killed = self.child.kill();
        let _status = self.child.wait();
    }
}

impl Kind {
    fn directory(self) -> &'static str {
        match self {
            Self::Rsyslog => "rsyslog",
            Self::SyslogNg => "syslog-ng",
        }
    }

    /// What the system's own configuration says around ours.
    fn around(self, text: &str, work: &Path) -> String {
        match self {
            Self::Rsyslog => format!("global(workDirectory=\"{}\")\n{text}", work.display()),
            Self::SyslogNg => format!("@version: 3.35\n{text}"),
        }
    }

    fn check(self) -> &'static [&'static str] {
        match self {
            Self::Rsyslog => &["-N1"],
            Self::SyslogNg => &["--syntax-only"],
        }
    }

    fn run(self) -> &'static [&'static str] {
        match self {
            Self::Rsyslog => &["-n"],
            Self::SyslogNg => &["--foreground", "--no-caps"],
        }
    }

    fn command(self, config: &Path, work: &Path) -> Option<Command> {
        match self {
            Self::Rsyslog => {
                let program =
                    ["/usr/sbin/rsyslogd", "/sbin/rsyslogd"].iter().find(|path| Path::new(path).exists())?;
                let mut command = Command::new(program);
                command.arg("-f").arg(config).arg("-i").arg(work.join("pid"));
                Some(command)
            }
            Self::SyslogNg => {
                // Unpacked, since the package cannot be installed beside rsyslog.
                let root = PathBuf::from(std::env::var_os("MCPWATCH_SYSLOG_NG")?);
                let libraries = fs::read_dir(root.join("usr/lib"))
                    .ok()?
                    .chain(fs::read_dir(root.join("lib")).ok().into_iter().flatten());
                let mut paths: Vec<PathBuf> = libraries.flatten().map(|entry| entry.path()).collect();
                let modules = fs::read_dir(root.join("usr/lib/syslog-ng")).ok()?.flatten();
                let modules = modules.map(|entry| entry.path()).find(|path| path.is_dir())?;
                paths.push(root.join("usr/lib/syslog-ng"));
                let mut command = Command::new(root.join("usr/sbin/syslog-ng"));
                command.env("LD_LIBRARY_PATH", std::env::join_paths(paths).unwrap());
                command.arg("--module-path").arg(modules).arg("-f").arg(config);
                for (option, name) in
                    [("--persist-file", "persist"), ("--pidfile", "pid"), ("--control", "control")]
                {
                    command.arg(option).arg(work.join(name));
                }
                Some(command)
            }
        }
    }
}
