//! The binary: hands the arguments to the library and its answer to the operating system.

fn main() -> std::process::ExitCode {
    mcpwatch::cli::run(std::env::args_os())
}
