//! What may be said of sinks, and what is said of what may not.

use super::*;
use crate::config::{Begin, Config, parse};

fn sinks(text: &str) -> Vec<SinkConfig> {
    parse(text).unwrap().sinks
}

fn problem(lines: &str) -> String {
    let text = format!("[[sink]]\n{lines}");
    parse(&text).unwrap_err().iter().map(ToString::to_string).collect::<Vec<_>>().join(" / ")
}

#[test]
fn every_kind_of_sink_can_be_said() {
    let found = sinks(
        r#"
        [[sink]]
        name = "disk"
        type = "file"
        path = "/var/log/mcpwatch/events.jsonl"
        max_age = "1d"
        [[sink]]
        name = "siem"
        type = "syslog"
        url = "tls://siem.example.com"
        payload = "cef"
        level = "medium"
        kinds = ["endpoint-host-changed", "sensor-degraded"]
        from = "end"
        ca = "/etc/ca.pem"
        [[sink]]
        name = "collector"
        type = "otlp"
        url = "https://otel.example.com:4318/v1/logs"
        headers = { "X-Scope" = "acme" }
        token_credential = "otlp"
        [[sink]]
        name = "journal"
        type = "journald"
        [[sink]]
        name = "out"
        type = "stdout"
        format = "ecs-flat"
        [[sink]]
        name = "metrics"
        type = "prometheus"
        path = "/var/lib/node_exporter/mcpwatch.prom"
        "#,
    );
    let names: Vec<&str> = found.iter().map(|sink| sink.name.as_str()).collect();
    assert_eq!(names, ["disk", "siem", "collector", "journal", "out", "metrics"]);
    let siem = &found[1];
    assert_eq!((siem.selection.level, siem.begin), (Some(Level::Medium), Begin::End));
    let Target::Syslog(SyslogTarget { transport: Transport::Tls(address, tls), .. }) = &siem.target else {
        panic!("{siem:?}")
    };
    assert_eq!((address.to_string().as_str(), tls.own.is_none()), ("siem.example.com:6514", true));
    assert!(!format!("{:?}", found[2]).contains("acme"), "a header may be a secret");
    assert_eq!(Config::default().sinks, []);
}

#[test]
fn an_unknown_key_names_its_line_and_the_nearest() {
    assert_eq!(
        problem("name = \"a\"\ntype = \"stdout\"\nfromat = \"cef\""),
        "line 4, column 1: unknown key \"sink.fromat\"; did you mean \"sink.format\"?"
    );
    // A key of another kind of sink is none of this one.
    assert!(problem("name = \"a\"\ntype = \"stdout\"\nurl = \"x\"").contains("unknown key \"sink.url\""));
}

#[test]
fn what_is_missing_or_wrong_is_named() {
    assert!(problem("type = \"stdout\"").contains("line 1, column 1: \"sink.name\" is missing"));
    assert!(problem("name = \"a b\"\ntype = \"stdout\"").contains("letters, digits"));
    assert!(problem("name = \"a\"\ntype = \"kafka\"").contains("otlp or prometheus"));
    assert!(problem("name = \"a\"\ntype = \"file\"").contains("\"sink.path\" is missing"));
    let syslog = |line: &str| problem(&format!("name = \"a\"\ntype = \"syslog\"\n{line}"));
    assert!(syslog("url = \"tcp://host\"").contains("tcp://HOST:PORT"));
    assert!(syslog("url = \"udp://host\"\nca = \"/ca\"").contains("\"sink.ca\" has no meaning without"));
    assert!(syslog("url = \"tls://host\"\ncert = \"/c\"").contains("needs \"key\" beside it"));
    assert!(syslog("url = \"udp://host\"\nkinds = [\"nope\"]").contains("list of drift kinds"));
    assert!(syslog("url = \"udp://host\"\nbatch = 0").contains("from 1 to 10000"));
    assert!(syslog("url = \"udp://host\"\ntimeout = \"1h\"").contains("at most 5m"));
    assert!(syslog("url = \"udp://host\"\nfacility = \"mail\"").contains("local0 to local7"));
    assert!(problem("name = \"a\"\ntype = \"prometheus\"\npath = \"/x\"").contains(".prom"));
    let twice = "name = \"a\"\ntype = \"stdout\"\n[[sink]]\nname = \"a\"\ntype = \"stdout\"";
    assert!(problem(twice).contains("line 5, column 8: \"sink.name\" is another sink's too"));
    assert!(parse("sink = 1").unwrap_err()[0].to_string().contains("write [[sink]]"));
}

#[test]
fn a_token_goes_nowhere_in_the_clear() {
    let otlp = |lines: &str| problem(&format!("name = \"a\"\ntype = \"otlp\"\n{lines}"));
    assert!(otlp("url = \"http://otel:4318\"\ntoken_file = \"/t\"").contains("must begin with https://"));
    assert!(otlp("url = \"http://otel\"\nheaders = { \"X-Key\" = \"k3y\" }").contains("https://"));
    assert!(otlp("url = \"https://user:pw@otel\"").contains("without a user"));
    assert!(otlp("url = \"https://otel\"\nheaders = { \"Host\" = \"x\" }").contains("by mcpwatch itself"));
    let bad = otlp("url = \"https://otel\"\nheaders = { \"X\" = \"k3y\\n\" }");
    assert!(bad.contains("HTTP can carry") && !bad.contains("k3y"), "{bad}");
    let both = otlp("url = \"https://otel\"\ntoken_file = \"/t\"\ntoken_credential = \"t\"");
    assert!(both.contains("name one"));
    let here =
        "[[sink]]\nname=\"a\"\ntype=\"otlp\"\nurl=\"http://127.0.0.1:4318/v1/logs\"\ntoken_file=\"/t\"";
    assert_eq!(sinks(here).len(), 1);
}
