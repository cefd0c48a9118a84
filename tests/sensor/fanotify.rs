//! Who did it, by the real kernel: each process that touches a file is named, and no other.

use crate::ear::{self, Ear, PATIENCE};
use crate::limits::storm;
use mcpwatch::model::touch::{Deed, Touch, Touches};
use mcpwatch::sensor::{Hint, Means};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{channel, sync_channel};
use std::time::Instant;

/// Whether the kernel lets us listen in this way. If not, a line says why.
fn is_able() -> bool {
    let sensor = ear::start(Box::new(|| {})).unwrap();
    match sensor.without_fanotify() {
        Some(why) => eprintln!("not run: no fanotify: {why}"),
        None if std::env::var_os(ear::BY_NOTIFY).is_some() => eprintln!("not run: by notify alone"),
        None => return true,
    }
    false
}

/// A shell that lives on, so that its number and start can be looked up while it works.
struct Shell {
    child: Child,
    said: BufReader<std::process::ChildStdout>,
}

impl Shell {
    fn new() -> Self {
        let mut child = Command::new("sh").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap());
        Self { child, said }
    }

    fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Runs a command in it to its end; gives what it printed last.
    fn run(&mut self, command: &str) -> String {
        let stdin = self.child.stdin.as_mut().unwrap();
        writeln!(stdin, "{command}\necho done").unwrap();
        let (mut last, mut line) = (String::new(), String::new());
        loop {
            line.clear();
            assert!(self.said.read_line(&mut line).unwrap() > 0, "it ended");
            if line == "done\n" {
                return last;
            }
            last = line.trim().to_owned();
        }
    }

    /// Runs a program with a number of its own, as `exec` in a child does; gives that number.
    fn program(&mut self, command: &str) -> u32 {
        self.run(&format!("sh -c 'echo $$; exec {command}'")).parse().unwrap()
    }

    fn started(&self) -> Option<u64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid())).unwrap();
        stat.rsplit(')').next().unwrap().split_whitespace().nth(19).unwrap().parse().ok()
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        self.child.wait().unwrap();
    }
}

struct Scene {
    root: tempfile::TempDir,
    file: PathBuf,
    ear: Ear,
}

impl Scene {
    fn new() -> Option<Self> {
        if !is_able() {
            return None;
        }
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("home/f");
        for directory in ["home", "elsewhere"] {
            fs::create_dir(root.path().join(directory)).unwrap();
        }
        fs::write(&file, "one\n").unwrap();
        let ear = Ear::new(&[&file]);
        assert_eq!(ear.sensor.means().into_iter().collect::<Vec<_>>(), [Means::Fanotify]);
        Some(Self { root, file, ear })
    }

    fn path(&self, name: &str) -> String {
        self.root.path().join(name).display().to_string()
    }

    /// Who touched the file since it was last asked: all that there is to know.
    fn touches(&mut self) -> Vec<Touch> {
        let mut touches = Touches::default();
        touches.extend(self.ear.sensor.touches());
        assert!(!touches.is_incomplete);
        self.ear.sensor.inbox().take();
        self.ear.settle();
        touches.of(&self.file).to_vec()
    }

    fn deeds(&mut self) -> Vec<(Deed, u32)> {
        self.touches().iter().map(|touch| (touch.deed, touch.pid)).collect()
    }
}

