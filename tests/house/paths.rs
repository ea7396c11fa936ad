//! Reads the paths that a Rust source mentions: a small lexer and a reader of `use` trees.
//!
//! It is no parser of Rust. It knows comments, the kinds of literals, lifetimes, nested `use` trees, inline modules
//! and `#[cfg(test)]`, which is what it takes to say which module a line reaches into.

/// One path as a line mentions it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Mention {
    pub(crate) line: usize,
    /// The segments as written; a glob ends in `*`, a macro call in `name!`, a mutable borrow is `&mut Name`.
    pub(crate) path: Vec<String>,
    /// The module that the line stands in, from the crate root down.
    pub(crate) within: Vec<String>,
    /// Whether it was imported by `use` rather than written out in place.
    pub(crate) imported: bool,
    /// Whether the import is handed on by `pub use`.
    pub(crate) handed_on: bool,
    /// Whether it stands under `#[cfg(test)]`.
    pub(crate) in_test: bool,
}

/// All paths that `source`, the file of the module `module`, mentions, in the order of the text.
pub(crate) fn mentions(module: &[String], source: &str) -> Vec<Mention> {
    let tokens = Tokens(lex(source));
    let in_test = tokens.under_cfg_test();
    let mut found = Vec::new();
    let mut inline: Vec<(String, usize)> = Vec::new();
    let mut depth = 0_usize;
    let mut at = 0;
    while at < tokens.0.len() {
        let start = at;
        let mut paths = Vec::new();
        match tokens.text(at) {
            "{" => depth += 1,
            "}" => {
                depth = depth.saturating_sub(1);
                inline.retain(|(_, opened)| *opened <= depth);
            }
            "mod" if tokens.text(at + 2) == "{" => {
                inline.push((tokens.text(at + 1).to_owned(), depth + 1));
                at += 1;
            }
            "mut" if at > 0 && tokens.text(at - 1) == "&" => {
                let (borrowed, _) = tokens.path(at + 1);
                paths.extend(
                    borrowed
                        .last()
                        .map(|name| (tokens.line(at), vec![format!("&mut {name}")])),
                );
            }
            "use" if tokens.text(at + 1) != "<" => {
                at = tokens.use_tree(at + 1, &[], &mut paths).max(at + 1) - 1;
            }
            word if is_word(word) => {
                let (path, next) = tokens.path(at);
                paths.push((tokens.line(at), path));
                at = next - 1;
            }
            _ => {}
        }
        at += 1;
        let imported = tokens.text(start) == "use";
        let handed_on = imported && start > 0 && matches!(tokens.text(start - 1), "pub" | ")");
        found.extend(paths.into_iter().map(|(line, path)| {
            Mention {
                line,
                path,
                within: module
                    .iter()
                    .chain(inline.iter().map(|(name, _)| name))
                    .cloned()
                    .collect(),
                imported,
                handed_on,
                in_test: in_test[start],
            }
        }));
    }
    found
}

struct Token {
    line: usize,
    text: String,
}

struct Tokens(Vec<Token>);

impl Tokens {
    fn text(&self, at: usize) -> &str {
        self.0.get(at).map_or("", |token| &token.text)
    }

    fn line(&self, at: usize) -> usize {
        self.0.get(at).map_or(0, |token| token.line)
    }

    /// Whether the tokens from `at` on read as `texts`.
    fn reads(&self, at: usize, texts: &[&str]) -> bool {
        texts
            .iter()
            .enumerate()
            .all(|(offset, text)| self.text(at + offset) == *text)
    }

    /// The path that starts at `at`, and where it ends.
    fn path(&self, mut at: usize) -> (Vec<String>, usize) {
        let mut path = Vec::new();
        while is_word(self.text(at)) {
            path.push(self.text(at).to_owned());
            at += 1;
            if self.text(at) != "::" || !is_word(self.text(at + 1)) {
                break;
            }
            at += 1;
        }
        let called = self.text(at) == "!" && matches!(self.text(at + 1), "(" | "[" | "{");
        if let Some(name) = path.last_mut().filter(|_| called) {
            name.push('!');
        }
        (path, at)
    }

