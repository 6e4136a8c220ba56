//! Operations that fail because a test says so.

use std::{collections::BTreeMap, io};

use super::random::Random;

/// What can go wrong with an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trouble {
    /// A read fails (EIO).
    Read,
    /// A change fails (EIO); of a write some bytes may be there.
    Write,
    /// A sync of a file or directory fails (EIO); what it was to cover is lost, and a second one would not say so.
    Sync,
    /// There is no room (ENOSPC); of a write some bytes may be there.
    Space,
    /// There is no file descriptor (EMFILE).
    Descriptor,
}

impl Trouble {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Read, Self::Write, Self::Sync, Self::Space, Self::Descriptor];

    fn error(self) -> io::Error {
        const EIO: i32 = 5;
        const EMFILE: i32 = 24;
        const ENOSPC: i32 = 28;
        io::Error::from_raw_os_error(match self {
            Self::Read | Self::Write | Self::Sync => EIO,
            Self::Space => ENOSPC,
            Self::Descriptor => EMFILE,
        })
    }
}

/// What coming operations answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Writes fail with "no space left" once this many more bytes have been written.
    FullAfter(u64),
    /// The next sync fails.
    FailSync,
    /// The next write fails.
    FailWrite,
    /// Of the operations that `trouble` can meet, `skip` go well and the `times` after them fail.
    At {
        /// What happens.
        trouble: Trouble,
        /// Operations that still go well.
        skip: u64,
        /// Operations that fail then; `u64::MAX` for all.
        times: u64,
    },
}

#[derive(Debug, Default)]
pub(super) struct Faults {
    pub(super) room: Option<u64>,
    planned: BTreeMap<Trouble, (u64, u64)>,
    occasions: BTreeMap<Trouble, u64>,
    /// Reads and writes are cut short and interrupted, as the operating system may.
    pub(super) rough: Option<Random>,
}

impl Faults {
    pub(super) fn inject(&mut self, fault: Fault) {
        let (trouble, skip, times) = match fault {
            Fault::FullAfter(bytes) => return self.room = Some(bytes),
            Fault::FailSync => (Trouble::Sync, 0, 1),
            Fault::FailWrite => (Trouble::Write, 0, 1),
            Fault::At { trouble, skip, times } => (trouble, skip, times),
        };
        self.planned.insert(trouble, (skip, times));
    }

    pub(super) fn heal(&mut self) {
        self.room = None;
        self.planned.clear();
    }

    /// How many operations so far could have met this trouble.
    pub(super) fn occasions(&self, trouble: Trouble) -> u64 {
        self.occasions.get(&trouble).copied().unwrap_or_default()
    }

    /// One operation that can meet each of these.
    pub(super) fn meet(&mut self, troubles: &[Trouble]) -> io::Result<()> {
        let mut met = Ok(());
        for trouble in troubles {
            *self.occasions.entry(*trouble).or_default() += 1;
            if let Some((skip, times)) = self.planned.get_mut(trouble) {
                if *skip > 0 {
                    *skip -= 1;
                } else if *times > 0 {
                    *times -= 1;
                    met = met.and(Err(trouble.error()));
                }
            }
        }
        met
    }

    /// Takes `wanted` bytes of the room there is; answers how many there were.
    pub(super) fn take_room(&mut self, wanted: u64) -> u64 {
        let Some(room) = &mut self.room else { return wanted };
        let taken = wanted.min(*room);
        *room -= taken;
        taken
    }
}
