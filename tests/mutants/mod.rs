//! Mutated input: bytes are turned, cut, doubled and exchanged, and the program is asked to read what comes of it. It may
//! say no; it may not panic, stand still, or contradict itself.
//!
//! The short run is part of the tests. The long one is asked for, with so many bytes of mutated input:
//! `MUTATED_BYTES=100000000 cargo test --release --test main mutants::long -- --ignored --nocapture`.

mod families;
mod mutate;

use std::panic::{AssertUnwindSafe, catch_unwind};

use families::{FAMILIES, Family};
use mutate::Mutator;

/// What a family was tried with.
#[derive(Default)]
struct Tried {
    cases: u64,
    bytes: u64,
    findings: Vec<String>,
}

/// Tries a family until so many bytes have been read, at least one case.
fn try_out(family: &Family, seed: u64, bytes: u64) -> Tried {
    let mut tried = Tried::default();
    let mut mutator = Mutator::new(seed);
    while tried.bytes < bytes || tried.cases == 0 {
        let number = tried.cases;
        let case = mutator.mutant(&(family.right)());
        tried.cases += 1;
        tried.bytes += case.len() as u64;
        let said = catch_unwind(AssertUnwindSafe(|| (family.read)(&case)));
        let wrong = match said {
            Ok(Ok(())) => continue,
            Ok(Err(wrong)) => wrong,
            Err(panic) => {
                let text = panic.downcast_ref::<String>().cloned();
                let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
                format!("panic: {}", text.unwrap_or_default())
            }
        };
        let shown: String = case[..case.len().min(4000)].escape_ascii().map(char::from).collect();
        tried
            .findings
            .push(format!("{} {seed}/{number}: {wrong}\n  {shown}", family.name));
        if tried.findings.len() >= 20 {
            break;
        }
    }
    tried
}

#[test]
fn mutated_input_is_read_or_refused() {
    let mut findings = Vec::new();
    for family in FAMILIES {
        findings.extend(try_out(family, 1, family.short).findings);
    }
    assert!(findings.is_empty(), "\n{}", findings.join("\n"));
}

#[test]
#[ignore = "as long as it is asked to: MUTATED_BYTES"]
fn long() {
    let bytes: u64 = std::env::var("MUTATED_BYTES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(1_000_000);
    let seed = std::env::var("MUTATION_SEED")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(7);
    let weights: u64 = FAMILIES.iter().map(|family| family.short).sum();
    let mut findings = Vec::new();
    println!("family, cases, bytes, findings");
    for family in FAMILIES {
        let tried = try_out(family, seed, bytes / weights.max(1) * family.short);
        println!(
            "{}, {}, {}, {}",
            family.name,
            tried.cases,
            tried.bytes,
            tried.findings.len()
        );
        findings.extend(tried.findings);
    }
    assert!(findings.is_empty(), "\n{}", findings.join("\n"));
}