    /// Flattens the `use` tree that starts at `at` into one path per leaf; answers where the tree ends.
    fn use_tree(&self, mut at: usize, prefix: &[String], leaves: &mut Vec<(usize, Vec<String>)>) -> usize {
        let mut path = prefix.to_vec();
        loop {
            match self.text(at) {
                "::" => at += 1,
                "*" => {
                    path.push("*".to_owned());
                    leaves.push((self.line(at), path));
                    return at + 1;
                }
                "{" => {
                    at += 1;
                    while !matches!(self.text(at), "}" | "") {
                        at = self.use_tree(at, &path, leaves).max(at + 1);
                    }
                    return at + 1;
                }
                word if is_word(word) => {
                    path.push(word.to_owned());
                    if self.text(at + 1) != "::" {
                        leaves.push((self.line(at), path));
                        return if self.text(at + 1) == "as" { at + 3 } else { at + 1 };
                    }
                    at += 1;
                }
                _ => return at,
            }
        }
    }

    /// For every token, whether it belongs to an item under `#[cfg(test)]` or to a file under `#![cfg(test)]`.
    fn under_cfg_test(&self) -> Vec<bool> {
        const CFG_TEST: [&str; 6] = ["[", "cfg", "(", "test", ")", "]"];
        let mut marks = vec![false; self.0.len()];
        let mut at = 0;
        while at < marks.len() {
            if self.reads(at, &["#", "!"]) && self.reads(at + 2, &CFG_TEST) {
                return vec![true; marks.len()];
            }
            if self.text(at) == "#" && self.reads(at + 1, &CFG_TEST) {
                let end = self.item_end(at + 1 + CFG_TEST.len());
                marks[at..end].fill(true);
                at = end;
            } else {
                at += 1;
            }
        }
        marks
    }

    /// Where the item that starts at `at` ends: behind its `;` or its closing brace.
    fn item_end(&self, at: usize) -> usize {
        let mut open = 0_usize;
        for end in at..self.0.len() {
            match self.text(end) {
                "(" | "[" | "{" => open += 1,
                ")" | "]" => open = open.saturating_sub(1),
                "}" => {
                    open = open.saturating_sub(1);
                    if open == 0 {
                        return end + 1;
                    }
                }
                ";" if open == 0 => return end + 1,
                _ => {}
            }
        }
        self.0.len()
    }
}

fn is_word(text: &str) -> bool {
    text.chars()
        .next()
        .is_some_and(|first| first.is_alphabetic() || first == '_')
}

/// Words and punctuation with their lines; comments, literals and lifetimes leave no token.
fn lex(source: &str) -> Vec<Token> {
    let mut text = Text {
        chars: source.chars().collect(),
        at: 0,
        line: 1,
    };
    let mut tokens = Vec::new();
    while let Some(here) = text.peek(0) {
        let line = text.line;
        match here {
            '/' if text.peek(1) == Some('/') => text.skip_while(|c| c != '\n'),
            '/' if text.peek(1) == Some('*') => text.skip_block_comment(),
            '"' => text.skip_quoted('"'),
            '\'' => text.skip_char_or_lifetime(),
            c if c.is_alphabetic() || c == '_' => {
                let word = text.word();
                if !text.skip_literal_behind(&word) {
                    let raw = word == "r" && text.peek(0) == Some('#');
                    tokens.push(Token {
                        line,
                        text: if raw { text.raw_word() } else { word },
                    });
                }
            }
            c if c.is_ascii_digit() => text.skip_while(|c| c.is_alphanumeric() || c == '_'),
            c if c.is_whitespace() => text.skip(1),
            ':' if text.peek(1) == Some(':') => {
                text.skip(2);
                tokens.push(Token {
                    line,
                    text: "::".to_owned(),
                });
            }
            c => {
                text.skip(1);
                tokens.push(Token {
                    line,
                    text: c.to_string(),
                });
            }
        }
    }
    tokens
}

struct Text {
    chars: Vec<char>,
    at: usize,
    line: usize,
}

impl Text {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn skip(&mut self, count: usize) {
        for _ in 0..count {
            self.line += usize::from(self.peek(0) == Some('\n'));
            self.at += 1;
        }
    }

    fn skip_while(&mut self, wanted: impl Fn(char) -> bool) {
        while self.peek(0).is_some_and(&wanted) {
            self.skip(1);
        }
    }

    fn word(&mut self) -> String {
        let start = self.at;
        self.skip_while(|c| c.is_alphanumeric() || c == '_');
        self.chars[start..self.at].iter().collect()
    }

    /// The name behind the `#` of a raw identifier.
    fn raw_word(&mut self) -> String {
        self.skip(1);
        self.word()
    }

