//! File systems that refuse, cannot, or hang: the file is whole, what is weaker is said, and nobody else waits. Most of it
//! takes root, a loop device and ext4.

use super::kit::{CLAUDE, approved, event, names, read};
use super::support::{Scratch, Watch, wait_until};
use mcpwatch::host::accounts::own_uid;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::lchown;
use std::path::{Path, PathBuf};
use std::process::Command;

/// An account that nobody has.
const OWNER: u32 = 45_679;

fn tampered() -> String {
    CLAUDE.replace("mcp.linear.app", "evil.test")
}

fn run(program: &str, arguments: &[&str]) -> bool {
    Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
}

/// A small ext4 in a file, mounted; gone with this.
struct Ext4 {
    at: PathBuf,
    is_frozen: bool,
}

impl Ext4 {
    /// Mounts one there with these options; says why not, where that cannot be.
    fn mount(scratch: &Scratch, at: &Path, features: &[&str], options: &str) -> Option<Self> {
        if own_uid() != 0 {
            eprintln!("not run: only root can mount a file system");
            return None;
        }
        let image = scratch.path("image");
        fs::write(&image, "").unwrap();
        fs::OpenOptions::new().write(true).open(&image).unwrap().set_len(16 << 20).unwrap();
        let (image, place) = (image.to_str().unwrap(), at.to_str().unwrap());
        let made = [&["-q", "-F"], features, &[image]].concat();
        if !run("mkfs.ext4", &made) || !run("mount", &["-o", &format!("loop{options}"), image, place]) {
            eprintln!("not run: no ext4 on a loop device here (with {features:?}, \"{options}\")");
            return None;
        }
        Some(Self { at: at.to_path_buf(), is_frozen: false })
    }

    /// Whoever writes to it hangs.
    fn freeze(&mut self) -> bool {
        self.is_frozen = run("fsfreeze", &["-f", self.at.to_str().unwrap()]);
        self.is_frozen
    }

    fn thaw(&mut self) {
        if std::mem::take(&mut self.is_frozen) {
            assert!(run("fsfreeze", &["-u", self.at.to_str().unwrap()]));
        }
    }
}

impl Drop for Ext4 {
    fn drop(&mut self) {
        if self.is_frozen {
            let _thawed = run("fsfreeze", &["-u", self.at.to_str().unwrap()]);
        }
        // What runs there may take a moment to end.
        let _gone = run("umount", &["-l", self.at.to_str().unwrap()]);
    }
}

