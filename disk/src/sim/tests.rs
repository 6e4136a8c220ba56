use super::*;
use crate::{create_dir_durably, read, write_atomic};

const DIR: &str = "/d";

fn disk() -> SimDisk {
    let disk = SimDisk::new();
    create_dir_durably(&disk, Path::new(DIR)).unwrap();
    disk
}

fn at(name: &str) -> PathBuf {
    Path::new(DIR).join(name)
}

fn content(disk: &SimDisk, name: &str) -> Option<Vec<u8>> {
    read(disk, &at(name)).ok()
}

#[test]
fn a_crash_keeps_what_was_synced_and_named() {
    let disk = disk();
    let file = disk.create(&at("a")).unwrap();
    file.write_at(&[b"one"], 0).unwrap();
    file.sync().unwrap();
    assert_eq!(content(&disk.crash(Crash::LoseAll), "a"), None, "the name was not synced");
    disk.sync_dir(Path::new(DIR)).unwrap();
    file.write_at(&[b"two"], 3).unwrap();
    assert_eq!(content(&disk.crash(Crash::LoseAll), "a").unwrap(), b"one");
    assert_eq!(content(&disk.crash(Crash::KeepAll), "a").unwrap(), b"onetwo");
    assert_eq!(content(&disk.crash(Crash::Zeroed), "a").unwrap(), b"one\0\0\0");
}

/// Every subset of three writes and an unlink comes about under some seed, and nothing else.
#[test]
fn subsets_reach_every_outcome() {
    let disk = disk();
    for name in ["a", "b"] {
        disk.create(&at(name)).unwrap().sync().unwrap();
    }
    disk.sync_dir(Path::new(DIR)).unwrap();
    let file = disk.create(&at("a")).unwrap();
    for (position, byte) in [b"x", b"y", b"z"].iter().enumerate() {
        file.write_at(&[&byte[..]], position as u64).unwrap();
    }
    disk.remove_file(&at("b")).unwrap();
    let outcomes: std::collections::BTreeSet<_> = (0..300)
        .map(|seed| {
            let after = disk.crash(Crash::Subset(seed));
            (content(&after, "a").unwrap(), after.exists(&at("b")))
        })
        .collect();
    assert_eq!(outcomes.len(), 16);
    assert!(outcomes.contains(&(b"\0\0z".to_vec(), true)));
    let prefixes: std::collections::BTreeSet<_> =
        (0..100).map(|seed| content(&disk.crash(Crash::Prefix(seed)), "a").unwrap()).collect();
    assert_eq!(prefixes, [&b""[..], b"x", b"xy", b"xyz"].map(<[u8]>::to_vec).into());
}

#[test]
fn a_torn_write_leaves_sectors_or_a_piece() {
    let disk = disk();
    let file = disk.create(&at("a")).unwrap();
    disk.sync_dir(Path::new(DIR)).unwrap();
    file.write_at(&[&[7; 2000]], 100).unwrap();
    let torn: Vec<_> = (0..50).map(|seed| content(&disk.crash(Crash::Torn(seed)), "a").unwrap()).collect();
    assert!(torn.iter().any(|bytes| bytes.len() == 2100 && bytes[512..1024] == [0; 512]), "a hole");
    assert!(torn.iter().any(|bytes| !bytes.is_empty() && bytes.len() % 512 != 0 && bytes.len() < 2100));
    assert!(torn.iter().flatten().all(|byte| [0, 7].contains(byte)));
}

#[test]
fn a_rename_that_no_sync_covers_may_be_undone() {
    let disk = disk();
    write_atomic(&disk, &at("a"), b"old").unwrap();
    let file = disk.create(&at("b")).unwrap();
    file.write_at(&[b"new"], 0).unwrap();
    file.sync().unwrap();
    disk.rename(&at("b"), &at("a")).unwrap();
    assert_eq!(content(&disk.crash(Crash::OldNames), "a").unwrap(), b"old");
    assert_eq!(content(&disk.crash(Crash::KeepAll), "a").unwrap(), b"new");
    file.write_at(&[b"!"], 3).unwrap();
    assert_eq!(content(&disk, "a").unwrap(), b"new!", "a handle follows its file");
}

