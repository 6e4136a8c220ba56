//! A proxy in front of a broker that cuts connections in the middle of what they carry, or harms what the broker says.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    thread,
};

use crate::{Rng, free_ports};

#[derive(Debug, Default)]
struct Shared {
    open: Mutex<Vec<TcpStream>>,
    cut: AtomicU64,
    storm: AtomicBool,
    /// A word that does not pass as it is.
    harmed: Mutex<Option<&'static [u8]>>,
}

/// Forwards to a broker until it is dropped with the process.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
}

impl Proxy {
    /// A port to advertise; nobody listens there yet.
    ///
    /// # Panics
    /// No port is free.
    #[must_use]
    pub fn idle() -> Self {
        Self { port: free_ports()[0], shared: Arc::default() }
    }

    /// Where it listens, or will.
    #[must_use]
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Serves. In a storm, of the pieces that pass one in `one_in` ends its connection: before it is passed on, or after
    /// half.
    pub fn forward(&self, to: &str, seed: u64, one_in: usize) {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).expect("the port is free");
        let (to, shared) = (to.to_owned(), Arc::clone(&self.shared));
        thread::spawn(move || {
            let mut number = 0;
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(broker) = TcpStream::connect(&to) else { continue };
                for (from, to, is_answer) in [(&client, &broker, false), (&broker, &client, true)] {
                    number += 1;
                    let dice = Rng::new(seed.wrapping_add(number));
                    let (from, to) = (from.try_clone().expect("a socket"), to.try_clone().expect("a socket"));
                    let shared = Arc::clone(&shared);
                    thread::spawn(move || carry(from, to, &shared, (dice, one_in), is_answer));
                }
                shared.open.lock().expect("no test has panicked").extend([client, broker]);
            }
        });
    }

    /// How often a connection was cut.
    pub fn cuts(&self) -> u64 {
        self.shared.cut.load(Relaxed)
    }

    /// From now on a word the broker says comes with another first letter. For words in small answers.
    pub fn harm(&self, word: &'static [u8]) {
        *self.shared.harmed.lock().expect("no test has panicked") = Some(word);
    }

    /// Begins to cut connections, or ends it.
    pub fn storm(&self, storm: bool) {
        self.shared.storm.store(storm, Relaxed);
    }
}

fn carry(
    mut from: TcpStream,
    mut to: TcpStream,
    shared: &Shared,
    (mut dice, one_in): (Rng, usize),
    is_answer: bool,
) {
    let mut buffer = vec![0; 16 << 10];
    while let Ok(read) = from.read(&mut buffer) {
        if let Some(word) = shared.harmed.lock().expect("no test has panicked").filter(|_| is_answer) {
            let at = buffer[..read].windows(word.len()).position(|window| window == word);
            at.into_iter().for_each(|at| buffer[at] ^= 1);
        }
        let is_cut = read > 0 && shared.storm.load(Relaxed) && dice.one_in(one_in);
        let pass = if is_cut { dice.below(2) * read / 2 } else { read };
        if to.write_all(&buffer[..pass]).is_err() || read == 0 || is_cut {
            shared.cut.fetch_add(u64::from(is_cut), Relaxed);
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}