/// A home of that account in a file system of its own, approved.
fn home_of_another(scratch: &Scratch) {
    scratch.write(".claude.json", CLAUDE);
    for path in [scratch.home(), scratch.claude_json()] {
        lchown(path, Some(OWNER), Some(OWNER)).unwrap();
    }
    fs::set_permissions(scratch.path(""), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    assert!(as_root(scratch, &["baseline", "capture"]).output().unwrap().status.success());
}

/// The command as root types it in somebody else's home.
fn as_root(scratch: &Scratch, arguments: &[&str]) -> Command {
    let mut command = scratch.command();
    command.env("HOME", "/root").args(arguments);
    command
}

/// Root puts it right: `None` where it was done, else why not.
fn refusal(scratch: &Scratch) -> Option<String> {
    let output = as_root(scratch, &["revert", "linear", "--format", "json"]).output().unwrap();
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    said["reverts"][0]["reason"].as_str().map(str::to_owned)
}

fn save(scratch: &Scratch, text: &str) {
    let beside = scratch.home().join("beside");
    fs::write(&beside, text).unwrap();
    lchown(&beside, Some(OWNER), Some(OWNER)).unwrap();
    fs::rename(&beside, scratch.claude_json()).unwrap();
}

#[test]
fn a_quota_that_is_used_up_is_named_and_the_file_stays_whole() {
    let scratch = Scratch::new();
    let home = scratch.home();
    let Some(_mounted) =
        Ext4::mount(&scratch, &home, &["-O", "quota", "-E", "quotatype=usrquota"], ",usrquota")
    else {
        return;
    };
    home_of_another(&scratch);
    save(&scratch, &tampered());
    let place = home.to_str().unwrap();
    let limited = |blocks: &str, files: &str| {
        run("setquota", &["-u", &OWNER.to_string(), "0", blocks, "0", files, place])
    };
    // Nothing more of either: the blocks that are in use, the files that are there.
    if !limited("1", "0") {
        eprintln!("not run: no setquota, or a kernel without quota (apt-get install quota)");
        return;
    }
    let why = || refusal(&scratch).unwrap_or_default();
    assert!(why().contains("quota of its owner is used up"), "{}", why());
    assert!(limited("0", "1"));
    assert!(why().contains("quota of its owner is used up"), "{}", why());
    assert_eq!(read(&scratch, ".claude.json"), tampered());
    assert!(!names(&scratch).iter().any(|name| name.contains(".mcpwatch-")), "no draft is left");
    assert!(event(&scratch, "revert-refused")["message"].as_str().unwrap().contains("quota"));
    assert!(limited("0", "0"));
    assert_eq!(refusal(&scratch), None);
    assert_eq!(read(&scratch, ".claude.json"), CLAUDE);
}

#[test]
fn access_lists_and_attributes_are_kept() {
    let scratch = Scratch::new();
    let Some(_mounted) = Ext4::mount(&scratch, &scratch.home(), &[], ",acl,user_xattr") else { return };
    home_of_another(&scratch);
    save(&scratch, &tampered());
    let file = scratch.claude_json();
    let shown = file.to_str().unwrap();
    if !run("setfacl", &["-m", "u:45680:r--,g:45681:---,m::r--", shown]) {
        eprintln!("not run: no setfacl (apt-get install acl)");
        return;
    }
    rustix::fs::setxattr(&file, "user.backup", b"never", rustix::fs::XattrFlags::empty()).unwrap();
    let said = |file: &Path| {
        let output = Command::new("getfacl").args(["-pn"]).arg(file).output().unwrap();
        let mut value = [0; 16];
        let length = rustix::fs::getxattr(file, "user.backup", &mut value[..]).unwrap();
        (super::support::text(&output.stdout), value[..length].to_vec())
    };
    let before = said(&file);
    assert!(before.0.contains("user:45680:r--"), "{}", before.0);
    assert_eq!(refusal(&scratch), None);
    assert_eq!(read(&scratch, ".claude.json"), CLAUDE);
    assert_eq!(said(&file), before);
}

#[test]
fn where_two_files_cannot_be_exchanged_what_is_weaker_is_said() {
    let scratch = approved();
    scratch.write(".claude.json", &tampered());
    // As a file system answers that knows no exchange.
    let mut traced = Command::new("strace");
    traced.args(["-f", "-qq", "-o", "/dev/null", "-e", "inject=renameat2:error=EINVAL", "--"]);
    let revert = scratch.command();
    traced.arg(revert.get_program()).args(revert.get_args()).args(["revert", "linear"]);
    let output = match traced.env("HOME", scratch.home()).output() {
        Ok(output) if output.status.success() => output,
        _ => return eprintln!("not run: no strace that may trace (apt-get install strace)"),
    };
    let said = super::support::text(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("cannot exchange two files: a save in that moment would have been lost"), "{said}");
    assert!(event(&scratch, "config-reverted")["message"].as_str().unwrap().contains("cannot exchange"));
    assert_eq!(read(&scratch, ".claude.json"), CLAUDE);
    assert_eq!(names(&scratch), [".claude", ".claude.json"]);
}

#[test]
fn a_file_system_that_hangs_holds_up_neither_the_agent_nor_other_homes() {
    let scratch = Scratch::new();
    // Goes last: what hangs cannot be waited for as long as it does.
    let mut watch: Watch;
    let Some(mut mounted) = Ext4::mount(&scratch, &scratch.home(), &[], "") else { return };
    home_of_another(&scratch);
    let second = scratch.path("second");
    fs::create_dir(&second).unwrap();
    let saved = |text: &str| {
        let file = second.join("beside");
        fs::write(&file, text).unwrap();
        fs::rename(&file, second.join(".claude.json")).unwrap();
    };
    let of_both = |arguments: &[&str]| {
        let mut command = as_root(&scratch, &["--home", second.to_str().unwrap()]);
        command.args(arguments);
        command
    };
    saved(CLAUDE);
    assert!(of_both(&["baseline", "capture"]).output().unwrap().status.success());
    save(&scratch, &tampered());
    if !mounted.freeze() {
        eprintln!("not run: no fsfreeze (util-linux)");
        return;
    }
    watch = scratch.start(of_both(&["watch", "--respond", "revert", "--format", "json"]));
    let is = |event: &Value, action: &str| event["event"]["action"] == action;
    // Whoever acts for the owner hangs in the first thing that it writes. The other home is put right meanwhile.
    saved(&tampered());
    let of_second = second.to_str().unwrap().to_owned();
    let reverted = watch.event_where("of the revert", |event| is(event, "config-reverted"));
    assert_eq!(reverted["mcpwatch"]["home"], of_second.as_str());
    let refused = watch.event_where("of the refusal", |event| is(event, "revert-refused"));
    let why = refused["mcpwatch"]["response"]["reason"].as_str().unwrap();
    assert!(why.contains("does not answer: a file system may hang"), "{why}");
    assert_eq!(refused["mcpwatch"]["home"], scratch.home().to_str().unwrap());
    saved(&tampered());
    watch.event_where("of the next one", |event| is(event, "config-reverted"));
    assert_eq!(fs::read_to_string(second.join(".claude.json")).unwrap(), CLAUDE);
    assert_eq!(read(&scratch, ".claude.json"), tampered());
    assert_eq!(watch.stop("TERM").0, Some(0));
    mounted.thaw();
    wait_until("what hung is gone", || deputies() == 0);
    let now = read(&scratch, ".claude.json");
    assert!(now == tampered() || now == CLAUDE, "{now}");
    assert!(as_root(&scratch, &["revert", "--all"]).output().unwrap().status.success());
    assert_eq!(read(&scratch, ".claude.json"), CLAUDE);
}

/// How many processes act for that account.
fn deputies() -> usize {
    let of_owner = |pid: &u32| {
        let facts = mcpwatch::host::process::facts(*pid);
        // In a container nobody may reap what was left behind.
        let facts = facts.filter(|facts| !facts.is_ended);
        facts.is_some_and(|facts| facts.credentials.is_some_and(|whose| whose.real == OWNER))
    };
    mcpwatch::host::process::all().iter().filter(|pid| of_owner(pid)).count()
}
