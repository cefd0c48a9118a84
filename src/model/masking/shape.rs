//! The shapes of words that are known not to be secret. When in doubt, a shape does not match.

/// Whether `word` looks like a generated token: long, and of mixed kinds of characters.
pub(super) fn is_token_like(word: &str) -> bool {
    let long_run =
        word.len() >= 20 && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-=.+~%".contains(&b));
    let has = |test: fn(&u8) -> bool| word.bytes().any(|b| test(&b));
    let kinds = [has(u8::is_ascii_lowercase), has(u8::is_ascii_uppercase), has(u8::is_ascii_digit)];
    let hexadecimal = word.len() >= 32 && word.bytes().all(|b| b.is_ascii_hexdigit());
    const PREFIXES: [&str; 12] = [
        "sk-",
        "sk_",
        "ghp_",
        "gho_",
        "ghs_",
        "github_pat_",
        "glpat-",
        "xoxb-",
        "xoxp-",
        "AKIA",
        "lin_api_",
        "eyJ",
    ];
    hexadecimal
        || PREFIXES.iter().any(|prefix| word.len() >= prefix.len() + 8 && word.starts_with(prefix))
        || long_run && kinds.iter().filter(|kind| **kind).count() >= 2 && has(u8::is_ascii_digit)
}

/// A path: absolute, relative with a dot, from the home, from a variable, or on a Windows drive.
pub(super) fn is_path(word: &str) -> bool {
    let word = word.trim_matches(['"', '\'']);
    let rooted = ["/", "./", "../", "~/", ".\\", "..\\"].iter().any(|start| word.starts_with(start))
        || starts_with_variable(word)
        || word.as_bytes().get(1..3).is_some_and(|drive| drive == b":\\" || drive == b":/");
    let hidden_directory = word.starts_with('.') && word.contains(['/', '\\']);
    let plain =
        !word.contains(['=', '@', '?', '&']) || word.starts_with('/') && !word.contains(['=', '?', '&']);
    (rooted || hidden_directory)
        && plain
        && !word.split(['/', '\\']).any(is_token_like)
        && !word.contains("://")
}

/// `$NAME`, `${NAME}` or `%NAME%`, at the end or before a slash. A password may start with `$` too.
fn starts_with_variable(word: &str) -> bool {
    let (name, rest) = if let Some(braced) = word.strip_prefix("${") {
        braced.split_once('}').unwrap_or_default()
    } else if let Some(percent) = word.strip_prefix('%') {
        percent.split_once('%').unwrap_or_default()
    } else if let Some(bare) = word.strip_prefix('$') {
        bare.split_at(bare.find(['/', '\\', '"', '\'']).unwrap_or(bare.len()))
    } else {
        return false;
    };
    is_variable_name(name)
        && rest.trim_start_matches(['"', '\'']).chars().next().is_none_or(|c| c == '/' || c == '\\')
}

/// A file name with an ending that says what it holds.
pub(super) fn is_script_name(word: &str) -> bool {
    const ENDINGS: [&str; 18] = [
        ".js", ".mjs", ".cjs", ".ts", ".py", ".rb", ".sh", ".jar", ".json", ".toml", ".yaml", ".yml", ".exe",
        ".bat", ".cmd", ".ps1", ".php", ".wasm",
    ];
    ENDINGS.iter().any(|ending| word.len() > ending.len() && word.ends_with(ending))
        && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-./\\".contains(&b))
        && !word.split(['/', '\\']).any(is_token_like)
}

/// `name`, `name@version`, `@scope/name@version`, `name==version`, `name[extra]`.
pub(super) fn is_package(word: &str) -> bool {
    let (scope_free, scoped) = match word.strip_prefix('@') {
        Some(rest) => (rest, true),
        None => (word, false),
    };
    let (name, version) = scope_free
        .split_once("==")
        .or_else(|| scope_free.split_once('@'))
        .map_or((scope_free, ""), |(name, version)| (name, version));
    let name_fits = !name.is_empty()
        && name.len() <= 100
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~/[],".contains(&b))
        && name.contains('/') == scoped
        && name.matches('/').count() <= 1;
    let version_fits = version.len() <= 40
        && version.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.^~*+<>=|_".contains(&b));
    name_fits && version_fits && !is_token_like(name) && !is_token_like(version)
}

/// An image in a registry: `ghcr.io/owner/image:tag`.
pub(super) fn is_image(word: &str) -> bool {
    word.split_once('/').is_some_and(|(registry, rest)| {
        let (host, port) = registry.split_once(':').unwrap_or((registry, ""));
        host.contains('.')
            && host.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-".contains(&b))
            && port.bytes().all(|b| b.is_ascii_digit())
            && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b"._/-:@".contains(&b))
            && !rest.split(['/', ':', '@']).any(|part| is_token_like(part) && !is_sha256(part))
    })
}

fn is_sha256(part: &str) -> bool {
    part.len() == 64 && part.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The name of a flag: `-y`, `--api-key`. Not `-pVALUE`, whose value hangs on.
pub(super) fn is_flag(word: &str) -> bool {
    if let Some(long) = word.strip_prefix("--") {
        return long.len() <= 48
            && long.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
            && !is_token_like(long);
    }
    word.strip_prefix('-')
        .is_some_and(|short| short.len() <= 2 && short.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// The name of an environment variable.
pub(super) fn is_variable_name(word: &str) -> bool {
    !word.is_empty()
        && word.len() <= 64
        && word.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        && word.bytes().next().is_some_and(|b| !b.is_ascii_digit())
        && !word.starts_with("AKIA")
        && word.bytes().filter(u8::is_ascii_digit).count() <= 3
}

/// Everyday words of command lines, small numbers and punctuation.
pub(super) fn is_everyday_word(word: &str) -> bool {
    const WORDS: [&str; 46] = [
        "run",
        "exec",
        "dlx",
        "install",
        "start",
        "serve",
        "server",
        "stdio",
        "http",
        "sse",
        "ws",
        "mcp",
        "streamable-http",
        "true",
        "false",
        "yes",
        "no",
        "on",
        "off",
        "info",
        "debug",
        "warn",
        "error",
        "tool",
        "x",
        "all",
        "default",
        "latest",
        "build",
        "test",
        "dev",
        "list",
        "get",
        "set",
        "add",
        "sh",
        "bash",
        "zsh",
        "node",
        "python",
        "python3",
        "localhost",
        "read",
        "write",
        "main",
        "client",
    ];
    const OPERATORS: [&str; 13] =
        ["|", "||", "&&", "&", ";", ">", ">>", "<", "2>&1", "2>/dev/null", "-", "--", "{}"];
    WORDS.contains(&word) || OPERATORS.contains(&word) || is_small_number(word)
}

fn is_small_number(word: &str) -> bool {
    !word.is_empty() && word.len() <= 5 && word.bytes().all(|b| b.is_ascii_digit())
}
