//! Homes that go away and come back, homes beside each other, homes full of links.

use super::kit::{HOME, captured, hook, led_to, with_projects};
use std::fs;
use std::os::unix::fs::symlink;

#[test]
fn a_home_that_was_moved_away_and_back_is_watched_again() {
    let scratch = captured();
    let mut watch = scratch.watch(&[]);
    let away = scratch.path("away");
    fs::rename(scratch.home(), &away).unwrap();
    watch.line_with(&["config-missing"]);
    fs::rename(&away, scratch.home()).unwrap();
    watch.line_with(&["drift-ended"]);
    assert!(scratch.settled().is_empty());
    scratch.write(".claude.json", &led_to("evil.test"));
    watch.line_with(&["endpoint-host-changed"]);
    scratch.write(".claude/settings.json", &hook("true"));
    watch.line_with(&["hook-changed"]);
    assert_eq!(scratch.settled().len(), 2);
    assert_eq!(watch.stop("TERM").0, Some(0));
}

#[test]
fn a_home_that_was_replaced_by_another_is_judged_anew() {
    let scratch = captured();
    let mut watch = scratch.watch(&[]);
    let other = scratch.path("other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join(".claude.json"), led_to("evil.test")).unwrap();
    fs::rename(scratch.home(), scratch.path("away")).unwrap();
    fs::rename(&other, scratch.home()).unwrap();
    watch.line_with(&["endpoint-host-changed"]);
    scratch.write(".claude.json", HOME);
    watch.line_with(&["drift-ended"]);
    assert!(scratch.settled().is_empty());
    assert_eq!(watch.stop("TERM").0, Some(0));
}

#[test]
fn each_of_two_homes_is_judged_by_its_own_baseline() {
    let scratch = captured();
    let second = scratch.path("second");
    let of_both = || {
        let mut command = scratch.command();
        command.arg("--home").arg(&second);
        command
    };
    let file = second.join(".claude.json");
    fs::create_dir(&second).unwrap();
    fs::write(&file, led_to("second.test")).unwrap();
    assert!(of_both().args(["baseline", "capture"]).output().unwrap().status.success());
    let mut command = of_both();
    command.args(["watch", "--format", "json"]);
    let mut watch = scratch.start(command);
    let host_changed = |home: &std::path::Path, host: &str| {
        let (home, host) = (home.to_str().unwrap().to_owned(), host.to_owned());
        move |event: &serde_json::Value| {
            event["event"]["action"] == "endpoint-host-changed"
                && event["mcpwatch"]["home"] == home.as_str()
                && event["mcpwatch"]["drift"]["observed"] == host.as_str()
        }
    };

    // What is right in one is drift in the other.
    fs::write(&file, HOME).unwrap();
    watch.event_where("of the second home", host_changed(&second, "mcp.tracker.test"));
    scratch.write(".claude.json", &led_to("second.test"));
    watch.event_where("of the first home", host_changed(&scratch.home(), "second.test"));
    fs::write(&file, led_to("second.test")).unwrap();
    let ended = watch.event_where("that it ended", |event| event["event"]["action"] == "drift-ended");
    assert_eq!(ended["mcpwatch"]["home"], second.to_str().unwrap());
    assert_eq!(scratch.count("drift-ended"), 0, "those of the first home only, since it was asked for");
    assert_eq!(scratch.settled().len(), 1);
    assert_eq!(watch.stop("TERM").0, Some(0));
}

#[test]
fn ten_thousand_links_to_projects_hide_no_drift() {
    let scratch = captured();
    let project = scratch.home().join("project");
    let links = scratch.home().join("links");
    fs::create_dir(&project).unwrap();
    fs::create_dir(&links).unwrap();
    let link = |number: i32| links.join(format!("link-{number}"));
    for number in 0..10_000 {
        symlink(&project, link(number)).unwrap();
    }
    let crowded = with_projects(HOME, (0..10_000).map(link));
    scratch.write(".claude.json", &crowded);
    let mut watch = scratch.watch(&[]);
    scratch.write(".claude.json", &crowded.replace("mcp.tracker.test", "evil.test"));
    watch.line_with(&["endpoint-host-changed"]);
    scratch.write(".claude/settings.json", &hook("true"));
    watch.line_with(&["hook-changed"]);
    assert_eq!(watch.stop("TERM").0, Some(0));
}

#[test]
fn two_thousand_drifts_at_once_are_told_and_do_not_hold_it_up() {
    const PROJECTS: usize = 2_000;
    let scratch = captured();
    let project = scratch.home().join("project");
    fs::create_dir(&project).unwrap();
    let link = |number: usize| scratch.home().join(format!("link-{number}"));
    for number in 0..PROJECTS {
        symlink(&project, link(number)).unwrap();
    }
    scratch.write(".claude.json", &with_projects(HOME, (0..PROJECTS).map(link)));
    let mut watch = scratch.watch(&[]);
    scratch.write("project/.mcp.json", r#"{"mcpServers":{"new":{"command":"/bin/true"}}}"#);
    for _ in 0..PROJECTS {
        watch.line_with(&["server-added", "new"]);
    }
    // With all of them standing, the next one is told, and the end comes.
    scratch.write(".claude.json", &with_projects(&led_to("evil.test"), (0..PROJECTS).map(link)));
    watch.line_with(&["endpoint-host-changed"]);
    assert_eq!(watch.stop("TERM").0, Some(0));
}

/// A file system that never answers, as long as this lives.
struct Hanging {
    at: std::path::PathBuf,
    server: std::process::Child,
}

impl Hanging {
    fn mount(at: &std::path::Path) -> Option<Self> {
        // Whoever holds the device is to answer, and does not.
        let script = "exec 3<>/dev/fuse && mount -i -t fuse hanging \"$0\" -o \
                      fd=3,rootmode=40000,user_id=0,group_id=0,allow_other && echo mounted && exec sleep 1000";
        let mut server = std::process::Command::new("sh")
            .args(["-c", script])
            .arg(at)
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null())
            .spawn()
            .ok()?;
        let mut said = String::new();
        let mut stdout = std::io::BufReader::new(server.stdout.take()?);
        std::io::BufRead::read_line(&mut stdout, &mut said).ok()?;
        let hanging = Self { at: at.to_path_buf(), server };
        (said.trim() == "mounted").then_some(hanging)
    }
}

impl Drop for Hanging {
    fn drop(&mut self) {
        // With the last one that holds the device everything that waits is told that nobody answers.
        let _gone = self.server.kill();
        let _status = self.server.wait();
        let _unmounted = std::process::Command::new("umount").arg("-l").arg(&self.at).output();
    }
}

#[test]
fn a_home_on_a_file_system_that_hangs_holds_up_no_other_and_is_named() {
    let scratch = captured();
    let second = scratch.path("second");
    fs::create_dir_all(second.join(".claude")).unwrap();
    fs::write(second.join(".claude.json"), HOME).unwrap();
    let Some(hanging) = Hanging::mount(&second.join(".claude")) else {
        return eprintln!("not run: only root can mount a file system, and only with /dev/fuse");
    };
    let mut command = scratch.command();
    command.arg("--home").arg(&second).arg("watch");
    let mut watch = scratch.start(command);
    scratch.write(".claude.json", &led_to("evil.test"));
    watch.line_with(&["endpoint-host-changed"]);
    let name = second.to_str().unwrap();
    watch.line_with(&["sensor-degraded", name, "does not answer"]);
    scratch.write(".claude.json", HOME);
    watch.line_with(&["drift-ended"]);
    drop(hanging);
    watch.line_with(&["sensor-restored", name]);
    assert_eq!(watch.stop("TERM").0, Some(0));
}
