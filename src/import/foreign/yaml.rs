//! YAML as the OpenStack clients print it, item by item.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::BufRead;
use std::rc::Rc;

use saphyr_parser::{BufferedInput, Event, Parser, ScalarStyle};
use serde_json::{Map, Number, Value};

use super::open::{self, LINE_MAX, Stream};
use super::wrong::ForeignError;

/// So deep may lists and maps be nested.
const DEEP: usize = 64;

/// So many values may aliases bring in.
const ALIASED: usize = 1_000_000;

/// Told of each value: its path, the line where it begins, and the value.
type Tell<'t> = dyn FnMut(&str, u64, Value) -> Result<(), ForeignError> + 't;

/// Tells the items of the outermost list, or the whole document where it is none.
pub(crate) fn each(stream: Stream, file: &str, tell: &mut Tell<'_>) -> Result<(), ForeignError> {
    let broken = Rc::new(RefCell::new(None));
    let letters = Letters {
        stream,
        line: Vec::new().into_iter(),
        broken: broken.clone(),
        bytes: Vec::new(),
    };
    let mut reader = Reader {
        parser: Parser::new(BufferedInput::new(letters)),
        file,
        broken,
        anchors: BTreeMap::new(),
        aliased: 0,
    };
    loop {
        match reader.event()? {
            (Event::StreamEnd, _) => return Ok(()),
            (Event::SequenceStart(..), _) => loop {
                let (event, line) = reader.event()?;
                if event == Event::SequenceEnd {
                    break;
                }
                let value = reader.value(event, line, DEEP)?;
                tell("[]", line, value)?;
            },
            (event @ (Event::Scalar(..) | Event::MappingStart(..)), line) => {
                let value = reader.value(event, line, DEEP)?;
                tell("", line, value)?;
            }
            _ => {}
        }
    }
}

/// The letters of a stream, line by line.
struct Letters {
    stream: Stream,
    line: std::vec::IntoIter<char>,
    broken: Rc<RefCell<Option<std::io::Error>>>,
    bytes: Vec<u8>,
}

impl Iterator for Letters {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        if let Some(letter) = self.line.next() {
            return Some(letter);
        }
        self.bytes.clear();
        let mut piece = std::io::Read::take(&mut self.stream, LINE_MAX as u64);
        match piece.read_until(b'\n', &mut self.bytes) {
            Ok(0) => None,
            Ok(_) => {
                // The clients end every line; a name cut in two would still be a name.
                if self.bytes.last() != Some(&b'\n') {
                    *self.broken.borrow_mut() = Some(std::io::ErrorKind::UnexpectedEof.into());
                    return None;
                }
                let letters: Vec<char> = String::from_utf8_lossy(&self.bytes).chars().collect();
                self.line = letters.into_iter();
                self.line.next()
            }
            Err(error) => {
                *self.broken.borrow_mut() = Some(error);
                None
            }
        }
    }
}

struct Reader<'f> {
    parser: Parser<'static, BufferedInput<Letters>>,
    file: &'f str,
    broken: Rc<RefCell<Option<std::io::Error>>>,
    anchors: BTreeMap<usize, Value>,
    aliased: usize,
}

