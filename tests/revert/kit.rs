//! A home with everything in it that can be put back.

use super::support::Scratch;
use serde_json::Value;
use std::fs;

/// As the client writes it, with counters and the name of nobody's business around the servers.
pub(crate) const CLAUDE: &str = r#"{
  "numStartups": 12,
  "userID": "CANARY-account",
  "mcpServers": {
    "linear": {
      "type": "http",
      "url": "https://mcp.linear.app/mcp",
      "headers": {
        "Authorization": "Bearer CANARY-token"
      }
    },
    "db": {
      "command": "db-server",
      "args": []
    }
  },
  "projects": {
    "/srv/none": {
      "allowedTools": [],
      "hasTrustDialogAccepted": true,
      "mcpServers": {}
    }
  }
}"#;

pub(crate) const SETTINGS: &str = r#"{
  "env": {
    "FOO": "bar"
  },
  "hooks": {
    "Stop": [
      {
        "hooks": [
          {
            "type": "command",
            "command": "notify-send done"
          }
        ]
      }
    ]
  },
  "model": "opus"
}
"#;

/// A home of which everything is approved.
pub(crate) fn approved() -> Scratch {
    let scratch = Scratch::new();
    scratch.write(".claude.json", CLAUDE);
    scratch.write(".claude/settings.json", SETTINGS);
    scratch.expect(0, &["baseline", "capture"]);
    scratch
}

pub(crate) fn read(scratch: &Scratch, name: &str) -> String {
    fs::read_to_string(scratch.home().join(name)).unwrap()
}

/// The names in the home's own directory.
pub(crate) fn names(scratch: &Scratch) -> Vec<String> {
    let entries = fs::read_dir(scratch.home()).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The rows of `revert --format json`.
pub(crate) fn rows(scratch: &Scratch, code: i32, arguments: &[&str]) -> Vec<Value> {
    let arguments = [&["revert", "--format", "json"], arguments].concat();
    let document: Value = serde_json::from_str(&scratch.expect(code, &arguments)).unwrap();
    document["reverts"].as_array().unwrap().clone()
}

/// The last event of that action.
pub(crate) fn event(scratch: &Scratch, action: &str) -> Value {
    let mut events = scratch.events();
    events.retain(|event| event["event"]["action"] == action);
    events.pop().unwrap_or_else(|| panic!("no {action} in the journal"))
}
