//! A file system of one's own in a file, to be filled up and cut off from power.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use ottla_testkit::{tool, until};
use tempfile::TempDir;

use crate::power_cut::power_cut;

/// Which file system, and how it is mounted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filesystem {
    kind: &'static str,
    options: &'static str,
}

impl Filesystem {
    /// As most machines have it.
    pub const EXT4: Self = Self { kind: "ext4", options: "loop,data=ordered,commit=5" };

    /// What a power failure is tried with: when the journal is written, and whether data goes before it, differs.
    pub const ALL: [Self; 6] = [
        Self::EXT4,
        Self { kind: "xfs", options: "loop" },
        Self { kind: "ext4", options: "loop,data=ordered,commit=1" },
        Self { kind: "ext4", options: "loop,data=writeback,commit=30" },
        Self { kind: "ext4", options: "loop,data=ordered,noauto_da_alloc,commit=30" },
        Self { kind: "xfs", options: "loop,noalign" },
    ];
}

impl std::fmt::Display for Filesystem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.kind, self.options)
    }
}

/// Mounted for as long as it lives.
#[derive(Debug)]
pub struct LoopDisk {
    dir: TempDir,
    filesystem: Filesystem,
    mounted: bool,
}

impl LoopDisk {
    /// Why there can be none here: loop devices need root, and containers often have neither.
    ///
    /// # Errors
    /// With the reason.
    pub fn available() -> Result<(), String> {
        if !rustix::process::geteuid().is_root() {
            return Err("mounting a file as a file system needs root".into());
        }
        let dir = tempfile::tempdir().map_err(|error| error.to_string())?;
        let mut disk = Self { dir, filesystem: Filesystem::EXT4, mounted: false };
        disk.make(16).and_then(|()| disk.try_mount())?;
        power_cut(&disk.path()).map_err(|error| format!("the file system cannot be shut down: {error}"))
    }

    /// Makes and mounts one.
    ///
    /// # Panics
    /// It cannot be made: ask [`available`](Self::available) before.
    #[must_use]
    pub fn new(megabytes: u64, filesystem: Filesystem) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let mut disk = Self { dir, filesystem, mounted: false };
        disk.make(megabytes).unwrap_or_else(|why| panic!("{filesystem}: {why}"));
        disk.mount();
        disk
    }

    fn make(&self, megabytes: u64) -> Result<(), String> {
        fs::create_dir(self.path()).map_err(|error| error.to_string())?;
        let image = File::create(self.image()).map_err(|error| error.to_string())?;
        image.set_len(megabytes << 20).map_err(|error| error.to_string())?;
        let (mkfs, words): (_, &[&str]) = match self.filesystem.kind {
            "xfs" => (tool("mkfs.xfs", "xfsprogs"), &["-q"]),
            _ => (tool("mkfs.ext4", "e2fsprogs"), &["-q", "-F"]),
        };
        run(Command::new(mkfs).args(words).arg(self.image()))
    }

    fn image(&self) -> PathBuf {
        self.dir.path().join("image")
    }

    /// Where it is mounted.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.dir.path().join("mounted")
    }

    /// Bytes that may still be used.
    ///
    /// # Errors
    /// As the operating system says.
    pub fn usable(&self) -> io::Result<u64> {
        let stat = rustix::fs::statvfs(self.path())?;
        Ok(stat.f_bavail * stat.f_frsize)
    }

    fn try_mount(&mut self) -> Result<(), String> {
        let mut mount = Command::new("mount");
        mount.args(["-t", self.filesystem.kind, "-o", self.filesystem.options]);
        run(mount.arg(self.image()).arg(self.path()))?;
        self.mounted = true;
        Ok(())
    }

    fn mount(&mut self) {
        self.try_mount().unwrap_or_else(|why| panic!("{}: {why}", self.filesystem));
    }

    /// The power fails: whoever writes must be stopped before, or he sees errors that no power failure shows.
    ///
    /// # Panics
    /// The file system cannot be shut down.
    pub fn cut_power(&self) {
        power_cut(&self.path()).unwrap_or_else(|error| panic!("{}: shutting down: {error}", self.filesystem));
    }

    /// The power is back: mounted anew, the journal is replayed. Nobody may have files open.
    ///
    /// # Panics
    /// It cannot be unmounted or mounted.
    pub fn restore_power(&mut self) {
        until("the end of a mount", Duration::from_secs(30), || unmount(&self.path()).ok());
        self.mounted = false;
        self.mount();
    }
}

impl Drop for LoopDisk {
    fn drop(&mut self) {
        if self.mounted {
            let _ = unmount(&self.path()).or_else(|_| run(Command::new("umount").arg("-l").arg(self.path())));
        }
    }
}

fn unmount(path: &Path) -> Result<(), String> {
    run(Command::new("umount").arg(path))
}

fn run(command: &mut Command) -> Result<(), String> {
    let done = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if done.status.success() {
        return Ok(());
    }
    Err(format!("{command:?}: {}", String::from_utf8_lossy(&done.stderr).trim()))
}
