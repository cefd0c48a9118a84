//! Configuration, state and templates: what is wrong is named with its place, what others can write is refused.

use super::{captured, flat, home, refusal};
use crate::support::text;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn an_unknown_key_names_its_line_and_the_nearest() {
    let scratch = home();
    let config = scratch.path("config.toml");
    fs::write(&config, "rescan = \"1m\"\nmax_file_sise = \"1MiB\"\n[log]\nlevle = \"info\"\n").unwrap();
    let said = refusal(&scratch, 2, &["diff", "--config", config.to_str().unwrap()]);
    assert!(
        said.contains("line 2, column 1: unknown key \"max_file_sise\"; did you mean \"max_file_size\"?"),
        "{said}"
    );
    assert!(said.contains("line 4, column 1: unknown key \"log.levle\""), "{said}");
}

#[test]
fn what_others_can_write_is_refused_with_the_chmod_to_run() {
    let scratch = captured();
    let config = scratch.path("config.toml");
    fs::write(&config, "").unwrap();
    let config_argument = config.to_str().unwrap();
    scratch.expect(0, &["diff", "--config", config_argument]);
    chmod(&config, 0o666);
    assert!(refusal(&scratch, 2, &["diff", "--config", config_argument]).contains("chmod go-w"));
    let dir = scratch.path("baselines");
    fs::create_dir(&dir).unwrap();
    chmod(&dir, 0o777);
    assert!(refusal(&scratch, 2, &["diff", "--baselines", dir.to_str().unwrap()]).contains("chmod go-w"));
    chmod(&scratch.state(), 0o755);
    let said = refusal(&scratch, 2, &["diff"]);
    assert!(said.contains("chmod 0700"), "{said}");
    assert!(flat(&scratch.expect(1, &["doctor"])).contains("chmod 0700"));
}

#[test]
fn a_file_that_was_named_must_be_there_and_the_usual_one_need_not() {
    let scratch = captured();
    assert!(refusal(&scratch, 2, &["diff", "--config", "/nonexistent.toml"]).contains("does not exist"));
    assert!(refusal(&scratch, 2, &["diff", "--baselines", "/nonexistent"]).contains("does not exist"));
    scratch.expect(0, &["diff"]);
}

#[test]
fn the_configuration_moves_the_state_and_names_homes() {
    let scratch = home();
    let config = scratch.path("config.toml");
    let state = scratch.path("elsewhere");
    let homes = format!("homes = [{:?}]\nstate = {:?}\n", scratch.home(), state);
    fs::write(&config, homes).unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_mcpwatch"));
    let command = command.env_clear().env("HOME", scratch.path("nobody")).arg("--config").arg(&config);
    let output = command.args(["baseline", "capture"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(state.join("journal.db").is_file());
    assert_eq!(fs::metadata(&state).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn the_callers_own_configuration_directory_counts() {
    let scratch = captured();
    let dir = scratch.path("work");
    fs::create_dir(&dir).unwrap();
    fs::write(dir.join(".claude.json"), r#"{"mcpServers":{"other":{"command":"/bin/true"}}}"#).unwrap();
    let output = scratch.command().env("CLAUDE_CONFIG_DIR", &dir).args(["diff", "other"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("server-added"));
}

#[test]
fn log_lines_go_to_standard_error_only() {
    let scratch = captured();
    let output =
        scratch.command().env("MCPWATCH_LOG", "trace").args(["diff", "--format", "json"]).output().unwrap();
    assert!(serde_json::from_slice::<serde_json::Value>(&output.stdout).is_ok());
}
