//! What no process may bring about by what it says of itself, and what no event may show.

use super::table::{FORGED, hook, service};
use super::trees::{below, each, recorded, set, with_inherited};
use super::{Case, judged, judged_as_it_is};
use mcpwatch::model::digest::Key;
use mcpwatch::model::event::{AgentAction, Context, Event, HostFacts};
use mcpwatch::model::level::Level;
use mcpwatch::model::masking::mask_arguments;
use mcpwatch::model::process::{Ancestry, KEPT_VARIABLES, Process};
use mcpwatch::model::provenance::{Actor, Confidence, Method, Provenance};
use mcpwatch::model::text::Text;
use mcpwatch::model::touch::Deed;
use mcpwatch::provenance::{Identity, Through};
use proptest::prelude::*;
use serde_json::Value;
use std::sync::Arc;

/// What must not be shown.
const CANARY: &str = "c4n4ryS3cReT9qZ4vLw7";

/// Words that a forger would use.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("npm install react".to_owned()),
        Just("/usr/bin/npm".to_owned()),
        Just("install".to_owned()),
        Just("postinstall".to_owned()),
        Just("react".to_owned()),
        Just("/home/u/p/node_modules/react".to_owned()),
        Just("npm/11.19.1 node/v20".to_owned()),
        Just("/var/lib/dpkg/info/bash.postinst".to_owned()),
        Just("1".to_owned()),
        "\\PC{0,40}",
    ]
}

fn environment() -> impl Strategy<Value = Vec<(&'static str, String)>> {
    prop::collection::vec((prop::sample::select(&KEPT_VARIABLES[..]), word()), 0..12)
}

