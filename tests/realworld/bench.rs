// The fixed part of a Rust benchmark, in a module inside the translation: see bench.h.
pub type Bench = fn(&mut Reader, u64) -> u128;

pub fn measure(index: usize, data: &[u8], turns: u64) -> u128 {
    BENCHES[index](&mut Reader { data }, turns)
}

static FUNCTIONS: &[(&str, Function)] = &[];
