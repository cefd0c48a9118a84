//! The table in `docs/provenance.md`: each row is built and judged, and must come out as it says.

use super::trees::{below, each, made_up, recorded, set};
use super::{CLIENT, Case, judged, now};
use jiff::SignedDuration;
use mcpwatch::model::install::{Install, Manager, Source};
use mcpwatch::model::process::{Ancestry, Elsewhere, Image, Process};
use mcpwatch::model::provenance::{Broker, Method};
use mcpwatch::model::text::Text;
use mcpwatch::provenance::{Handover, Identity, Through};
use std::fs;
use std::path::Path;
use std::sync::Arc;

type Build = fn() -> Case;

/// A row's words, and how to make the case.
const CASES: &[(&str, Build)] = &[
    ("descendant of an install hook by fork, nothing lost", || Case::by(hook())),
    ("the same, detached, its environment scrubbed", || Case::by(first("npm-detached"))),
    ("a native module's build (`binding.gyp`)", || Case::by(first("npm-binding-gyp"))),
    ("a step of the project's own while it is installed", || Case::by(first("npm-own-prepare"))),
    ("a cargo build script", || Case::by(first("cargo"))),
    ("a macro inside the compiler", || Case::by(recorded("cargo").pop().unwrap())),
    ("a maintainer script of a Debian package", || Case::by(first("dpkg"))),
    ("a package manager itself, with a plugin in it", || Case::by(first("composer"))),
    ("`claude mcp add` run from a hook", || Case::by(below(client("claude mcp add x"), hook()))),
    ("a hook, and then the client, between two readings", || after(hook(), below(client("claude"), shell()))),
    ("a hook, and then a person's editor, between two readings", || after(hook(), editor())),
    ("a hook writes beside the file, and its `mv` renames", || {
        let mut recording = recorded("npm").into_iter();
        after(recording.next().unwrap(), recording.next().unwrap())
    }),
    ("the client, twice between two readings", || {
        after(below(client("claude"), shell()), below(client("claude"), shell()))
    }),
    ("the agent runs an install, and its hook writes", || {
        Case::by(below(hook(), below(client("claude"), shell())))
    }),
    ("a program run by `npx` inside an install's hook", || {
        let mut npx = first("npx");
        npx.processes.pop();
        Case::by(below(npx, hook()))
    }),
    ("a hook of a package that `npx` fetches", || Case::by(first("npx-fetch"))),
    ("the writer had ended, the record knows it", || {
        with(hook(), |case| {
            (case.writer().method, case.writer().identity) = (Method::Record, Identity::Recorded)
        })
    }),
    ("the writer had ended, only its number is left", || {
        with(hook(), |case| {
            (case.writer().method, case.writer().identity) = (Method::Record, Identity::Guessed)
        })
    }),
    ("the record has a gap", || with(hook(), |case| case.writer().ancestry.is_lossless = false)),
    ("a fork on the way was not recorded", || {
        let mut hook = hook();
        each(&mut hook, |at, process| process.is_fork_seen = at != 1);
        Case::by(hook)
    }),
    ("only sampled", || {
        let mut hook = hook();
        hook.is_lossless = false;
        each(&mut hook, |_, process| process.is_fork_seen = false);
        with(hook, |case| {
            (case.writer().method, case.writer().identity) = (Method::Sample, Identity::Guessed)
        })
    }),
    ("through a memory map", || with(hook(), |case| case.writer().through = Through::Mapping)),
    ("through a descriptor that was passed on", || {
        with(hook(), |case| case.writer().through = Through::Descriptor)
    }),
    ("in a container or another namespace", || {
        let mut hook = hook();
        each(&mut hook, |at, process| process.elsewhere.has_own_pids = at == 0);
        Case::by(hook)
    }),
    ("another process traces the writer", || {
        let mut hook = hook();
        each(&mut hook, |at, process| process.is_traced = at == 0);
        Case::by(hook)
    }),
    ("handed to systemd by something below an install", || {
        handed(Broker::Systemd, &[("/usr/lib/systemd/systemd", "systemd --user")])
    }),
    ("handed to at by something below an install", || {
        handed(Broker::At, &[("/usr/bin/dash", "sh"), ("/usr/sbin/atd", "/usr/sbin/atd")])
    }),
    ("handed to cron by something below an install", || {
        handed(Broker::Cron, &[("/usr/bin/dash", "/bin/sh -c x"), ("/usr/sbin/cron", "/usr/sbin/cron -f")])
    }),
    ("handed to tmux by something below an install", || {
        handed(Broker::Tmux, &[("/usr/bin/zsh", "-zsh"), ("/usr/bin/tmux", "tmux new-session -d")])
    }),
    ("handed to D-Bus by something below an install", || {
        handed(Broker::Dbus, &[("/usr/bin/dbus-daemon", "dbus-daemon --session")])
    }),
    ("handed to docker by something below an install", || {
        let mut case =
            handed(Broker::Container, &[("/usr/bin/containerd-shim-runc-v2", "shim -namespace moby")]);
        each(&mut case.writer().ancestry, |at, process| process.elsewhere.has_own_mounts = at == 0);
        case
    }),
    ("handed to an IDE's server by something below an install", || {
        handed(Broker::Ide, &[("/opt/s/node", "/opt/s/node /opt/s/out/server-main.js")])
    }),
    ("a person's editor in a terminal below systemd, which an install had told something", || {
        let desktop = made_up(&[
            ("/usr/libexec/gnome-terminal-server", "x"),
            ("/usr/lib/systemd/systemd", "systemd --user"),
        ]);
        let mut case = Case::by(below(editor(), desktop));
        case.handovers = vec![Handover { broker: Broker::Systemd, by: hook(), when: now() }];
        case
    }),
    ("a broker, and nobody was seen who told it", || {
        let mut case =
            handed(Broker::Cron, &[("/usr/bin/dash", "/bin/sh -c x"), ("/usr/sbin/cron", "cron -f")]);
        case.handovers.clear();
        case
    }),
    ("a forged environment", || {
        let mut chain = service(&[]);
        each(&mut chain, |at, process| {
            if at == 0 {
                set(process, FORGED);
            }
        });
        Case::by(chain)
    }),
    ("forged arguments: a program that is called npm", || {
        let mut chain =
            service(&[("/usr/bin/dash", "sh -c x"), ("/usr/bin/node", "node /tmp/x/npm install react")]);
        each(&mut chain, |at, process| {
            if at < 2 {
                set(process, FORGED);
            }
        });
        Case::by(chain)
    }),
    ("a forged title, sampled", || {
        let mut chain = service(&[("/usr/bin/dash", "sh -c x"), ("/usr/bin/node", "npm")]);
        each(&mut chain, |at, process| {
            process.is_fork_seen = false;
            if at == 2 {
                Arc::make_mut(&mut process.images[0]).args = vec![Text::plain("npm install react")];
            }
        });
        chain.is_lossless = false;
        with(chain, |case| {
            (case.writer().method, case.writer().identity) = (Method::Sample, Identity::Guessed)
        })
    }),
    ("an install within 96 hours, and nobody was seen", || Case {
        writers: Vec::new(),
        installs: recent(),
        ..Case::by(shell())
    }),
    ("an install's hook ran just then, and nobody was seen", || Case {
        writers: Vec::new(),
        at_work: vec![hook()],
        ..Case::by(shell())
    }),
    ("hooks of two installs ran just then, and nobody was seen", || Case {
        writers: Vec::new(),
        at_work: vec![hook(), recorded("pip").pop().unwrap()],
        ..Case::by(shell())
    }),
    ("an install's hook ran just then, and a person's editor", || Case {
        at_work: vec![hook()],
        ..Case::by(editor())
    }),
    ("an install within 96 hours, and a person's editor", || Case {
        installs: recent(),
        ..Case::by(editor())
    }),
    ("a person's shell", || Case::by(shell())),
    ("a person's editor", || Case::by(editor())),
    ("a person's editor while an install runs beside it", || {
        let mut installs = recent();
        installs[0].ended = None;
        installs[0].hooks = Vec::new();
        Case { installs, ..Case::by(editor()) }
    }),
    ("the client itself", || Case::by(below(client("claude"), shell()))),
    ("the client, something else loaded into it", || {
        let mut chain = below(client("claude"), shell());
        each(&mut chain, |at, process| {
            if at == 0 {
                set(process, &[("LD_PRELOAD", "/tmp/x.so")]);
            }
        });
        Case::by(chain)
    }),
    ("the client, traced", || {
        let mut chain = below(client("claude"), shell());
        each(&mut chain, |at, process| process.is_traced = at == 0);
        Case::by(chain)
    }),
    ("the client in another mount namespace", || {
        let mut chain = below(client("claude"), shell());
        each(&mut chain, |at, process| process.elsewhere.has_own_mounts = at == 0);
        Case::by(chain)
    }),
    ("a program that is only called claude", || {
        Case::by(below(made_up(&[("/home/u/bin/claude", "claude")]), shell()))
    }),
    ("the client's file, changed where it lies", || {
        let mut chain = client("claude mcp add");
        each(&mut chain, |_, process| Arc::make_mut(&mut process.images[0]).file = None);
        Case::by(below(chain, shell()))
    }),
    ("a brother of a hook (`CLONE_PARENT`)", || {
        // It has the manager for its parent, and what it runs says which package's it is.
        let mut chain = hook();
        let is_hook = |process: &Arc<Process>| {
            process.images.iter().any(|image| image.environment.contains_key("npm_lifecycle_event"))
        };
        let at = chain.processes.iter().rposition(is_hook).unwrap();
        chain.processes.drain(..at);
        Case::by(chain)
    }),
    ("the agent, through its shell tool", || {
        let tool = made_up(&[("/usr/bin/sed", "sed -i x"), ("/usr/bin/bash", "bash -c x")]);
        Case::by(below(tool, below(client("claude"), shell())))
    }),
    ("`claude mcp add` run by the agent", || {
        let tool = made_up(&[("/usr/bin/bash", "bash -c x")]);
        Case::by(below(client("claude mcp add"), below(tool, below(client("claude"), shell()))))
    }),
    ("`CLAUDECODE` set, and no client above", || {
        let mut chain = service(&[]);
        each(&mut chain, |at, process| {
            if at == 0 {
                set(process, &[("CLAUDECODE", "1")]);
            }
        });
        Case::by(chain)
    }),
    ("a program run by `npx`", || Case::by(first("npx"))),
    ("a script run by `npm run`", || Case::by(first("npm-run"))),
    ("some other program", || Case::by(service(&[]))),
    ("nobody was seen", || Case { writers: Vec::new(), ..Case::by(shell()) }),
];

