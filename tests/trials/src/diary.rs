use std::fs::File;
use std::io::Write;
use std::path::Path;

/// Bytes of an entry.
const ENTRY: usize = 8;

/// What a process writes down of what it has received, so that it is known though it is killed.
#[derive(Debug)]
pub struct Diary(File);

impl Diary {
    /// A new one.
    pub fn begin(path: &Path) -> Self {
        Self(File::create(path).expect("a diary"))
    }

    /// Writes down the number of a message; it is in the system's hands when this returns.
    pub fn enter(&mut self, seq: u64) {
        self.0.write_all(&seq.to_be_bytes()).expect("an entry");
    }

    /// How many numbers are in one; none while there is none.
    pub fn count(path: &Path) -> usize {
        path.metadata().map_or(0, |file| usize::try_from(file.len()).unwrap_or(0) / ENTRY)
    }

    /// The numbers in one, in the order in which they were written down.
    pub fn read(path: &Path) -> Vec<u64> {
        let bytes = std::fs::read(path).unwrap_or_default();
        bytes.as_chunks::<ENTRY>().0.iter().map(|entry| u64::from_be_bytes(*entry)).collect()
    }
}
