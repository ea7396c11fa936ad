//! JSON as it is read back: a key that is missing or of another kind is named with its path.

use std::path::Path;

use serde_json::{Map, Value};

use super::error::FolderError;
use crate::kernel::number::as_written;

/// What `read` makes of a JSON document, whose file errors name.
pub(crate) fn document<T>(
    text: &str,
    path: &Path,
    read: impl FnOnce(&Field<'_>) -> Result<T, String>,
) -> Result<T, FolderError> {
    let file = path.display().to_string();
    let document: Value = serde_json::from_str(text).map_err(|e| FolderError::Line {
        file: file.clone(),
        line: e.line() as u64,
        what: e.to_string(),
    })?;
    let top = Field {
        path: String::new(),
        value: &document,
    };
    read(&top).map_err(|what| FolderError::File { file, what })
}

/// A key of an object, with its path for errors.
pub(crate) struct Field<'a> {
    pub(crate) path: String,
    pub(crate) value: &'a Value,
}

impl<'a> Field<'a> {
    pub(crate) fn key(&self, key: &str) -> Result<Field<'a>, String> {
        let path = if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        };
        let value = self.value.get(key).ok_or_else(|| format!("`{path}` is missing"))?;
        Ok(Field { path, value })
    }

    pub(crate) fn wants<T>(&self, value: Option<T>, what: &str) -> Result<T, String> {
        value.ok_or_else(|| format!("`{}` must be {what}", self.path))
    }

    pub(crate) fn text(&self) -> Result<String, String> {
        self.wants(self.value.as_str().map(str::to_owned), "text")
    }

    /// The key, where it is there: folders of earlier versions lack some.
    pub(crate) fn maybe(&self, key: &str) -> Option<Field<'a>> {
        self.key(key).ok()
    }

    pub(crate) fn flag(&self) -> Result<bool, String> {
        self.wants(self.value.as_bool(), "true or false")
    }

    pub(crate) fn float(&self) -> Result<f64, String> {
        // serde_json may be off by the last bit; what was written says which value is meant.
        self.wants(self.value.as_f64().map(as_written), "a number")
    }

    pub(crate) fn whole(&self) -> Result<u64, String> {
        self.wants(self.value.as_u64(), "a whole number")
    }

    pub(crate) fn count(&self) -> Result<u32, String> {
        self.wants(
            self.value.as_u64().and_then(|n| u32::try_from(n).ok()),
            "a whole number",
        )
    }

    pub(crate) fn object(&self) -> Result<&'a Map<String, Value>, String> {
        self.wants(self.value.as_object(), "an object")
    }

    /// The entries of a list.
    pub(crate) fn items(&self) -> Result<impl Iterator<Item = Field<'a>>, String> {
        let items = self.wants(self.value.as_array(), "a list")?.iter();
        let path = self.path.clone();
        Ok(items.enumerate().map(move |(at, value)| Field {
            path: format!("{path}.{at}"),
            value,
        }))
    }

    pub(crate) fn texts(&self) -> Result<Vec<String>, String> {
        let items = self.wants(self.value.as_array(), "a list")?;
        items
            .iter()
            .map(|item| self.wants(item.as_str().map(str::to_owned), "a list of texts"))
            .collect()
    }
}