    /// Skips the literal that `word` prefixes (`b"…"`, `r#"…"#`, `b'…'`), and says whether there was one.
    fn skip_literal_behind(&mut self, word: &str) -> bool {
        let hashes = self.chars[self.at.min(self.chars.len())..]
            .iter()
            .take_while(|c| **c == '#')
            .count();
        match (word, self.peek(0)) {
            ("r" | "br" | "cr", _) if self.peek(hashes) == Some('"') => self.skip_raw(hashes),
            ("b" | "c", Some('"')) => self.skip_quoted('"'),
            ("b", Some('\'')) => self.skip_quoted('\''),
            _ => return false,
        }
        true
    }

    fn skip_raw(&mut self, hashes: usize) {
        self.skip(hashes + 1);
        while let Some(c) = self.peek(0) {
            self.skip(1);
            if c == '"' && (0..hashes).all(|ahead| self.peek(ahead) == Some('#')) {
                self.skip(hashes);
                return;
            }
        }
    }

    fn skip_quoted(&mut self, quote: char) {
        self.skip(1);
        while let Some(c) = self.peek(0) {
            self.skip(if c == '\\' { 2 } else { 1 });
            if c == quote {
                return;
            }
        }
    }

    fn skip_char_or_lifetime(&mut self) {
        if self.peek(1) == Some('\\') || self.peek(2) == Some('\'') {
            self.skip_quoted('\'');
        } else {
            self.skip(1);
            self.skip_while(|c| c.is_alphanumeric() || c == '_');
        }
    }

    fn skip_block_comment(&mut self) {
        let mut depth = 0_usize;
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some('/'), Some('*')) => depth += 1,
                (Some('*'), Some('/')) => depth -= 1,
                (None, _) => return,
                _ => {
                    self.skip(1);
                    continue;
                }
            }
            self.skip(2);
            if depth == 0 {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::mentions;

    fn paths(source: &str) -> Vec<String> {
        let module = ["fleet".to_owned()];
        mentions(&module, source)
            .iter()
            .map(|m| format!("{}:{}", m.line, m.path.join("::")))
            .collect()
    }

    #[test]
    fn use_trees_flatten_to_their_leaves() {
        let source = "use crate::{\n    fleet::Node,\n    view::{self, Index as I, shape::*},\n};\nuse ::std::fs;";
        let leaves = [
            "2:crate::fleet::Node",
            "3:crate::view::self",
            "3:crate::view::Index",
            "3:crate::view::shape::*",
        ];
        assert_eq!(paths(source), [&leaves[..], &["5:std::fs"]].concat());
    }

    #[test]
    fn comments_literals_and_lifetimes_say_nothing() {
        for silent in [
            "// crate::view\n/// crate::view\n//! crate::view",
            "/* crate::view /* nested */ crate::view */",
            "\"crate::view \\\" crate::view\" b\"crate::view\" r#\"crate::\"view\"# br\"crate::view\"",
            "'x' '\\'' b'\\\\' '\"' 'static 'a 0xff_u8 1.5e3",
        ] {
            assert_eq!(paths(silent), Vec::<String>::new(), "{silent}");
        }
    }

    #[test]
    fn lines_are_counted_through_every_kind_of_text() {
        let source = "\"two\nlines\" /* and\nmore */ r\"raw\nraw\"\ncrate::view::Index";
        assert_eq!(paths(source), ["5:crate::view::Index"]);
    }

    #[test]
    fn macros_and_mutable_borrows_are_told_apart() {
        assert_eq!(paths("println!(\"{}\", x != y)"), ["1:println!", "1:x", "1:y"]);
        assert!(paths("fn f<'a>(fleet: &'a mut crate::fleet::Fleet)").contains(&"1:&mut Fleet".to_owned()));
    }

    #[test]
    fn tests_and_inline_modules_are_known() {
        let source = "mod inner { fn f() { a::b } }\n#[cfg(test)]\n#[derive(X)]\nmod tests { use super::*; }\nc::d";
        let module = ["fleet".to_owned()];
        let seen = mentions(&module, source);
        let find = |path: &str| seen.iter().find(|m| m.path.join("::") == path).expect(path);
        assert_eq!(find("a::b").within, ["fleet", "inner"]);
        assert!(find("super::*").in_test && find("super::*").imported);
        assert_eq!(find("super::*").within, ["fleet", "tests"]);
        assert_eq!((find("c::d").in_test, &find("c::d").within[..]), (false, &module[..]));
    }
}
