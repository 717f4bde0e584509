#![forbid(unsafe_code)]

fn load(out: &mut [u32; 4], in_: &[u8; 16]) {
    for (word, chunk) in out.iter_mut().zip(in_.chunks_exact(4)) {
        *word = u32::from_le_bytes(chunk.try_into().unwrap());
    }
}

fn store(out: &mut [u8; 16], in_: &[u64; 2], _n: usize) {
    for (chunk, word) in out.chunks_exact_mut(8).zip(in_) {
        chunk.copy_from_slice(&word.to_le_bytes());
    }
}

fn bits_of(f: f32) -> u32 {
    f.to_bits()
}

fn from_bits(i: i64) -> f64 {
    f64::from_bits(i as u64)
}

fn main() {
    let in_ = [0x123456789abcdef, 7];
    let mut bytes = [0; 16];
    store(&mut bytes, &in_, 2);
    let mut out = [0; 4];
    load(&mut out, &bytes);
    println!("{:x} {:x} {:x} {:x}", out[0], out[1], out[2], bytes[7]);
    println!(
        "{:x} {:.6}",
        bits_of(-1.5),
        cstd::Shortest(from_bits(0x4009000000000000))
    );
}

/// What the C library has and std has not.
mod cstd {
    use std::fmt;

    /// A floating number as C's `%g` prints it; the precision counts significant digits.
    pub struct Shortest(pub f64);

    impl fmt::Display for Shortest {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            if !self.0.is_finite() {
                return fmt_special(self.0, f);
            }
            let digits = f.precision().unwrap_or(6).max(1);
            let text = scientific(self.0, digits - 1);
            let (mantissa, exponent) = text.split_once('e').expect("a number has an exponent");
            let exponent: i32 = exponent.parse().expect("an exponent is a number");
            let text = if exponent < -4 || exponent >= digits as i32 {
                format!("{}{}", without_zeros(mantissa), &text[mantissa.len()..])
            } else {
                let precision = (digits as i32 - 1 - exponent) as usize;
                without_zeros(&format!("{:.precision$}", self.0.abs())).to_string()
            };
            f.pad_integral(self.0.is_sign_positive(), "", &text)
        }
    }

    /// An infinity or a NaN, which zeros do not pad.
    fn fmt_special(x: f64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = if x.is_nan() { "nan" } else { "inf" };
        let sign = match (x.is_sign_negative(), f.sign_plus()) {
            (true, _) => "-",
            (false, true) => "+",
            (false, false) => "",
        };
        let text = format!("{sign}{name}");
        let width = f.width().unwrap_or(0);
        match f.align() {
            Some(fmt::Alignment::Left) => write!(f, "{text:<width$}"),
            _ => write!(f, "{text:>width$}"),
        }
    }

    /// An absolute value with an exponent of at least two digits.
    fn scientific(x: f64, precision: usize) -> String {
        let text = format!("{:.precision$e}", x.abs());
        let (digits, exponent) = text.split_once('e').expect("a number has an exponent");
        let exponent: i32 = exponent.parse().expect("an exponent is a number");
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{digits}e{sign}{:02}", exponent.abs())
    }

    /// A decimal number without the zeros that end its fraction.
    fn without_zeros(number: &str) -> &str {
        if number.contains('.') {
            number.trim_end_matches('0').trim_end_matches('.')
        } else {
            number
        }
    }
}