#[test]
fn each_way_of_writing_names_the_process() {
    let Some(mut scene) = Scene::new() else { return };
    let mut shell = Shell::new();
    let (file, other, linked) = (scene.path("home/f"), scene.path("home/t"), scene.path("elsewhere/l"));

    shell.run(&format!("echo x > {file}"));
    let touches = scene.touches();
    assert!(touches.iter().any(|touch| touch.deed == Deed::Written), "{touches:?}");
    for touch in touches {
        assert_eq!((touch.pid, touch.started, touch.is_reaped), (shell.pid(), shell.started(), false));
        assert_eq!(&*touch.file, scene.file);
    }

    // The one who wrote is not the one who renames.
    shell.run(&format!("echo y > {other}"));
    let renamer = shell.program(&format!("mv {other} {file}"));
    let deeds = scene.deeds();
    assert!(deeds.contains(&(Deed::WroteTemporary, shell.pid())), "{deeds:?}");
    assert!(deeds.contains(&(Deed::RenamedOnto, renamer)), "{deeds:?}");
    assert!(!deeds.contains(&(Deed::WroteTemporary, renamer)), "{deeds:?}");

    let sed = shell.program(&format!("sed -i s/y/z/ {file}"));
    let deeds = scene.deeds();
    assert!(deeds.contains(&(Deed::WroteTemporary, sed)), "{deeds:?}");
    assert!(deeds.contains(&(Deed::RenamedOnto, sed)), "{deeds:?}");

    shell.run(&format!("ln {file} {linked}"));
    scene.touches();
    shell.run(&format!("echo evil > {linked}"));
    assert!(scene.deeds().contains(&(Deed::Written, shell.pid())), "under another name");
    fs::remove_file(&linked).unwrap();
    scene.touches();

    let truncate = shell.program(&format!("truncate -s 1 {file}"));
    assert!(scene.deeds().contains(&(Deed::Written, truncate)));
    let chmod = shell.program(&format!("chmod 600 {file}"));
    assert_eq!(scene.deeds(), [(Deed::Attributes, chmod)]);
    let touch = shell.program(&format!("touch -c {file}"));
    assert!(!scene.deeds().contains(&(Deed::Written, touch)), "it did not write");
    let mv = shell.program(&format!("mv {file} {other}"));
    assert_eq!(scene.deeds(), [(Deed::RenamedAway, mv)]);
    let mv = shell.program(&format!("mv {other} {file}"));
    assert!(scene.deeds().contains(&(Deed::RenamedOnto, mv)));
    let rm = shell.program(&format!("rm {file}"));
    assert!(scene.deeds().contains(&(Deed::Deleted, rm)));
    let cp = shell.program(&format!("cp /etc/hostname {file}"));
    assert!(scene.deeds().contains(&(Deed::Created, cp)));
    // A hard link in its place brings its writer with it.
    shell.run(&format!("echo y > {other}; rm {file}"));
    scene.touches();
    let ln = shell.program(&format!("ln {other} {file}"));
    let deeds = scene.deeds();
    assert!(deeds.contains(&(Deed::Created, ln)) && deeds.contains(&(Deed::WroteTemporary, shell.pid())));
}