#[test]
fn a_failed_sync_has_lost_its_pages_and_the_next_one_does_not_say_so() {
    let disk = disk();
    let file = disk.create(&at("a")).unwrap();
    disk.sync_dir(Path::new(DIR)).unwrap();
    file.write_at(&[b"lost"], 0).unwrap();
    disk.inject(Fault::FailSync);
    assert!(file.sync().is_err());
    file.sync().unwrap();
    assert_eq!(content(&disk, "a").unwrap(), b"lost");
    assert_eq!(content(&disk.crash(Crash::KeepAll), "a").unwrap(), b"");
}

#[test]
fn a_full_disk_writes_what_fits_and_says_so() {
    let disk = SimDisk::new();
    let file = disk.create(Path::new("/a")).unwrap();
    disk.inject(Fault::FullAfter(2));
    let error = file.write_at(&[b"abc"], 0).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    assert_eq!(file.len().unwrap(), 2);
    disk.heal();
    file.write_at(&[b"abc"], 0).unwrap();
}

#[test]
fn a_fault_comes_at_its_index_and_no_other() {
    let disk = disk();
    let file = disk.create(&at("a")).unwrap();
    for trouble in [Trouble::Write, Trouble::Space] {
        let before = disk.occasions(trouble);
        disk.inject(Fault::At { trouble, skip: 2, times: 1 });
        let answers: Vec<bool> = (0..5).map(|_| file.write_at(&[b"x"], 0).is_ok()).collect();
        assert_eq!(answers, [true, true, false, true, true]);
        assert_eq!(disk.occasions(trouble) - before, 5);
    }
    disk.inject(Fault::At { trouble: Trouble::Descriptor, skip: 0, times: u64::MAX });
    assert_eq!(disk.open(&at("a")).unwrap_err().raw_os_error(), Some(24));
    assert!(disk.list(Path::new(DIR)).is_err());
    disk.heal();
    disk.open(&at("a")).unwrap();
}

/// Short reads and writes and interruptions are the operating system's right; nobody above sees them.
#[test]
fn short_and_interrupted_calls_are_carried_on() {
    for seed in 0..50 {
        let disk = SimDisk::new();
        disk.be_rough(seed);
        let file = disk.create(Path::new("/a")).unwrap();
        let bytes: Vec<u8> = (0..200).collect();
        file.write_at(&[&bytes[..50], b"", &bytes[50..]], 3).unwrap();
        let mut back = [0; 300];
        assert_eq!(file.read_at(&mut back, 3).unwrap(), 200);
        assert_eq!(back[..200], bytes, "seed {seed}");
    }
}

#[test]
fn a_replay_passes_every_state_of_the_run() {
    let disk = disk();
    disk.record();
    let mut states = vec![(disk.changes(), None)];
    for value in ["1", "2", "3"] {
        write_atomic(&disk, &at("a"), value.as_bytes()).unwrap();
        states.push((disk.changes(), Some(value.as_bytes().to_vec())));
    }
    let mut replay = disk.replay();
    loop {
        let known = states.iter().rposition(|(changes, _)| *changes <= replay.at()).unwrap();
        let possible = &states[known..(known + 2).min(states.len())];
        for seed in 0..8 {
            for how in Crash::all(seed) {
                let found = content(&replay.crash(how), "a");
                let told = || replay.describe(9).join("\n");
                assert!(possible.iter().any(|(_, is)| *is == found), "{how:?} {found:?}\n{}", told());
            }
        }
        if !replay.step() {
            break;
        }
    }
    assert_eq!(replay.at(), disk.changes());
}

#[test]
fn two_cannot_hold_one_lock() {
    let disk = disk();
    let held = disk.lock(&at(".lock")).unwrap();
    assert_eq!(disk.lock(&at(".lock")).unwrap_err().kind(), io::ErrorKind::WouldBlock);
    drop(held);
    disk.lock(&at(".lock")).unwrap();
}
