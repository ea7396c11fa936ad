//! The command line: flags, commands, exit codes, all printing, progress, and the wall clock.
//!
//! Answers go to stdout, everything else to stderr. `args` is what can be typed, `source` the way from a SCENARIO to
//! a scenario, `failure` the exit codes; each command has a module.

mod args;
mod broken;
mod carries;
mod check;
mod common;
mod compare;
mod explain;
mod failure;
mod fit;
mod gate;
mod glossary;
mod import;
mod init;
mod interrupt;
mod limits;
mod manual;
mod minimise;
mod nearest;
mod plan;
mod plot;
mod print;
mod progress;
mod robust;
mod run;
mod seen;
mod source;
mod sources;
mod sweep;
mod taking;
mod typed;
mod validate;
mod whatif;

use std::process::ExitCode;

use clap::Parser;

use args::{Arguments, Command};
use failure::Failure;

/// Does what the command line says; the exit code is one of `failure`'s.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(answer) => return said_by_clap(&answer),
    };
    broken::listen();
    match broken::guard(|| command(&arguments.command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            print::note(&failure.to_string());
            failure.code()
        }
    }
}

fn command(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Run(args) => run::run(args),
        Command::Explain(args) => explain::explain(args),
        Command::Plan(args) => plan::plan(args),
        Command::Whatif(args) => whatif::whatif(args),
        Command::Robust(args) => robust::robust(args),
        Command::Sweep(args) => sweep::sweep(args),
        Command::Check(args) => check::check(args),
        Command::Compare(args) => compare::compare(args),
        Command::Validate(args) => validate::validate(args),
        Command::Strategies => manual::strategies(),
        Command::Metrics => manual::metrics(),
        Command::Help { term } => glossary::help(term),
        Command::Init(args) => init::init(args),
        Command::Scenarios => manual::scenarios(),
        Command::Schema => manual::schema(),
        Command::Import(args) => import::import(args),
        Command::Fit(args) => fit::fitted(args),
        Command::Plot { results, wish, replace } => plot::plot(results, wish, *replace),
        Command::Report { results, replace } => plot::report(results, *replace),
        Command::Completions { shell } => manual::completions(*shell),
        Command::Man { list: true, .. } => manual::pages(),
        Command::Man { command, .. } => manual::page(command),
    }
}

/// Help and version are answers, the rest is wrong use. A closed pipe is as good as a read one.
fn said_by_clap(answer: &clap::Error) -> ExitCode {
    match print::said(answer.print()) {
        Err(failure) if !answer.use_stderr() => {
            print::note(&failure.to_string());
            failure.code()
        }
        _ => ExitCode::from(if answer.use_stderr() { failure::WRONG } else { 0 }),
    }
}
