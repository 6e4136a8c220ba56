use std::fmt;

use crate::{Run, Stop};

/// What a case does: requests, one after another. [`Stop::Closed`] is a regular end.
type Play = Box<dyn Fn(&mut Run) -> Result<(), Stop> + Send + Sync>;

/// A named sequence of requests.
pub struct Case {
    /// Directory of the golden file.
    pub area: &'static str,
    /// File name of the golden file, unique in its area; also part of the topics and groups the case makes.
    pub name: String,
    play: Play,
}

impl Case {
    /// Plays the case on a broker.
    ///
    /// # Errors
    /// What ended it early.
    pub fn play(&self, run: &mut Run) -> Result<(), Stop> {
        (self.play)(run)
    }

    /// `area/name`.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{}/{}", self.area, self.name)
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path())
    }
}

/// Cases in the order they are played.
#[derive(Debug, Default)]
pub struct Cases {
    area: &'static str,
    list: Vec<Case>,
}

impl Cases {
    /// What is added from here on belongs to `area`.
    pub fn area(&mut self, area: &'static str) {
        self.area = area;
    }

    /// Adds a case.
    pub fn add(
        &mut self,
        name: impl Into<String>,
        play: impl Fn(&mut Run) -> Result<(), Stop> + Send + Sync + 'static,
    ) {
        self.list.push(Case { area: self.area, name: name.into(), play: Box::new(play) });
    }

    /// Adds a case for each of `versions`.
    pub fn at(
        &mut self,
        versions: &[i16],
        name: &str,
        play: impl Fn(&mut Run, i16) -> Result<(), Stop> + Clone + Send + Sync + 'static,
    ) {
        for &version in versions {
            let play = play.clone();
            self.add(format!("{name}-v{version}"), move |run| play(run, version));
        }
    }

    /// All of them.
    #[must_use]
    pub fn into_list(self) -> Vec<Case> {
        self.list
    }
}
