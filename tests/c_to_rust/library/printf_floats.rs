#![forbid(unsafe_code)]

fn show(x: f64, y: f32, n: i32) {
    println!(
        "{:.6} {:.0} {:.3} [{:9.2}] [{:<9.1}] [{:09.2}] {:+.1}",
        cstd::Float(x),
        cstd::Float(x),
        cstd::Float(x),
        cstd::Float(x),
        cstd::Float(x),
        cstd::Float(x),
        cstd::Float(x)
    );
    println!(
        "{:.6} {:.0} [{:12.3}] [{:<12.2}] [{:012.2}]",
        cstd::Scientific(x),
        cstd::Scientific(x),
        cstd::Scientific(x),
        cstd::Scientific(x),
        cstd::Scientific(x)
    );
    println!(
        "{:.6} {:.3} {:.10} [{:9.2}] [{:<9.6}] [{:09.6}] {:+.6}",
        cstd::Shortest(x),
        cstd::Shortest(x),
        cstd::Shortest(x),
        cstd::Shortest(x),
        cstd::Shortest(x),
        cstd::Shortest(x),
        cstd::Shortest(x)
    );
    println!(
        "{:.6} {:.6} {:.2}",
        cstd::Float(y as f64),
        cstd::Shortest(y as f64),
        n as f64 / 4.0
    );
}

fn main() {
    let zero = 0.0;
    let values = [
        0.0,
        1.0,
        -2.5,
        0.125,
        1e-7,
        123456.789,
        1e21,
        99999.95,
        1e300,
        5e-324,
        1.0 / 3.0,
    ];
    for (i, &value) in values.iter().enumerate() {
        show(value, value as f32, i as i32);
    }
    show(1.0 / zero, (-1.0 / zero) as f32, 0);
    println!("{:.2}%", 100.0 * 7.0 / 9.0);
}

/// What the C library has and std has not.
mod cstd {
    use std::fmt;

    /// A floating number as C's `%f` prints it.
    pub struct Float(pub f64);

    impl fmt::Display for Float {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            if self.0.is_finite() {
                fmt::Display::fmt(&self.0, f)
            } else {
                fmt_special(self.0, f)
            }
        }
    }

    /// A floating number as C's `%e` prints it.
    pub struct Scientific(pub f64);

    impl fmt::Display for Scientific {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            if !self.0.is_finite() {
                return fmt_special(self.0, f);
            }
            let text = scientific(self.0, f.precision().unwrap_or(6));
            f.pad_integral(self.0.is_sign_positive(), "", &text)
        }
    }

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
