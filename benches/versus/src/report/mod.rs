//! What is shown of what was measured.

mod cliffs;
mod facts;
mod plots;
mod table;
mod targets;

use std::fmt::Write;
use std::fs;
use std::path::Path;

use serde::Serialize;

use crate::Outcome;
use crate::measure::Row;
pub use facts::Facts;

/// Everything.
#[derive(Debug, Serialize)]
pub struct Results {
    pub facts: Facts,
    pub rows: Vec<Row>,
}

impl Results {
    /// All tables, as Markdown.
    pub fn tables(&self) -> Outcome<String> {
        let mut out = String::new();
        writeln!(out, "# hubless versus\n\n{}", self.facts)?;
        table::write(&mut out, &self.rows)?;
        cliffs::write(&mut out, &self.rows)?;
        targets::write(&mut out, &self.rows)?;
        Ok(out)
    }

    /// All samples; a line for each row, so that two results can be compared.
    pub fn write_json(&self, path: &Path) -> Outcome<()> {
        let rows: Result<Vec<_>, _> = self.rows.iter().map(serde_json::to_string).collect();
        let (facts, rows) = (serde_json::to_string(&self.facts)?, rows?.join(",\n"));
        write_file(path, &format!("{{\"facts\": {facts},\n\"rows\": [\n{rows}\n]}}\n"))
    }

    pub fn draw(&self, folder: &Path) -> Outcome<()> {
        fs::create_dir_all(folder)?;
        plots::draw(folder, &self.rows)
    }
}

/// Writes a file, in a folder that may not be there.
pub fn write_file(path: &Path, text: &str) -> Outcome<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    Ok(fs::write(path, text)?)
}
