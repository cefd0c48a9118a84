//! What a command line says about whom it contacts and which package it runs.

/// Programs that fetch a package and run it.
const RUNNERS: [&str; 8] = ["npx", "bunx", "pnpx", "uvx", "pipx", "npm", "pnpm", "yarn"];

/// The URLs that stand in arguments, also behind `--flag=`.
pub fn urls_in(arguments: &[String]) -> Vec<&str> {
    arguments
        .iter()
        .flat_map(|argument| argument.split_whitespace())
        .filter_map(|word| {
            let start = ["https://", "http://", "wss://", "ws://"]
                .iter()
                .filter_map(|scheme| word.to_ascii_lowercase().find(scheme))
                .min()?;
            word.get(start..).map(|url| url.trim_end_matches(['"', '\'', ')', ';']))
        })
        .collect()
}

/// The last part of a program's path, without an ending that only Windows has.
pub fn program_name(command: &str) -> &str {
    let name = command.rsplit(['/', '\\']).next().unwrap_or(command);
    name.trim_end_matches(".exe").trim_end_matches(".cmd")
}

/// Whether `program` fetches a package by name and runs it.
pub fn is_package_runner(program: &str) -> bool {
    RUNNERS.contains(&program_name(program))
}

/// A package argument cut into name and version: `@acme/db@1.4.2` → (`@acme/db`, `1.4.2`).
pub fn package_and_version(argument: &str) -> (&str, Option<&str>) {
    let scope = usize::from(argument.starts_with('@'));
    let rest = argument.get(scope..).unwrap_or_default();
    let cut = rest.find("==").map(|at| (at, 2)).or_else(|| rest.find('@').map(|at| (at, 1)));
    match cut {
        Some((at, width)) => {
            (argument.get(..scope + at).unwrap_or(argument), argument.get(scope + at + width..))
        }
        None => (argument, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_found_wherever_they_stand() {
        let arguments: Vec<String> = [
            "-y",
            "mcp-remote",
            "https://a.example/mcp",
            "--url=HTTP://b.example/",
            "curl https://c.example; x",
        ]
        .map(String::from)
        .into();
        assert_eq!(urls_in(&arguments), ["https://a.example/mcp", "HTTP://b.example/", "https://c.example"]);
    }

    #[test]
    fn packages_are_cut_at_their_version() {
        assert_eq!(package_and_version("@acme/db@1.4.2"), ("@acme/db", Some("1.4.2")));
        assert_eq!(package_and_version("@acme/db"), ("@acme/db", None));
        assert_eq!(package_and_version("srv==2.0"), ("srv", Some("2.0")));
        assert_eq!(package_and_version("srv@latest"), ("srv", Some("latest")));
        assert_eq!(program_name("/usr/bin/npx"), "npx");
        assert_eq!(program_name("C:\\x\\npx.cmd"), "npx");
    }
}
