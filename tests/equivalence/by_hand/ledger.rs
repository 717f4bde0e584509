#![forbid(unsafe_code)]

#[derive(Clone, Copy)]
pub struct entry {
    pub id: u16,
    pub amount: i32,
    pub tag: [u8; 4],
}

#[derive(Clone, Copy)]
pub struct ledger {
    pub entries: [entry; 8],
    pub count: u32,
    pub rate: f64,
}

fn rotl(x: u32, n: u32) -> u32 {
    x << n | x >> (32 - n)
}

pub fn mix(p: &[u8], n: usize, mut seed: u32) -> u32 {
    for &byte in &p[..n] {
        seed = rotl(seed ^ byte as u32, 5).wrapping_mul(9);
    }
    seed
}

pub fn scale(v: &mut [i16], n: usize, by: i16) {
    for x in &mut v[..n] {
        *x = (*x as i32 * by as i32 >> 17) as i16;
    }
}

pub fn add(l: &mut ledger, e: entry) -> bool {
    if l.count >= 8 {
        return false;
    }
    l.entries[l.count as usize] = e;
    l.count += 1;
    true
}

pub fn total(l: &ledger) -> i64 {
    let mut sum = 0;
    for i in 0..l.count {
        sum += l.entries[i as usize].amount as i64;
    }
    sum
}

pub fn largest(l: &ledger) -> entry {
    let mut best = l.entries[0];
    let mut i = 1;
    while i < l.count && i < 8 {
        if l.entries[i as usize].amount > best.amount {
            best = l.entries[i as usize];
        }
        i += 1;
    }
    best
}

pub fn pad(block: &mut [u8; 16], from: &[u8], n: usize) {
    if n > 16 {
        std::process::abort();
    }
    block.fill(0x20);
    block[..n].copy_from_slice(&from[..n]);
}

pub fn words(s: &[u8]) -> i32 {
    let mut n = 0;
    let mut i = 0;
    while s[i] != 0 {
        n += (s[i] != b' ' && (s[i + 1] == b' ' || s[i + 1] == 0)) as i32;
        i += 1;
    }
    n
}

pub fn mean(m: &[[f64; 3]], rows: i32) -> f64 {
    let mut sum = 0.0;
    for i in 0..rows {
        for j in 0..3 {
            sum += m[i as usize][j];
        }
    }
    if rows > 0 {
        sum / (rows * 3) as f64
    } else {
        0.0
    }
}

pub fn lowest(mut x: u64) -> u32 {
    let mut n = 0;
    while x & 1 == 0 {
        x >>= 1;
        n += 1;
    }
    n
}

pub fn optional(p: Option<&u32>) -> u32 {
    p.map_or(7, |p| *p)
}
