//! Opening a foreign file: plain, gzip or xz, told by its first bytes, and read piece by piece.

use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use lzma_rust2::XzReader;

use super::wrong::{Faults, ForeignError};
use crate::import::files::Reading;

/// How much is read at once.
const PIECE: usize = 1 << 18;

/// Most memory for the window of an xz file, KiB; `xz -9` takes 65 MiB.
const XZ_KIB: u32 = 256 << 10;

/// Longest line of a file.
pub(crate) const LINE_MAX: usize = 64 << 20;

/// Packed forms that are not read, and the bytes that they begin with.
const FOREIGN: [(&[u8], &str); 4] = [
    (b"PK\x03\x04", "a zip archive"),
    (b"BZh", "a bzip2 file"),
    (b"\x28\xb5\x2f\xfd", "a zstd file"),
    (b"7z\xbc\xaf", "a 7z archive"),
];

/// A file that is being read, unpacked where it is packed.
pub(crate) type Stream = Box<dyn BufRead>;

/// Opens a file.
pub(crate) fn open(path: &Path) -> Result<Stream, ForeignError> {
    let name = path.display().to_string();
    let file = Reading::default()
        .open(path)
        .map_err(|error| ForeignError::file(path, error))?;
    let mut plain = BufReader::with_capacity(PIECE, file);
    let failed = |source| ForeignError::Io {
        path: path.to_owned(),
        source,
    };
    let head = plain.fill_buf().map_err(failed)?;
    if head.is_empty() {
        return Err(ForeignError::at(
            &name,
            1,
            "",
            "the file is empty",
            "export it again, and look at what the command says on stderr",
        ));
    }
    if let Some((_, what)) = FOREIGN.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Err(ForeignError::at(
            &name,
            1,
            "",
            format!("this is {what}"),
            "unpack it, or pack it with gzip or xz",
        ));
    }
    let unpacked: Stream = if head.starts_with(&[0x1f, 0x8b]) {
        Box::new(BufReader::with_capacity(PIECE, MultiGzDecoder::new(plain)))
    } else if head.starts_with(b"\xfd7zXZ\0") {
        Box::new(BufReader::with_capacity(
            PIECE,
            XzReader::new_mem_limit(plain, true, XZ_KIB),
        ))
    } else {
        Box::new(plain)
    };
    without_mark(unpacked, &name)
}

/// Steps over a byte order mark; refuses UTF-16 and what is no text.
fn without_mark(mut stream: Stream, name: &str) -> Result<Stream, ForeignError> {
    let head = stream.fill_buf().map_err(|error| broken(name, 1, &error))?;
    let refuse = |what: &str, mend: &str| Err(ForeignError::at(name, 1, "", what, mend));
    if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) {
        return refuse("this is UTF-16 text", "save the file as UTF-8");
    }
    if head.contains(&0) {
        return refuse(
            "this is no text: it has zero bytes",
            "give the text that the command printed",
        );
    }
    if head.starts_with(b"\xef\xbb\xbf") {
        stream.consume(3);
    }
    Ok(stream)
}

/// What a failing read says of the file.
pub(crate) fn broken(name: &str, line: u64, error: &io::Error) -> ForeignError {
    let (what, mend) = match error.kind() {
        io::ErrorKind::UnexpectedEof => ("the file ends too early".to_owned(), "fetch it again: it is cut short"),
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
            (format!("the packed file is damaged: {error}"), "fetch it again")
        }
        _ => (error.to_string(), "check the disk, or fetch the file again"),
    };
    ForeignError::at(name, line, "", what, mend)
}

/// The first bytes of a file, unpacked, at most `most`.
pub(crate) fn beginning(path: &Path, most: usize) -> Result<Vec<u8>, ForeignError> {
    let mut bytes = Vec::new();
    let stream = open(path)?;
    stream
        .take(most as u64)
        .read_to_end(&mut bytes)
        .map_err(|error| broken(&path.display().to_string(), 1, &error))?;
    Ok(bytes)
}

/// The lines of a file, one at a time.
pub(crate) struct Lines {
    stream: Stream,
    /// The file as the user named it.
    pub file: String,
    /// The line that was given last, counted from 1.
    pub line: u64,
    /// Lines with bytes that are not UTF-8.
    pub foreign: u64,
    /// Whether the line that was given last had a line end.
    pub ended: bool,
    bytes: Vec<u8>,
    text: String,
}

impl Lines {
    /// Opens a file.
    pub(crate) fn open(path: &Path) -> Result<Lines, ForeignError> {
        Ok(Lines {
            stream: open(path)?,
            file: path.display().to_string(),
            line: 0,
            foreign: 0,
            ended: true,
            bytes: Vec::new(),
            text: String::new(),
        })
    }

    /// The next line without its end. Bytes that are not UTF-8 are replaced: they come in free text.
    pub(crate) fn next(&mut self) -> Result<Option<&str>, ForeignError> {
        self.bytes.clear();
        self.line += 1;
        let read = (&mut self.stream)
            .take(LINE_MAX as u64)
            .read_until(b'\n', &mut self.bytes)
            .map_err(|error| broken(&self.file, self.line, &error))?;
        if read == 0 {
            self.line -= 1;
            return Ok(None);
        }
        self.ended = self.bytes.last() == Some(&b'\n');
        if !self.ended && read == LINE_MAX {
            return Err(self.refuse(
                "the line has more than 64 MiB",
                "give the text that the command printed",
            ));
        }
        while matches!(self.bytes.last(), Some(b'\n' | b'\r')) {
            self.bytes.pop();
        }
        if self.bytes.contains(&0) {
            return Err(self.refuse("the line has zero bytes", "fetch the file again: it is damaged"));
        }
        if let Ok(text) = std::str::from_utf8(&self.bytes) {
            self.text.clear();
            self.text.push_str(text);
        } else {
            self.foreign += 1;
            self.text = String::from_utf8_lossy(&self.bytes).into_owned();
        }
        Ok(Some(&self.text))
    }

    /// Notes that the last line has no line end, which commands that print rows give to each.
    pub(crate) fn whole(&self, faults: &mut Faults) {
        if !self.ended {
            faults.note(
                self.line,
                "",
                "the last line has no line end",
                "fetch it again: it is cut short; or end the line if it is whole",
            );
        }
    }

    fn refuse(&self, what: &str, mend: &str) -> ForeignError {
        ForeignError::at(&self.file, self.line, "", what, mend)
    }
}
