//! The plan on disks that are only imagined: what is watched, in which order, and whose name it is.

use super::making::MOST_STEPS;
use super::*;
use std::collections::BTreeMap;

/// A disk of directories, links and files, by path; what is not in it is missing.
fn disk(entries: &[(&str, &str)]) -> impl Fn(&Path) -> Entry {
    let mut known = BTreeMap::from([(PathBuf::from("/"), Entry::Directory((1, 1)))]);
    for (number, (path, what)) in (2..).zip(entries) {
        let entry = match *what {
            "dir" => Entry::Directory((1, number)),
            "file" => Entry::File((1, number)),
            target => Entry::Link(target.into()),
        };
        known.insert(path.into(), entry);
    }
    move |path| known.get(path).cloned().unwrap_or_default()
}

fn plan(asked: &[&str], directories: usize, look: &dyn Fn(&Path) -> Entry) -> Plan {
    Plan::new(asked.iter().map(Path::new), directories, look)
}

fn places(plan: &Plan) -> Vec<String> {
    plan.places().iter().map(|place| plan.path_of(place).display().to_string()).collect()
}

#[test]
fn what_is_important_is_watched_first_then_what_leads_there_then_the_files() {
    let look = disk(&[
        ("/h", "dir"),
        ("/h/u", "dir"),
        ("/h/u/f", "file"),
        ("/h/u/p", "dir"),
        ("/h/u/p/m", "file"),
        ("/etc", "dir"),
        ("/etc/t", "dir"),
    ]);
    let plan = plan(&["/etc/t", "/h/u/p/m", "/h/u/f", "/h/u/q/missing"], 1, &look);
    assert_eq!(places(&plan), ["/etc/t", "/h/u/p", "/h/u", "/", "/etc", "/h", "/h/u/p/m", "/h/u/f"]);
    assert_eq!(
        plan.name_at(Path::new("/h/u/q")).unwrap().ends.as_slice(),
        [3],
        "heard of where it would appear"
    );
}

#[test]
fn links_are_followed_as_the_kernel_does() {
    let look = disk(&[
        ("/h", "/var/h"),
        ("/var", "dir"),
        ("/var/h", "dir"),
        ("/var/h/f", "d/../../x/f"),
        ("/var/h/d", "dir"),
        ("/var/x", "dir"),
        ("/var/x/f", "file"),
    ]);
    let plan = plan(&["/h/f"], 0, &look);
    assert_eq!(places(&plan), ["/", "/var/h", "/var/x", "/var", "/var/h/d", "/var/x/f"]);
    for link in ["/h", "/var/h/f", "/var/x/f"] {
        assert_eq!(plan.name_at(Path::new(link)).unwrap().ends.as_slice(), [0], "{link}");
    }
    assert!(plan.name_at(Path::new("/var/h/d")).unwrap().ends.is_empty());
}

#[test]
fn each_name_is_looked_at_once_however_many_ask() {
    let looks = std::cell::Cell::new(0);
    let look = disk(&[("/h", "dir"), ("/h/p", "dir")]);
    let look = |path: &Path| {
        looks.set(looks.get() + 1);
        look(path)
    };
    let files: Vec<String> = (0..100).map(|number| format!("/h/p/{number}/f")).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    plan(&[files.as_slice(), files.as_slice()].concat(), 0, &look);
    assert_eq!(looks.get(), 3 + 100);
}

#[test]
fn what_cannot_be_followed_is_said_and_ends() {
    let look = disk(&[("/loop", "loop"), ("/a", "b/c"), ("/b", "dir"), ("/b/c", "../a")]);
    let long = format!("/{}f", "b/../".repeat(MOST_STEPS));
    let plan = plan(&["relative", "/loop", "/a", &long], 0, &look);
    assert_eq!(plan.untraceable, [0, 3]);
    assert!(plan.nodes.len() < 4);
}

#[test]
fn names_that_nobody_heard_before_are_counted() {
    let look = disk(&[("/h", "dir")]);
    let one = plan(&["/h/f"], 0, &look);
    assert_eq!(one.ends_new_since(&Plan::default()), 1);
    assert_eq!(plan(&["/h/f"], 0, &look).ends_new_since(&one), 0);
    assert_eq!(plan(&["/h/g", "/h/f"], 0, &look).ends_new_since(&one), 1);
}
