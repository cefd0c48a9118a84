//! The event of a package install that was seen from its beginning to its end. Must not know how it was recognised.

use super::install::{hook, shown};
use super::{AgentAction, Context, Event};
use crate::model::install::Install;
use crate::model::level::Level;
use serde_json::{Map, Value};

/// As many steps are listed.
const HOOKS: usize = 64;

impl Event {
    /// What was called, where, and whose code it ran.
    pub fn install_seen(id: String, seen: &Install, context: &Context<'_>) -> Self {
        let command: Vec<String> = seen.command_line.iter().map(|text| shown(text, context.key)).collect();
        let called = if command.is_empty() { seen.manager.to_string() } else { command.join(" ") };
        let ran = match seen.hooks.len() {
            0 => String::new(),
            1 => ", which ran 1 install script".to_owned(),
            hooks => format!(", which ran {hooks} install scripts"),
        };
        let message = format!("{called}{ran}");
        let mut event = Self::agent(id, AgentAction::InstallSeen, Level::Informational, &message, context);
        event.set_install(seen, context.key);
        let hooks = seen.hooks.iter().take(HOOKS).map(|one| {
            let mut document = Map::new();
            if let Some(step) = one.step {
                document.insert("lifecycle".into(), step.as_str().into());
            }
            hook(&mut document, one, context.key);
            Value::Object(document)
        });
        let hooks: Vec<Value> = hooks.collect();
        event.set_some("mcpwatch.install.hooks", (!hooks.is_empty()).then_some(hooks));
        event
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::digest::Key;
    use crate::model::event::HostFacts;
    use crate::model::install::{Hook, Manager, Package, Source, Step};
    use crate::model::process::ProcessId;
    use crate::model::text::Text;
    use jiff::Timestamp;

    #[test]
    fn an_install_is_told_without_its_secrets() {
        let (key, host) = (Key::from_bytes([1; 32]), HostFacts::default());
        let context = Context { time: Timestamp::UNIX_EPOCH, host: &host, home: None, user: None, key: &key };
        let package = Package::new("left-pad", Some("6.6.6"));
        let process = Some(ProcessId { pid: 7, start: 9 });
        let step = Some(Step::Postinstall);
        let hook = Hook { package: package.clone(), is_consumer: false, is_own: false, step, process };
        let install = Install {
            command_line: vec!["npm".into(), "install".into(), Text::secret("c4n4ry")],
            hooks: vec![hook],
            packages: package.into_iter().collect(),
            ..Install::new(Manager::Npm, Source::Seen)
        };
        let event = Event::install_seen("1".into(), &install, &context);
        let said = Value::Object(event.document().clone()).to_string();
        assert!(!said.contains("c4n4ry") && said.contains("postinstall"), "{said}");
        assert_eq!(event.text("package.name"), Some("left-pad"));
        assert!(event.text("message").unwrap().ends_with(", which ran 1 install script"));
        assert_eq!(event.get("mcpwatch.install.hooks").unwrap().as_array().unwrap().len(), 1);
    }
}
