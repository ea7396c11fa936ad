//! The `sickbay` program: everything it does lives in the library.

fn main() -> std::process::ExitCode {
    sickbay::cli::main()
}
