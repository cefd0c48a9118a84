//! The texts that `/proc/PID/stat` and `/proc/PID/status` hold. Must not touch the machine.

/// What one line of `/proc/PID/stat` says, see proc_pid_stat(5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stat {
    pub(super) pid: u32,
    pub(super) name: String,
    pub(super) is_ended: bool,
    pub(super) parent: u32,
    pub(super) session: u32,
    pub(super) terminal: i64,
    pub(super) threads: u32,
    pub(super) start: u64,
    pub(super) stack: u64,
}

/// Reads it. The name may hold anything, parentheses, spaces and line breaks too, but nothing behind it does.
pub(super) fn stat(text: &[u8]) -> Option<Stat> {
    let open = text.iter().position(|byte| *byte == b'(')?;
    let close = text.iter().rposition(|byte| *byte == b')')?;
    let name = text.get(open + 1..close)?;
    let rest = str::from_utf8(text.get(close + 1..)?).ok()?;
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    // The manual counts from 1, and the state is the third.
    let field = |number: usize| fields.get(number - 3).copied();
    Some(Stat {
        pid: str::from_utf8(text.get(..open)?).ok()?.trim().parse().ok()?,
        name: String::from_utf8_lossy(name).into_owned(),
        is_ended: matches!(field(3)?, "Z" | "X" | "x"),
        parent: field(4)?.parse().ok()?,
        session: field(6)?.parse().ok()?,
        terminal: field(7)?.parse().ok()?,
        threads: field(20)?.parse().ok()?,
        start: field(22)?.parse().ok()?,
        stack: field(28).and_then(|stack| stack.parse().ok()).unwrap_or(0),
    })
}

/// What `/proc/PID/status` says beyond that: both uids, and who traces it.
pub(super) fn status(text: &[u8]) -> (Option<(u32, u32)>, bool) {
    let mut uids = None;
    let mut is_traced = false;
    for line in text.split(|byte| *byte == b'\n') {
        let Some((name, value)) = str::from_utf8(line).ok().and_then(|line| line.split_once(':')) else {
            continue;
        };
        let mut numbers = value.split_ascii_whitespace().map_while(|word| word.parse::<u32>().ok());
        match name {
            "Uid" => uids = numbers.next().zip(numbers.next()),
            "TracerPid" => is_traced = numbers.next().is_some_and(|tracer| tracer != 0),
            _ => {}
        }
    }
    (uids, is_traced)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const REST: &str = "S 1 42 40 34816 42 4194304 1 0 0 0 0 0 0 0 20 0 3 0 555 1 2 3 4 5 140722 0";

    #[test]
    fn a_name_cannot_pretend_to_be_fields() {
        for name in ["sh", "a) S 1 1 1 0", "(", ")", "a\nb", "", "a b"] {
            let seen = stat(format!("42 ({name}) {REST}\n").as_bytes()).unwrap();
            assert_eq!((seen.name.as_str(), seen.pid, seen.parent), (name, 42, 1));
            assert_eq!((seen.session, seen.terminal, seen.threads), (40, 34816, 3));
            assert_eq!((seen.start, seen.stack, seen.is_ended), (555, 140_722, false));
        }
        assert!(stat(b"42 (x) Z 1").is_none());
        assert!(stat(b"").is_none() && stat(b")(").is_none());
    }

    #[test]
    fn uids_and_tracer_are_read() {
        let text = b"Name:\tUid:\\n\nUid:\t1000\t0\t0\t0\nTracerPid:\t7\n";
        assert_eq!(status(text), (Some((1000, 0)), true));
        assert_eq!(status(b"TracerPid:\t0\nUid:\tx\n"), (None, false));
    }

    proptest! {
        #[test]
        fn any_bytes_do(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = stat(&bytes);
            let _ = status(&bytes);
        }
    }
}
