//! No secret is printed, wherever somebody put it.

use crate::home::{CLAUDE_JSON, Home, SETTINGS};
use mcpwatch::model::digest::Key;

/// Everything that a report may show, in one text.
fn shown(home: &mut Home) -> String {
    let key = Key::from_bytes([7; 32]);
    let report = home.report();
    let mut text = String::new();
    for judgement in &report.judgements {
        text += &format!("{:?} {:?}\n", judgement.subject, judgement.server);
        for value in [&judgement.expected, &judgement.observed].into_iter().flatten() {
            text += &value.shown(&key).to_string();
        }
        for drift in &judgement.drifts {
            let parts =
                [&drift.expected, &drift.observed].map(|part| part.as_ref().map(|part| part.shown(&key)));
            text += &format!("{} {:?} {:?} {:?}\n", drift.summary, drift.field, drift.finding, parts);
        }
    }
    text += &format!("{report:?}");
    text
}

fn assert_hidden(file: &str, content: &str) {
    for from_nothing in [true, false] {
        let mut home = Home::with(&[(CLAUDE_JSON, "{}")]);
        home.write(&[(file, content)]);
        if !from_nothing {
            home.capture();
            home.write(&[(file, "{}")]);
        } else {
            home.baseline =
                Home::captured(&[(CLAUDE_JSON, "{}"), ("/h/.claude/settings.json", "{}")]).baseline;
        }
        let text = shown(&mut home);
        for canary in ["CANARY", "canary", "hunter2"] {
            let place = text.find(canary).unwrap_or(0);
            let around: String =
                text.chars().skip(text[..place].chars().count().saturating_sub(120)).take(240).collect();
            assert!(!text.contains(canary), "{content}\n…{around}…");
        }
    }
}

