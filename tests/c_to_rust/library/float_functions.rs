#![forbid(unsafe_code)]

fn hypotenuse(a: f64, b: f64) -> f64 {
    (a * a + b * b).sqrt()
}

fn show(x: f64, y: f32) {
    println!(
        "{:.6} {:.6} {:.6} {:.6} {:.6} {:.6}",
        cstd::Shortest(x.floor()),
        cstd::Shortest(x.ceil()),
        cstd::Shortest(x.trunc()),
        cstd::Shortest(x.round()),
        cstd::Shortest(x.round_ties_even()),
        cstd::Shortest(x.abs())
    );
    println!(
        "{:.6} {:.6} {:.6} {:.6} {} {}",
        cstd::Shortest(x % 1.5),
        cstd::Shortest(x.min(1.0)),
        cstd::Shortest(x.max(1.0)),
        cstd::Shortest(2.0f64.copysign(x)),
        x.round() as i64,
        x.round_ties_even() as i64
    );
    println!(
        "{:.17} {:.17} {:.17} {:.17}",
        cstd::Shortest(x.sin()),
        cstd::Shortest((x / 8.0).exp()),
        cstd::Shortest(x.abs().powf(0.3)),
        cstd::Shortest((x.abs() + 1.0).ln())
    );
    println!(
        "{:.9} {:.9} {:.6}",
        cstd::Shortest(y.cos() as f64),
        cstd::Shortest(y.powf(2.0) as f64),
        cstd::Shortest(y.abs() as f64)
    );
}

fn main() {
    show(2.5, 2.5);
    show(-0.75, -0.75);
    println!(
        "{:.6} {:.6}",
        cstd::Shortest(hypotenuse(3.0, 4.0)),
        cstd::Shortest(2.0f64.mul_add(3.0, 4.0))
    );
    std::process::exit(
        if (-1.0f64).sqrt().is_nan()
            && f64::INFINITY.is_infinite()
            && !f32::INFINITY.is_finite()
            && (-0.0f64).is_sign_negative()
            && f32::NAN.is_nan()
        {
            0
        } else {
            1
        },
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