/// An environment that blames a famous package.
pub(crate) const FORGED: &[(&str, &str)] = &[
    ("npm_lifecycle_event", "postinstall"),
    ("npm_package_name", "react"),
    ("npm_package_version", "19.0.0"),
    ("npm_command", "install"),
    ("npm_config_user_agent", "npm/11.19.1 node/v20.20.2 linux x64"),
    ("INIT_CWD", "/home/u/work"),
];

pub(crate) fn hook() -> Ancestry {
    recorded("npm").pop().unwrap()
}

fn first(name: &str) -> Ancestry {
    recorded(name).into_iter().next().unwrap()
}

fn with(ancestry: Ancestry, change: impl Fn(&mut Case)) -> Case {
    let mut case = Case::by(ancestry);
    change(&mut case);
    case
}

/// One writes, and then another one.
fn after(first: Ancestry, last: Ancestry) -> Case {
    let mut case = Case::by(last);
    case.writers.splice(0..0, Case::by(first).writers);
    case
}

fn shell() -> Ancestry {
    made_up(&[("/usr/bin/zsh", "-zsh")])
}

fn editor() -> Ancestry {
    below(made_up(&[("/usr/bin/nvim", "nvim /home/u/.claude.json")]), shell())
}

/// A program that some service started: nobody's shell is near.
pub(crate) fn service(below: &[(&str, &str)]) -> Ancestry {
    let mut steps = vec![("/opt/tool/daemon", "/opt/tool/daemon --serve")];
    steps.splice(0..0, std::iter::once(("/usr/bin/node", "node /home/u/x.js")).chain(below.iter().copied()));
    let mut chain = made_up(&steps);
    each(&mut chain, |_, process| process.has_terminal = false);
    chain
}

