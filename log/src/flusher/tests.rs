use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use ottla_disk::{Disk, Fault, File, RealDisk, SimDisk, Trouble};

use super::*;
use crate::asked::Asked;

struct Target {
    file: Arc<dyn File>,
    flushed: AtomicI64,
    failed: AtomicUsize,
    began: AtomicUsize,
    gone: AtomicBool,
}

impl FlushTarget for Target {
    fn start_flush(&self) -> FlushWork {
        self.began.fetch_add(1, Ordering::SeqCst);
        // The directory of a target that is gone was renamed.
        let gone = self.is_gone().then(|| (PathBuf::from("/no/such/folder/file"), Vec::new()));
        let rewrites = gone.into_iter().collect();
        let (files, dirs) = (vec![Arc::clone(&self.file)], vec![PathBuf::from("/")]);
        FlushWork { files, dirs, rewrites, end: 7, ..FlushWork::default() }
    }

    fn is_gone(&self) -> bool {
        self.gone.load(Ordering::SeqCst)
    }

    fn on_flushed(&self, flushed: Flushed) {
        self.flushed.store(flushed.end, Ordering::SeqCst);
    }

    fn on_flush_postponed(&self, _work: FlushWork) {}

    fn on_flush_failed(&self, _error: &io::Error) {
        self.failed.fetch_add(1, Ordering::SeqCst);
    }
}

fn target(disk: &SimDisk, name: &str) -> Arc<Target> {
    let file = disk.create(Path::new(name)).unwrap();
    let (flushed, failed, began) = (AtomicI64::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    Arc::new(Target { file, flushed, failed, began, gone: AtomicBool::new(false) })
}

fn request(flusher: &Flusher, target: &Arc<Target>) {
    let weak: Weak<Target> = Arc::downgrade(target);
    flusher.request(weak);
}

fn until(mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !holds() {
        assert!(Instant::now() < deadline, "it never came true");
        std::thread::yield_now();
    }
}

#[test]
fn everyone_who_asks_is_flushed() {
    let disk = SimDisk::new();
    let flusher = Flusher::start(Arc::new(disk.clone())).unwrap();
    let targets: Vec<_> = (0..100).map(|at| target(&disk, &format!("/{at}"))).collect();
    for _ in 0..3 {
        targets.iter().for_each(|target| request(&flusher, target));
    }
    flusher.stop();
    assert!(targets.iter().all(|target| target.flushed.load(Ordering::SeqCst) == 7));
}

/// After a failed sync the kernel calls the lost pages clean: a second sync would succeed and mean nothing.
#[test]
fn a_failed_sync_takes_the_directory_offline_for_ever() {
    let disk = SimDisk::new();
    let flusher = Flusher::start(Arc::new(disk.clone())).unwrap();
    let (first, second) = (target(&disk, "/a"), target(&disk, "/b"));
    disk.inject(Fault::FailSync);
    request(&flusher, &first);
    until(|| first.failed.load(Ordering::SeqCst) == 1);
    assert!(flusher.failure().is_some());
    for target in [&first, &second] {
        request(&flusher, target);
    }
    until(|| first.failed.load(Ordering::SeqCst) == 2 && second.failed.load(Ordering::SeqCst) == 1);
    assert_eq!((first.began.load(Ordering::SeqCst), second.began.load(Ordering::SeqCst)), (1, 0));
    assert_eq!(second.flushed.load(Ordering::SeqCst), 0);
}

/// Nothing is lost when there is no descriptor to sync a directory with: the flush is done later.
#[test]
fn a_flush_without_descriptors_is_done_later() {
    let disk = SimDisk::new();
    let flusher = Flusher::start(Arc::new(disk.clone())).unwrap();
    let target = target(&disk, "/a");
    disk.inject(Fault::At { trouble: Trouble::Descriptor, skip: 0, times: 2 });
    request(&flusher, &target);
    until(|| target.flushed.load(Ordering::SeqCst) == 7);
    assert_eq!((target.failed.load(Ordering::SeqCst), target.began.load(Ordering::SeqCst)), (0, 3));
    assert_eq!(flusher.failure(), None);
}

#[test]
fn a_target_that_was_deleted_under_the_flush_is_nobody_elses_problem() {
    let disk = SimDisk::new();
    let flusher = Flusher::start(Arc::new(RealDisk)).unwrap();
    let (deleted, other) = (target(&disk, "/a"), target(&disk, "/b"));
    deleted.gone.store(true, Ordering::SeqCst);
    request(&flusher, &deleted);
    until(|| deleted.failed.load(Ordering::SeqCst) == 1);
    assert_eq!(flusher.failure(), None);
    request(&flusher, &other);
    until(|| other.flushed.load(Ordering::SeqCst) == 7);
}

/// What the system could not write may be gone from its memory too.
#[test]
fn a_failed_write_behind_takes_the_directory_offline() {
    let disk = SimDisk::new();
    let flusher = Flusher::start(Arc::new(disk.clone())).unwrap();
    let asked = Arc::new(Asked { fails_at: Some(30), ..Asked::default() });
    let piece = |from: u64| Piece { file: Arc::clone(&asked) as Arc<dyn File>, range: from..from + 10 };
    for from in [10, 20] {
        flusher.write_behind(piece(from));
    }
    until(|| asked.ranges.lock().len() == 2);
    assert_eq!((flusher.failure(), &asked.ranges.lock()[..]), (None, &[(10, 10), (20, 10)][..]));
    flusher.write_behind(piece(30));
    until(|| flusher.failure().is_some());
    flusher.write_behind(piece(40));
    let target = target(&disk, "/a");
    request(&flusher, &target);
    until(|| target.failed.load(Ordering::SeqCst) == 1);
    flusher.stop();
    assert_eq!((asked.ranges.lock().len(), target.flushed.load(Ordering::SeqCst)), (3, 0));
}