#[test]
fn a_descriptor_that_was_held_since_before_is_no_cover() {
    if !is_able() {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("f");
    fs::write(&file, "").unwrap();
    let mut shell = Shell::new();
    shell.run(&format!("exec 7<>{}", file.display()));
    let mut ear = Ear::new(&[&file]);
    ear.sensor.touches();
    shell.run("echo x >&7");
    let touches = ear.sensor.touches();
    let said: Vec<_> = touches.of(&file).iter().map(|touch| (touch.deed, touch.pid, touch.started)).collect();
    assert_eq!(said, [(Deed::Written, shell.pid(), shell.started())]);
    // A rename by another one does not make it innocent.
    let away = root.path().join("away");
    fs::rename(&file, &away).unwrap();
    ear.settle();
    ear.sensor.touches();
    shell.run("echo y >&7");
    fs::rename(&away, &file).unwrap();
    let touches = ear.sensor.touches();
    let said: Vec<_> = touches.of(&file).iter().map(|touch| (touch.deed, touch.pid)).collect();
    let us = std::process::id();
    assert!(
        said.contains(&(Deed::WroteTemporary, shell.pid())) && said.contains(&(Deed::RenamedOnto, us)),
        "{said:?}"
    );
}

#[test]
fn two_writers_are_two() {
    let Some(mut scene) = Scene::new() else { return };
    let mut shells = [Shell::new(), Shell::new()];
    let file = scene.path("home/f");
    for _ in 0..50 {
        shells.iter_mut().for_each(|shell| _ = shell.run(&format!("echo x >> {file}")));
    }
    let touches = scene.touches();
    for shell in &shells {
        let by = |touch: &&Touch| (touch.pid, touch.started) == (shell.pid(), shell.started());
        let deeds: Vec<Deed> = touches.iter().filter(by).map(|touch| touch.deed).collect();
        assert_eq!(deeds, [Deed::Written], "once each: {touches:#?}");
    }
    assert_eq!(touches.len(), 2, "{touches:?}");
}

#[test]
fn who_moves_a_directory_on_the_way_is_named_with_the_directory() {
    let Some(scene) = Scene::new() else { return };
    let mut shell = Shell::new();
    let mv = shell.program(&format!("mv {} {}", scene.path("home"), scene.path("moved")));
    let touches = scene.ear.sensor.touches();
    let home = scene.root.path().join("home");
    let said: Vec<_> = touches.of(&home).iter().map(|touch| (touch.deed, touch.pid)).collect();
    assert_eq!(said, [(Deed::RenamedAway, mv)]);
}

#[test]
fn who_is_gone_before_he_is_looked_at_is_said_to_be_gone() {
    if !is_able() {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let [file, first] = ["f", "first"].map(|name| root.path().join(name));
    let (entered, is_held) = channel();
    let (release, released) = channel::<()>();
    let mut sensor = ear::start(Box::new(move || {
        let _ = entered.send(());
        let _ = released.recv();
    }))
    .unwrap();
    let files = [file.clone(), first.clone()];
    let look = &mcpwatch::host::entry::Entry::at;
    while sensor.watch(files.iter().map(PathBuf::as_path), &[], look).added > 0 {}
    fs::write(&first, "x").unwrap();
    is_held.recv_timeout(PATIENCE).unwrap();
    let mut child = Command::new("sh").arg("-c").arg(format!("echo x > {}", file.display())).spawn().unwrap();
    child.wait().unwrap();
    drop(release);
    let deadline = Instant::now() + PATIENCE;
    loop {
        let touches = sensor.touches();
        if let Some(touch) = touches.of(&file).first() {
            assert_eq!((touch.pid, touch.started, touch.is_reaped), (child.id(), None, true));
            return;
        }
        assert!(Instant::now() < deadline, "not heard");
    }
}

#[test]
fn after_a_storm_what_is_known_of_touches_is_incomplete_and_then_whole_again() {
    if !is_able() {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let [file, noise] = ["f", "noise"].map(|name| root.path().join(name));
    fs::create_dir(&noise).unwrap();
    let files = [file.clone(), noise.join("f")];
    let (entered, is_held) = channel();
    let (release, released) = channel::<()>();
    let (wake, woken) = sync_channel(1);
    let mut sensor = ear::start(Box::new(move || {
        let _ = entered.send(());
        let _ = released.recv();
        let _ = wake.try_send(());
    }))
    .unwrap();
    let look = &mcpwatch::host::entry::Entry::at;
    let mut watch = || while sensor.watch(files.iter().map(PathBuf::as_path), &[], look).added > 0 {};
    watch();
    fs::write(&file, "x").unwrap();
    is_held.recv_timeout(PATIENCE).unwrap();
    storm(&noise);
    drop(release);
    let (mut is_lost, mut is_incomplete) = (false, false);
    while !is_lost {
        woken.recv_timeout(PATIENCE).unwrap();
        for hint in sensor.inbox().take() {
            is_lost |= hint == Hint::Lost;
            is_incomplete |= matches!(hint, Hint::Touched(touches) if touches.is_incomplete);
        }
    }
    assert!(is_incomplete, "who hides in a storm must not make others look guilty");
    while sensor.watch(files.iter().map(PathBuf::as_path), &[], look).added > 0 {}
    sensor.touches();
    fs::write(&file, "y").unwrap();
    let touches = sensor.touches();
    assert!(!touches.is_incomplete);
    assert!(touches.of(&file).iter().any(|touch| touch.pid == std::process::id()));
}

#[test]
fn a_busy_neighbour_above_wakes_nobody() {
    let Some(mut scene) = Scene::new() else { return };
    let (wake, woken) = sync_channel(1);
    let mut sensor = ear::start(Box::new(move || _ = wake.try_send(()))).unwrap();
    let look = &mcpwatch::host::entry::Entry::at;
    while sensor.watch([scene.file.as_path()], &[], look).added > 0 {}
    let above = scene.root.path();
    for number in 0..1000 {
        fs::write(above.join("busy"), number.to_string()).unwrap();
        fs::rename(above.join("busy"), above.join("other")).unwrap();
        fs::remove_file(above.join("other")).unwrap();
    }
    let touches = sensor.touches();
    assert!(touches.is_empty(), "{touches:?}");
    assert!(woken.try_recv().is_err() && sensor.inbox().take().is_empty());
    assert!(scene.touches().is_empty());
}

/// What holds with fanotify must hold without it: all tests again, by notifications alone.
#[test]
fn all_of_it_holds_by_notifications_alone() {
    if !is_able() {
        return;
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--skip", "fanotify::", "--skip", "hostile::"])
        .env(ear::BY_NOTIFY, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
}