/// The client, by its file.
fn client(line: &str) -> Ancestry {
    let mut chain = made_up(&[("/home/u/.local/bin/claude", line)]);
    each(&mut chain, |_, process: &mut Process| {
        let image: &mut Image = Arc::make_mut(&mut process.images[0]);
        image.file = Some(CLIENT);
    });
    each(&mut chain, |_, process| process.elsewhere = Elsewhere::default());
    chain
}

/// Something ran under a broker, after a hook had called the broker's client.
fn handed(broker: Broker, above: &[(&str, &str)]) -> Case {
    let mut steps = vec![("/usr/bin/node", "node /home/u/x.js")];
    steps.extend(above);
    let mut chain = made_up(&steps);
    each(&mut chain, |_, process| process.has_terminal = broker == Broker::Tmux);
    let mut case = Case::by(chain);
    let told = now() - SignedDuration::from_mins(3);
    case.handovers = vec![Handover { broker, by: hook(), when: told }];
    case
}

fn recent() -> Vec<Install> {
    let mut install = Install::new(Manager::Npm, Source::Receipt("/home/u/.npm/_logs/x".into()));
    install.started = Some(now() - SignedDuration::from_hours(3));
    install.ended = install.started;
    install.has_scripts = Some(true);
    vec![install]
}