fn forge(process: &mut Process, environment: &[(&'static str, String)], args: &[String], title: &str) {
    for image in &mut process.images {
        let image = Arc::make_mut(image);
        image.environment =
            environment.iter().map(|(name, value)| (*name, Text::plain(value.as_str()))).collect();
        image.args = args.iter().map(|word| Text::plain(word.as_str())).collect();
        image.name = title.to_owned();
    }
}

/// All the trees in which an install is.
fn trees() -> Vec<Ancestry> {
    ["npm", "pnpm", "yarn-4", "bun", "pip", "uv", "cargo", "gem", "dpkg", "apt", "composer", "npm-detached"]
        .iter()
        .flat_map(|name| recorded(name))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn without_recorded_forks_nothing_is_proven(
        environment in environment(),
        args in prop::collection::vec(word(), 0..5),
        title in "\\PC{0,15}",
        gap in any::<prop::sample::Index>(),
        is_lossless in any::<bool>(),
        tree in any::<prop::sample::Index>(),
    ) {
        let trees = trees();
        let mut chain = trees[tree.index(trees.len())].clone();
        let writer = judged(&Case::by(chain.clone()));
        let manager = writer.install.unwrap().install.process.unwrap();
        let depth = chain.processes.iter().position(|process| process.id == manager).unwrap();
        let gap = gap.index(depth.max(1));
        chain.is_lossless = is_lossless;
        each(&mut chain, |at, process| {
            process.is_fork_seen &= at != gap;
            if at < depth {
                // The kernel says what was executed: who really runs `npm install` is no forger.
                forge(process, &environment, &args, &title);
                Arc::make_mut(&mut process.images[0]).executable = Some("/home/u/x".into());
                process.images.truncate(1);
            }
        });
        let forged = judged(&Case::by(chain));
        prop_assert!(forged.install_confidence() < Confidence::Proven);
        if !is_lossless {
            prop_assert!(forged.confidence < Confidence::Proven);
        }
    }

    #[test]
    fn what_a_writer_says_of_itself_is_possible_at_most(
        environment in environment(),
        title in "\\PC{0,15}",
        args in prop::collection::vec(word(), 0..4),
    ) {
        let honest = judged(&Case::by(service(&[])));
        let mut chain = service(&[]);
        each(&mut chain, |at, process| {
            if at == 0 {
                // The kernel says what was executed; an interpreter's arguments would say what it ran.
                let rest: Vec<String> = std::iter::once("x".to_owned()).chain(args.clone()).collect();
                forge(process, &environment, &rest, &title);
                Arc::make_mut(&mut process.images[0]).executable = Some("/home/u/x".into());
            }
        });
        let forged = judged(&Case::by(chain));
        prop_assert!(forged.install_confidence() <= Confidence::Possible);
        prop_assert!(forged.confidence <= honest.confidence);
        prop_assert!(forged.actor != Actor::Install && forged.actor != Actor::Client);
    }

    #[test]
    fn a_hook_cannot_talk_itself_out_of_it(
        environment in environment(),
        args in prop::collection::vec(word(), 0..5),
        title in "\\PC{0,15}",
    ) {
        // Everything below the manager's first child says what it likes.
        let honest = judged(&Case::by(hook()));
        let mut chain = hook();
        each(&mut chain, |at, process| {
            if at < 2 {
                forge(process, &environment, &args, &title);
                Arc::make_mut(&mut process.images[0]).executable = Some("/home/u/x".into());
            }
        });
        let forged = judged(&Case::by(chain));
        prop_assert_eq!(forged.confidence, honest.confidence);
        prop_assert_eq!(forged.actor, Actor::Install);
        prop_assert_eq!(forged.install, honest.install);
    }

    #[test]
    fn any_chain_is_judged_without_a_crash_and_said_in_a_line(
        environment in environment(),
        args in prop::collection::vec(word(), 0..6),
        executable in prop::option::of(word()),
        length in 0_usize..300,
    ) {
        let one = service(&[]).processes.remove(0);
        let mut chain = Ancestry { processes: vec![one; length], is_whole: false, is_lossless: true };
        each(&mut chain, |_, process| {
            forge(process, &environment, &args, "x");
            Arc::make_mut(&mut process.images[0]).executable = executable.clone().map(Into::into);
        });
        let provenance = judged(&Case::by(chain));
        prop_assert!(provenance.line().chars().count() < 600);
        prop_assert!(provenance.ancestors.len() <= 32);
        document(&provenance);
    }
}

fn document(provenance: &Provenance) -> Value {
    let (host, key) = (HostFacts::default(), Key::from_bytes([7; 32]));
    let time = super::now();
    let context = Context { time, host: &host, home: None, user: None, key: &key };
    let mut event = Event::agent("id".into(), AgentAction::InstallSeen, Level::Low, "x", &context);
    event.set_provenance(&provenance.clone().into(), &key);
    event.into_document()
}

#[test]
fn no_secret_of_any_process_reaches_the_document() {
    for tree in trees() {
        let mut chain = below(service(&[]), tree);
        each(&mut chain, |_, process| {
            for image in &mut process.images {
                let image = Arc::make_mut(image);
                let words = [
                    "--token".to_owned(),
                    CANARY.into(),
                    format!("--key={CANARY}"),
                    format!("https://u:{CANARY}@h/"),
                ];
                image.args.extend(mask_arguments("node", &words));
                image.environment.extend(
                    KEPT_VARIABLES
                        .iter()
                        .filter(|name| name.starts_with("LD_"))
                        .map(|name| (*name, Text::plain(CANARY))),
                );
            }
        });
        let mut case = Case::by(chain.clone());
        case.writers.insert(0, case.writers[0].clone());
        let provenance = judged(&case);
        let text = document(&provenance).to_string() + &provenance.line();
        assert!(!text.contains(CANARY) && !text.contains("canary-5ecret"), "{text}");
        assert!(text.contains("‹secret"), "the arguments are there, masked");
    }
}

#[test]
fn a_forged_blame_is_said_and_not_believed() {
    let mut chain = service(&[]);
    each(&mut chain, |at, process| {
        if at == 0 {
            set(process, FORGED);
        }
    });
    let provenance = judged(&Case::by(chain));
    assert_eq!(provenance.install_confidence(), Confidence::Possible);
    let document = document(&provenance);
    assert_eq!(document.get("package"), None, "whoever reads `package.name` takes it for a fact");
    assert_eq!(document["mcpwatch"]["provenance"]["install"]["package"]["name"], "react");
    assert!(provenance.line().contains("(possible npm install react@19.0.0)"), "{}", provenance.line());
}

#[test]
fn the_document_names_what_the_schema_names() {
    let provenance = judged(&Case::by(hook()));
    let document = document(&provenance);
    let at = |path: &str| path.split('.').fold(&document, |value, name| &value[name]).clone();
    for (path, expected) in [
        ("package.name", "left-hook"),
        ("package.version", "6.6.6"),
        ("package.type", "npm"),
        ("process.name", "dash"),
        ("process.parent.name", "node"),
        ("process.user.id", "1000"),
        ("mcpwatch.provenance.confidence", "proven"),
        ("mcpwatch.provenance.method", "kernel"),
        ("mcpwatch.provenance.actor", "install"),
        ("mcpwatch.provenance.install.manager", "npm"),
        ("mcpwatch.provenance.install.lifecycle", "postinstall"),
        ("mcpwatch.provenance.install.confidence", "proven"),
        ("mcpwatch.provenance.install.working_directory", "/home/u/work/npm"),
    ] {
        assert_eq!(at(path), expected, "{path}");
    }
    assert_eq!(at("mcpwatch.provenance.ancestors").as_array().map(Vec::len), Some(4));
    assert!(at("package.checksum").as_str().is_some_and(|sum| sum.starts_with("sha512-")));
}

#[test]
fn others_who_touched_the_file_are_named_too() {
    let mut case = Case::by(hook());
    let mut earlier = case.writers[0].clone();
    (earlier.deed, earlier.method, earlier.identity) =
        (Some(Deed::Created), Method::Record, Identity::Guessed);
    earlier.through = Through::Path;
    case.writers.insert(0, earlier);
    let provenance = judged(&case);
    assert_eq!(provenance.other_writers.len(), 1);
    assert_eq!(document(&provenance)["mcpwatch"]["provenance"]["other_writers"][0]["deed"], "created");
}

#[test]
fn who_becomes_a_package_manager_after_the_fork_has_no_hooks() {
    let mut chain = with_inherited(hook());
    // The hook's parent ran something else when it forked, and only then executed `npm install`.
    let evil = service(&[]).processes[0].images[0].clone();
    let manager = judged(&Case::by(hook())).install.unwrap().install.process.unwrap();
    let manager = chain.processes.iter().position(|process| process.id == manager).unwrap();
    each(&mut chain, |at, process| {
        if at == manager {
            process.images.insert(0, evil.clone());
        } else if at == manager - 1 {
            process.images[0] = evil.clone();
        }
    });
    let provenance = judged_as_it_is(&Case::by(chain));
    assert!(provenance.install_confidence() <= Confidence::Possible, "{}", provenance.line());
    assert_ne!(provenance.actor, Actor::Install);

    // And where that is not known, it is not proven.
    let mut unknown = with_inherited(hook());
    each(&mut unknown, |at, process| {
        if at == manager - 1 {
            process.images.remove(0);
        }
    });
    assert_eq!(judged_as_it_is(&Case::by(unknown)).install_confidence(), Confidence::Likely);
}
