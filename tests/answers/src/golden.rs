//! The recorded transcripts, the accepted differences, and the comparison.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use crate::{Case, Run, Stop};

/// Plays one case from the beginning and gives its transcript.
///
/// # Errors
/// It ended in another way than by its last step or by a closed connection; the transcript so far is in the text.
pub fn transcript(target: SocketAddr, case: &Case) -> Result<String, Stop> {
    let mut run = Run::new(target, &case.name);
    let end = case.play(&mut run);
    let transcript = run.into_transcript();
    match end {
        Ok(()) | Err(Stop::Closed) => Ok(transcript),
        Err(error) => Err(Stop::Broken(format!("{}: {error}\n{transcript}", case.path()))),
    }
}

/// Writes what Apache Kafka answers.
///
/// # Errors
/// The file.
pub fn record(case: &Case, transcript: &str) -> io::Result<()> {
    write(&file(case, "txt"), transcript)
}

/// Writes what Ottla answers, where that differs from Kafka's answer; removes the file where it does not.
///
/// # Errors
/// The file.
pub fn accept(case: &Case, transcript: &str) -> io::Result<()> {
    let own = file(case, "ottla.txt");
    if fs::read_to_string(file(case, "txt"))? != transcript {
        return write(&own, transcript);
    }
    match fs::remove_file(own) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// How Ottla's transcript compares with the recorded one; `None` when it is as expected.
///
/// # Errors
/// The files.
pub fn compare(case: &Case, transcript: &str) -> io::Result<Option<String>> {
    let kafka = file(case, "txt");
    let own = file(case, "ottla.txt");
    if !kafka.exists() {
        return Ok(Some("not recorded".into()));
    }
    let kafka = fs::read_to_string(kafka)?;
    if !own.exists() {
        return Ok((kafka != transcript).then(|| difference(&kafka, transcript)));
    }
    if kafka == transcript {
        return Ok(Some(
            "the listed difference is gone: take it out of differences.md and remove its file".into(),
        ));
    }
    let own = fs::read_to_string(own)?;
    Ok((own != transcript).then(|| difference(&own, transcript)))
}

/// The lines in which two transcripts differ, `-` expected and `+` found, with some of the same around them.
#[must_use]
pub fn difference(expected: &str, found: &str) -> String {
    let (a, b): (Vec<_>, Vec<_>) = (expected.lines().collect(), found.lines().collect());
    // longest[i][j]: length of the longest common sequence of a[i..] and b[j..].
    let mut longest = vec![vec![0_u32; b.len() + 1]; a.len() + 1];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            longest[i][j] = match a[i] == b[j] {
                true => longest[i + 1][j + 1] + 1,
                false => longest[i + 1][j].max(longest[i][j + 1]),
            };
        }
    }
    let (mut i, mut j, mut lines) = (0, 0, Vec::new());
    while i < a.len() || j < b.len() {
        if i < a.len() && j < b.len() && a[i] == b[j] {
            lines.push((' ', a[i]));
            (i, j) = (i + 1, j + 1);
        } else if i < a.len() && (j == b.len() || longest[i + 1][j] >= longest[i][j + 1]) {
            lines.push(('-', a[i]));
            i += 1;
        } else {
            lines.push(('+', b[j]));
            j += 1;
        }
    }
    let near =
        |at: usize| lines[at.saturating_sub(2)..lines.len().min(at + 3)].iter().any(|line| line.0 != ' ');
    let shown =
        (0..lines.len()).filter(|&at| near(at)).map(|at| format!("  {} {}\n", lines[at].0, lines[at].1));
    shown.collect()
}

/// Where the two lists of differences, `differences.md` and the `.ottla.txt` files, do not agree.
///
/// # Errors
/// The files.
pub fn check_list(cases: &[Case]) -> io::Result<Vec<String>> {
    let reasons = reasons()?;
    let named: BTreeSet<String> = cases.iter().map(Case::path).collect();
    let mut wrong = Vec::new();
    for case in cases {
        let path = case.path();
        match (file(case, "ottla.txt").exists(), reasons.contains_key(&path)) {
            (true, false) => wrong.push(format!("{path}: differences.md gives no reason")),
            (false, true) => {
                wrong.push(format!("{path}: in differences.md, but there is no {path}.ottla.txt"))
            }
            _ => {}
        }
    }
    wrong.extend(
        reasons
            .keys()
            .filter(|path| !named.contains(*path))
            .map(|path| format!("{path}: in differences.md, but there is no such case")),
    );
    for area in fs::read_dir(root().join("golden"))? {
        for file in fs::read_dir(area?.path())? {
            let path = file?.path();
            let stem = path.strip_prefix(root().join("golden")).unwrap_or(&path).display().to_string();
            let stem = stem.trim_end_matches(".txt").trim_end_matches(".ottla").to_owned();
            if !named.contains(&stem) {
                wrong.push(format!("{}: there is no such case", path.display()));
            }
        }
    }
    Ok(wrong)
}

/// The listed differences: case to reason. A reason is a `##` heading, the cases are the items below it.
fn reasons() -> io::Result<BTreeMap<String, String>> {
    let text = fs::read_to_string(root().join("differences.md"))?;
    let mut reason = String::new();
    let mut list = BTreeMap::new();
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            heading.clone_into(&mut reason);
        } else if let Some(case) = line.strip_prefix("- ") {
            list.insert(case.trim_matches('`').to_owned(), reason.clone());
        }
    }
    Ok(list)
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn file(case: &Case, ending: &str) -> PathBuf {
    root().join("golden").join(case.area).join(format!("{}.{ending}", case.name))
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir)?;
    }
    fs::write(path, text)
}