impl Reader<'_> {
    fn event(&mut self) -> Result<(Event<'static>, u64), ForeignError> {
        let next = self.parser.next_event();
        if let Some(error) = self.broken.borrow_mut().take() {
            return Err(open::broken(self.file, 1, &error));
        }
        match next {
            Some(Ok((event, span))) => Ok((event, span.start.line() as u64)),
            Some(Err(error)) => {
                let line = error.marker().line() as u64;
                Err(self.refuse(line, &format!("this is no YAML ({})", error.info())))
            }
            None => Ok((Event::StreamEnd, 0)),
        }
    }

    fn refuse(&self, line: u64, message: &str) -> ForeignError {
        let mend = "give what the command prints with `-f yaml`, unchanged and whole; `-f json` is better";
        ForeignError::at(self.file, line, "", message, mend)
    }

    fn value(&mut self, event: Event<'static>, line: u64, deep: usize) -> Result<Value, ForeignError> {
        let Some(deep) = deep.checked_sub(1) else {
            return Err(self.refuse(line, "lists and maps are nested too deep"));
        };
        let (anchor, value) = match event {
            Event::Scalar(text, style, anchor, _) => (anchor, scalar(&text, style)),
            Event::SequenceStart(anchor, _) => {
                let mut items = Vec::new();
                loop {
                    match self.event()? {
                        (Event::SequenceEnd, _) => break,
                        (event, line) => items.push(self.value(event, line, deep)?),
                    }
                }
                (anchor, Value::Array(items))
            }
            Event::MappingStart(anchor, _) => {
                let mut map = Map::new();
                loop {
                    let (event, line) = self.event()?;
                    if event == Event::MappingEnd {
                        break;
                    }
                    let key = match self.value(event, line, deep)? {
                        Value::String(key) => key,
                        other => other.to_string(),
                    };
                    let (event, line) = self.event()?;
                    map.insert(key, self.value(event, line, deep)?);
                }
                (anchor, Value::Object(map))
            }
            Event::Alias(anchor) => {
                let value = self.anchors.get(&anchor).cloned().unwrap_or(Value::Null);
                self.aliased += size(&value);
                if self.aliased > ALIASED {
                    return Err(self.refuse(line, "aliases repeat more than a million values"));
                }
                (0, value)
            }
            _ => return Err(self.refuse(line, "the document ends in the middle")),
        };
        if anchor > 0 {
            self.anchors.insert(anchor, value.clone());
        }
        Ok(value)
    }
}

/// How many values a value has.
fn size(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Object(map) => 1 + map.values().map(size).sum::<usize>(),
        _ => 1,
    }
}

/// A plain scalar by the rules of YAML 1.1 that clients write by; a quoted one is text.
fn scalar(text: &str, style: ScalarStyle) -> Value {
    if style != ScalarStyle::Plain {
        return Value::String(text.to_owned());
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" | "None" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    match serde_json::from_str::<Number>(text) {
        Ok(number) => Value::Number(number),
        Err(_) => Value::String(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Result<Vec<(String, u64, Value)>, String> {
        let mut items = Vec::new();
        let stream: Stream = Box::new(std::io::Cursor::new(text.to_owned().into_bytes()));
        let read = each(stream, "f", &mut |at, line, value| {
            items.push((at.to_owned(), line, value));
            Ok(())
        });
        read.map(|()| items).map_err(|error| error.to_string())
    }

    #[test]
    fn a_clients_list_is_told_item_by_item() {
        let text = "- Name: n1\n  Extra:\n    rack: r1\n    u: 1\n  Traits:\n  - CUSTOM_A\n  Maintenance: true\n  \
                    Maintenance Reason: 'a: b\n\n    c'\n- Name: null\n  Extra: {}\n";
        let items = read(text).expect("YAML");
        let first = json!({"Name": "n1", "Extra": {"rack": "r1", "u": 1}, "Traits": ["CUSTOM_A"], "Maintenance": true,
            "Maintenance Reason": "a: b\nc"});
        assert_eq!(items[0], ("[]".to_owned(), 1, first));
        assert_eq!(items[1], ("[]".to_owned(), 11, json!({"Name": null, "Extra": {}})));
    }

    #[test]
    fn what_is_wrong_is_refused_with_its_line() {
        let error = read("- a: 1\n- b: [1, 2\n").expect_err("cut");
        assert!(error.starts_with("f:") && error.contains("no YAML"), "{error}");
        let bomb = "- &a [x, x, x, x, x, x, x, x, x, x]\n".to_owned()
            + &(1..9)
                .map(|at| {
                    let names = "abcdefghij".as_bytes();
                    let (own, other) = (char::from(names[at]), char::from(names[at - 1]));
                    format!(
                        "- &{own} [*{other}, *{other}, *{other}, *{other}, *{other}, *{other}, *{other}, *{other}]\n"
                    )
                })
                .collect::<String>();
        assert!(read(&bomb).expect_err("too much").contains("aliases"));
    }
}