#[test]
fn in_entries() {
    for entry in [
        r#"{"command":"srv","args":["-H","Authorization: Bearer CANARY1"]}"#,
        r#"{"command":"srv","args":["--header=X-Key: CANARY1","--header","CANARY2"]}"#,
        r#"{"command":"srv","args":["--env=K=CANARY1","-eK=CANARY1","-e","K=CANARY1"]}"#,
        r#"{"command":"srv","args":["-p","hunter2","-m","hunter2","--from","hunter2"]}"#,
        r#"{"command":"srv","args":["-phunter2","--password","hunter2","--pwd=hunter2","-u","me:hunter2"]}"#,
        r#"{"command":"srv","args":["postgres://u:CANARY1@h.example/db"]}"#,
        r#"{"command":"srv","args":["postgres://u:CAN/ARY-hunter2@h.example/db"]}"#,
        r#"{"command":"srv","args":["admin:canary.word/db","u:hunter2@tcp(h)/db"]}"#,
        r#"{"command":"srv","args":["Server=h;Password=hunter2","{\"token\":\"hunter2\"}"]}"#,
        r#"{"command":"srv","args":["$hunter2Pass","%hunter2","$hunter2!"]}"#,
        r#"{"command":"srv","args":["https://h.example/?hunter2","https://h.example/?a=hunter2#hunter2"]}"#,
        r#"{"command":"srv","args":["https://api.example/bot1234567:AAE-canaryCANARY1234567890abcdef/x"]}"#,
        r#"{"command":"sh","args":["-c","TOKEN='one hunter2 two' srv --key \"a hunter2 b\""]}"#,
        r#"{"command":"srv","env":{"LD_SDK_KEY":"hunter2","HTTPS_PROXY":"u:hunter2@proxy:80","A":"hunter2"}}"#,
        r#"{"type":"http","url":"https://h.example/","headers":{"A":"hunter2","B":"Bearer hunter2"}}"#,
        r#"{"type":"http","url":"https://u:hunter2@h.example/"}"#,
        r#"{"type":"http","url":"https:/u:hunter2@h.example/"}"#,
        r#"{"type":"http","url":"h.example/?t=hunter2"}"#,
        r#"{"type":"http","url":"https://h.example/","headersHelper":"printf '{\"A\":\"x hunter2 y\"}'"}"#,
        r#"{"type":"http","url":"https://h.example/","oauth":{"clientSecret":"hunter2","x":{"y":"hunter2"}}}"#,
        r#"{"type":"http","url":"https://h.example/","tools":[{"name":"x","key":"hunter2"}]}"#,
        r#"{"type":"http","url":"https://h.example/","unknown":["hunter2",{"a":"hunter2"}]}"#,
        r#"{"command":"srv","args":[{"a":"hunter2"},"hunter2"],"env":"hunter2"}"#,
    ] {
        assert_hidden(CLAUDE_JSON, &format!(r#"{{"mcpServers":{{"s":{entry}}}}}"#));
    }
}

#[test]
fn in_settings() {
    for content in [
        r#"{"permissions":{"allow":["Bash(curl -H 'Authorization: Bearer hunter2' https://x.example)","Bash(export T=hunter2)"]}}"#,
        r#"{"permissions":{"allow":["sk-ant-canaryCANARY1234567890"]}}"#,
        r#"{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"x","args":["hunter2","--token","hunter2"],"env":{"A":"hunter2"}}]}]}}"#,
        r#"{"hooks":{"Stop":[{"hooks":[{"type":"http","url":"https://h.example/?k=hunter2","headers":{"A":"hunter2"},"if":"Bash(curl -u me:hunter2)"}]}]}}"#,
        r#"{"hooks":{"Stop":[{"hooks":[{"type":"prompt","prompt":"hunter2","statusMessage":"hunter2"}]}]}}"#,
        r#"{"statusLine":{"type":"command","command":"curl -H 'X: hunter2' https://u:hunter2@h.example"}}"#,
        r#"{"policyHelper":{"path":"/opt/x","args":["hunter2"]},"apiKeyHelper":"echo hunter2"}"#,
        r#"{"env":{"A":"hunter2","HTTPS_PROXY":"http://u:hunter2@p:80","ANTHROPIC_CUSTOM_HEADERS":"A: hunter2"}}"#,
        r#"{"extraKnownMarketplaces":{"m":{"source":{"source":"git","url":"https://u:hunter2@g.example/x"}}}}"#,
        r#"{"allowedMcpServers":[{"serverUrl":"https://u:hunter2@h.example/?k=hunter2"},{"serverCommand":["x","--token","hunter2"]}]}"#,
        r#"{"pluginConfigs":{"p":{"options":{"k":"hunter2"}}}}"#,
        r#"{"sandbox":{"network":{"httpProxy":"http://u:hunter2@p:80"}}}"#,
    ] {
        assert_hidden(SETTINGS, content);
    }
    assert_hidden(CLAUDE_JSON, r#"{"env":{"A":"hunter2"},"customApiKeyResponses":{"approved":["hunter2"]}}"#);
    assert_hidden("/etc/claude-code/managed-settings.json", r#"{"env":{"A":"hunter2"},"x":"hunter2"}"#);
}

/// A variable's value is secret, also where an endpoint is made of it.
#[test]
fn in_what_variables_come_to() {
    let claude = |path: &str| {
        format!(
            r#"{{"mcpServers":{{"s":{{"type":"http","url":"https://h.example/${{T}}/{path}?k=${{T}}"}}}}}}"#
        )
    };
    let mut home = Home::captured(&[(CLAUDE_JSON, &claude("a")), (SETTINGS, r#"{"env":{"T":"hunter2"}}"#)]);
    home.write(&[(CLAUDE_JSON, &claude("b"))]);
    assert_eq!(home.says(), "endpoint-path-changed:low");
    let text = shown(&mut home);
    let judged = text.split("Report {").next().unwrap();
    assert!(!judged.contains("hunter2"), "{judged}");
}
