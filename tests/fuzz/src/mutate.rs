use ottla_wire_tests::Rng;

/// Numbers decoders stumble over.
const EDGES: [i64; 16] = [
    0,
    1,
    -1,
    -2,
    2,
    14,
    61,
    127,
    128,
    255,
    i16::MAX as i64,
    i16::MIN as i64,
    i32::MAX as i64,
    i32::MIN as i64,
    i64::MAX,
    i64::MIN,
];

/// No input grows beyond this.
const LONGEST: usize = 1 << 16;

/// Changes a sound input in a few places, so that most of its structure stays.
pub fn mutate(input: &mut Vec<u8>, rng: &mut Rng) {
    let times = 1 + rng.below(4);
    for _ in 0..times {
        if input.is_empty() {
            input.push(rng.next() as u8);
        }
        once(input, rng);
        input.truncate(LONGEST);
    }
}

fn once(input: &mut Vec<u8>, rng: &mut Rng) {
    let at = rng.below(input.len());
    match rng.below(10) {
        0 => input[at] ^= 1 << rng.below(8),
        1 => input[at] = rng.next() as u8,
        2 => input[at] = *rng.pick(&[0, 1, 0x7f, 0x80, 0xff]),
        3 | 4 => {
            let width = *rng.pick(&[2, 4, 8]);
            let edge = rng.pick(&EDGES).to_be_bytes();
            overwrite(input, at, &edge[8 - width..]);
        }
        5 => overwrite(input, at, &varint(rng)),
        6 => input.truncate(at),
        7 => {
            let length = 1 + rng.below(8.min(input.len() - at));
            input.drain(at..at + length);
        }
        8 => {
            let (length, times) = (1 + rng.below(40.min(input.len() - at)), 1 + rng.below(60));
            let piece = input[at..at + length].repeat(times);
            input.splice(at..at, piece);
        }
        _ => {
            let fresh: Vec<u8> = (0..1 + rng.below(16)).map(|_| rng.next() as u8).collect();
            input.splice(at..at, fresh);
        }
    }
}

fn overwrite(input: &mut [u8], at: usize, with: &[u8]) {
    let length = with.len().min(input.len() - at);
    input[at..at + length].copy_from_slice(&with[..length]);
}

/// Often longer than any type allows.
fn varint(rng: &mut Rng) -> Vec<u8> {
    let length = 1 + rng.below(11);
    let mut bytes = vec![0xff; length];
    if let Some(last) = bytes.last_mut() {
        *last = *rng.pick(&[0x00, 0x01, 0x0f, 0x7f, 0xff]);
    }
    bytes
}
