//! The papers: what ARCHITECTURE.md names is there, and no sentence is too long to be read at once.

use std::collections::BTreeSet;

use super::{TextFile, text_files};

/// A sentence has at most so many words; what stands in backticks counts as one.
const WORDS: usize = 40;

/// Papers whose sentences are counted.
const PAPERS: &[&str] = &[
    "README.md",
    "MANUAL.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "docs/slow-loop.md",
    "docs/owned-nodes.md",
];

/// What ARCHITECTURE.md names and is not of this repository: other people's terms, and words of Rust.
const FOREIGN: &[&str] = &[
    "BTreeMap",
    "exp",
    "flock",
    "libm",
    "ln",
    "match",
    "pow",
    "rand_distr",
    "renameat2",
    "u64",
    "unsafe",
];

/// A paragraph, an entry of a list or a cell of a table: the line where it begins, and its text.
struct Block {
    line: usize,
    text: String,
}

/// The blocks of a Markdown text, without headings and fences.
fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let (mut fenced, mut open) = (false, false);
    for (index, line) in text.lines().enumerate() {
        let trimmed = line.trim();
        let begin = |text: &str| Block {
            line: index + 1,
            text: text.to_owned(),
        };
        if trimmed.starts_with("```") {
            (fenced, open) = (!fenced, false);
        } else if fenced || trimmed.is_empty() || trimmed.starts_with('#') {
            open = false;
        } else if trimmed.starts_with('|') {
            blocks.extend(trimmed.split('|').map(|cell| begin(cell.trim())));
            open = false;
        } else if let Some(entry) = entry_of(trimmed) {
            blocks.push(begin(entry));
            open = true;
        } else if let Some(block) = blocks.last_mut().filter(|_| open) {
            block.text.push(' ');
            block.text.push_str(trimmed);
        } else {
            blocks.push(begin(trimmed));
            open = true;
        }
    }
    blocks
}

/// What an entry of a list says, if the line begins one.
fn entry_of(line: &str) -> Option<&str> {
    let bullet = line.strip_prefix("- ").or_else(|| line.strip_prefix("* "));
    bullet.or_else(|| {
        let (number, entry) = line.split_once(". ")?;
        (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())).then_some(entry)
    })
}

/// The text with each piece of code as one word.
fn without_code(text: &str) -> String {
    let pieces = text.split('`').enumerate();
    pieces
        .map(|(nth, piece)| if nth % 2 == 0 { piece } else { "x" })
        .collect()
}

/// The sentences of a block. One ends with a stop, a question mark or an exclamation mark before a space.
fn sentences(text: &str) -> Vec<String> {
    let plain = without_code(text);
    let mut sentences = vec![String::new()];
    for word in plain.split_whitespace() {
        if let Some(last) = sentences.last_mut() {
            last.push_str(word);
            last.push(' ');
        }
        let bare = word.trim_end_matches(['"', '\'', ')', '*', '_']);
        if bare.ends_with(['.', '?', '!']) && !["e.g.", "i.e.", "etc."].contains(&bare) {
            sentences.push(String::new());
        }
    }
    sentences
}

/// Sentences that have too many words.
fn long_sentences(paper: &str, text: &str) -> Vec<String> {
    let mut long = Vec::new();
    for block in blocks(text) {
        for sentence in sentences(&block.text) {
            let is_word = |word: &&str| word.contains(|c: char| c.is_alphanumeric());
            let words = sentence.split_whitespace().filter(is_word).count();
            if words > WORDS {
                let from = sentence.get(..60).unwrap_or(&sentence);
                long.push(format!("{paper}:{}: a sentence of {words} words: {from}…", block.line));
            }
        }
    }
    long
}

/// What stands in backticks in a text, with its line.
fn named(text: &str) -> Vec<(usize, String)> {
    let mut named = Vec::new();
    for block in blocks(text) {
        let code = block.text.split('`').enumerate().filter(|(nth, _)| nth % 2 == 1);
        named.extend(code.map(|(_, piece)| (block.line, piece.to_owned())));
    }
    named
}