#[test]
fn every_row_of_the_document_comes_out_as_it_says() {
    let document =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/provenance.md")).unwrap();
    let rows: Vec<Vec<&str>> = document
        .lines()
        .skip_while(|line| !line.starts_with("| case |"))
        .skip(2)
        .map_while(|line| line.strip_prefix("| ")?.strip_suffix(" |"))
        .map(|line| line.split(" | ").collect())
        .collect();
    let mut faults = Vec::new();
    for row in &rows {
        let Some((_, build)) = CASES.iter().find(|(case, _)| *case == row[0]) else {
            faults.push(format!("no test builds \"{}\"", row[0]));
            continue;
        };
        let provenance = judged(&build());
        let found = [
            provenance.confidence.as_str(),
            provenance.install_confidence().as_str(),
            provenance.actor.as_str(),
        ];
        if found != row[1..] {
            faults.push(format!("{}: {found:?}; {}", row.join(" | "), provenance.line()));
        }
    }
    for (case, _) in CASES {
        if !rows.iter().any(|row| row[0] == *case) {
            faults.push(format!("\"{case}\" is not in the document"));
        }
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
    assert!(rows.len() > 40);
}

#[test]
fn a_broker_is_named_with_the_install_that_told_it() {
    let case = handed(Broker::Cron, &[("/usr/bin/dash", "/bin/sh -c x"), ("/usr/sbin/cron", "cron -f")]);
    let provenance = judged(&case);
    assert_eq!(provenance.broker, Some(Broker::Cron));
    let line = provenance.line();
    assert!(line.contains("left-hook@6.6.6") && line.contains("handed to cron"), "{line}");
}

#[test]
fn the_outermost_fetched_hook_answers_for_what_it_starts() {
    let inner = recorded("npm-detached").remove(0);
    let provenance = judged(&Case::by(below(inner.clone(), hook())));
    assert!(provenance.line().contains("left-hook@6.6.6"), "{}", provenance.line());
    let own = first("npm-own-prepare");
    let provenance = judged(&Case::by(below(inner, own)));
    assert!(provenance.line().contains("det-hook@1.0.1"), "{}", provenance.line());
}