/// All that the repository has a name for.
struct Known {
    paths: BTreeSet<String>,
    /// Words of the sources outside of comments, of the table of keys, and the names of the crates that are used.
    words: BTreeSet<String>,
    /// `Type::item` for each item of an `impl` or `enum`.
    items: BTreeSet<String>,
}

impl Known {
    fn of(files: &[TextFile]) -> Known {
        let mut known = Known {
            paths: BTreeSet::new(),
            words: BTreeSet::new(),
            items: BTreeSet::new(),
        };
        for file in files {
            let mut path = file.path.as_str();
            known.paths.insert(path.to_owned());
            while let Some((folder, _)) = path.rsplit_once('/') {
                known.paths.insert(folder.to_owned());
                path = folder;
            }
            if file.path.ends_with(".rs") {
                known.read(&file.text);
            } else if file.path == "Cargo.toml" {
                let names = file.text.lines().filter_map(|line| line.split_once('='));
                known.words.extend(names.map(|(name, _)| name.trim().to_owned()));
            } else if file.path == "src/scenario/keys.txt" {
                let keys = file.text.split(|c: char| !c.is_alphanumeric() && c != '_');
                known.words.extend(keys.map(str::to_owned));
            }
        }
        known
    }

    fn read(&mut self, text: &str) {
        let mut owner = String::new();
        for line in text.lines() {
            let code = line.split("//").next().unwrap_or_default();
            let words: Vec<&str> = code
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .filter(|word| !word.is_empty())
                .collect();
            self.words.extend(words.iter().map(|word| (*word).to_owned()));
            // An `impl`, `enum` or `trait` begins at the margin; what it has is indented once.
            if !line.starts_with(' ') {
                let kind = words
                    .iter()
                    .position(|word| ["impl", "enum", "trait", "struct"].contains(word));
                if kind.is_some() {
                    owner = owner_of(code).to_owned();
                }
            } else if line.starts_with("    ") && !line.starts_with("     ") {
                let declared = words
                    .iter()
                    .position(|word| ["fn", "const", "type"].contains(word))
                    .and_then(|at| words.get(at + 1));
                let item = declared.or_else(|| words.iter().find(|word| **word != "pub"));
                self.items.extend(item.map(|item| format!("{owner}::{item}")));
            }
        }
    }

    /// Whether there is a file or folder of this name, in the repository, in `src/` or as a module.
    fn path(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        if let Some((before, rest)) = path.split_once('{')
            && let Some((each, after)) = rest.split_once('}')
        {
            return each.split(',').all(|one| self.path(&format!("{before}{one}{after}")));
        }
        let all = [path.to_owned(), format!("src/{path}")];
        let there = |path: &String| {
            [path.clone(), format!("{path}.rs"), format!("{path}/mod.rs")]
                .iter()
                .any(|path| self.paths.contains(path))
        };
        // A path within a floor that the text has named.
        let within = || {
            let end = format!("/{path}");
            let module = format!("/{path}.rs");
            self.paths
                .iter()
                .any(|known| known.ends_with(&end) || known.ends_with(&module))
        };
        all.iter().any(there) || within()
    }

    /// Whether all that a name says is there.
    fn has(&self, name: &str) -> bool {
        let name = name.trim_end_matches("()").trim_end_matches('!');
        if FOREIGN.contains(&name) {
            return true;
        }
        if name.contains('/')
            || name.contains('{')
            || [".rs", ".md", ".txt", ".toml"].iter().any(|end| name.ends_with(end))
        {
            return self.path(name);
        }
        if let Some((owner, item)) = name.rsplit_once("::") {
            let owner = owner.rsplit("::").next().unwrap_or(owner);
            let is_type = owner.starts_with(|c: char| c.is_ascii_uppercase());
            return if is_type {
                self.items.contains(&format!("{owner}::{item}"))
            } else {
                let module = name.replace("::", "/");
                self.path(&module) || self.path(owner) && self.words.contains(item)
            };
        }
        name.split('.').all(|word| self.words.contains(word)) || self.path(name)
    }
}

/// The type that an `impl`, `enum`, `struct` or `trait` at the margin is about.
fn owner_of(code: &str) -> &str {
    let subject = code.split(" for ").last().unwrap_or(code);
    let subject = ["impl", "enum ", "struct ", "trait "]
        .iter()
        .find_map(|kind| subject.split_once(kind).map(|(_, rest)| rest))
        .unwrap_or(subject);
    // Past the parameters of an `impl<…>`.
    let mut depth = 0;
    let start = subject.char_indices().find(|&(_, c)| {
        match c {
            '<' => depth += 1,
            '>' => depth -= 1,
            _ => return depth == 0 && c.is_alphabetic(),
        }
        false
    });
    let name = start.map_or("", |(at, _)| &subject[at..]);
    name.split(|c: char| !c.is_alphanumeric() && c != '_')
        .next()
        .unwrap_or_default()
}

/// Whether what stands in backticks is a name, and no command, text or pattern.
fn is_name(code: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || "_:./{},!()-".contains(c);
    code.chars().all(plain) && !code.starts_with('-') && code.contains(|c: char| c.is_alphabetic())
}

fn missing(known: &Known, paper: &str, text: &str) -> Vec<String> {
    let names = named(text).into_iter().filter(|(_, code)| is_name(code));
    names
        .filter(|(_, name)| !known.has(name))
        .map(|(line, name)| format!("{paper}:{line}: there is no `{name}`"))
        .collect()
}

#[test]
fn what_the_map_names_is_there() {
    let files = text_files();
    let known = Known::of(&files);
    let map = files.iter().find(|file| file.path == "ARCHITECTURE.md").expect("a map");
    let missing = missing(&known, &map.path, &map.text);
    assert!(missing.is_empty(), "\n{}\n", missing.join("\n"));
}

#[test]
fn no_sentence_of_the_papers_is_too_long() {
    let files = text_files();
    let papers = files.iter().filter(|file| PAPERS.contains(&file.path.as_str()));
    let long: Vec<String> = papers.flat_map(|file| long_sentences(&file.path, &file.text)).collect();
    assert!(long.is_empty(), "\n{}\nMake two of each.\n", long.join("\n"));
}

#[test]
fn planted_names_that_are_not_there_are_found() {
    let file = |path: &str, text: &str| TextFile {
        path: path.to_owned(),
        text: text.to_owned(),
    };
    let files = [
        file(
            "src/world/mod.rs",
            "impl<O: Observer> World<'_, O> {\n    pub fn wake(&self) {}\n}\n",
        ),
        file(
            "src/world/bells.rs",
            "// fn gone\npub enum Bell {\n    Rung,\n}\nfn ring() {}\n",
        ),
        file("src/scenario/keys.txt", "log_requests | false | x | y\n"),
    ];
    let known = Known::of(&files);
    let there = "`World::wake` `world/bells.rs` `src/world/` `bells.rs` `world/{mod,bells}.rs` `Bell::Rung` `ring` \
                 `log_requests` `world::bells` `bells::ring` `cargo test worlds` `libm` `\"mser-5\"`";
    assert_eq!(missing(&known, "A.md", there), [""; 0]);
    let gone = "`World::ring`\n\n`world/gone.rs` `gone` `Bell::Silent` `world::gone` `world/{mod,gone}.rs`";
    assert_eq!(
        missing(&known, "A.md", gone),
        [
            "A.md:1: there is no `World::ring`",
            "A.md:3: there is no `world/gone.rs`",
            "A.md:3: there is no `gone`",
            "A.md:3: there is no `Bell::Silent`",
            "A.md:3: there is no `world::gone`",
            "A.md:3: there is no `world/{mod,gone}.rs`",
        ]
    );
}

#[test]
fn a_planted_long_sentence_is_found() {
    let words = |n: usize| vec!["word"; n].join(" ");
    let text = format!(
        "# {}\n\n{}. {}.\n\n- {} `{}`\n  {}.\n\n| {} | {} |\n\n```text\n{}\n```\n",
        words(50),
        words(40),
        words(40),
        words(30),
        words(50),
        words(10),
        words(40),
        words(41),
        words(50)
    );
    let long = long_sentences("A.md", &text);
    assert_eq!(long.len(), 2, "{long:?}");
    assert!(long[0].starts_with("A.md:5: a sentence of 41 words"), "{long:?}");
    assert!(long[1].starts_with("A.md:8: a sentence of 41 words"), "{long:?}");
}
