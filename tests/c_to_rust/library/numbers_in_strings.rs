#![forbid(unsafe_code)]

fn sum(a: &[u8], b: &[u8]) -> i32 {
    cstd::atoi(cstd::c_str(a)) as i32 + cstd::atoi(cstd::c_str(b)) as i32
}

fn main() {
    println!(
        "{} {} {}",
        sum(b"12\0", b" -7x\0"),
        sum(b"+3\0", b"\0"),
        ((cstd::atoi(b"2147483648") as i32) < 0) as i32
    );
    println!(
        "{} {}",
        cstd::atoi(b"\t\x0b99999999999"),
        cstd::atoi(b"99999999999999999999")
    );
    std::process::exit(sum(b"1\0", b"-4\0").abs() + (-2i64).abs() as i32);
}

/// What the C library has and std has not.
mod cstd {
    /// The bytes of a C string, up to its NUL.
    pub fn c_str(bytes: &[u8]) -> &[u8] {
        let end = bytes.iter().position(|&byte| byte == 0);
        &bytes[..end.expect("a NUL ends the string")]
    }

    /// The number at the start of a C string, after white space.
    pub fn atoi(text: &[u8]) -> i64 {
        let start = text.iter().position(|&byte| !is_space(byte));
        let text = &text[start.unwrap_or(text.len())..];
        let (negative, digits) = match text {
            [b'-', digits @ ..] => (true, digits),
            [b'+', digits @ ..] => (false, digits),
            _ => (false, text),
        };
        let digits = digits.iter().take_while(|byte| byte.is_ascii_digit());
        let value = digits.fold(0i64, |value, byte| {
            let digit = i64::from(byte - b'0');
            value.saturating_mul(10).saturating_sub(digit)
        });
        if negative {
            value
        } else {
            value.saturating_neg()
        }
    }

    /// True for the white space of C: that of ASCII, vertical tab included.
    pub fn is_space(byte: u8) -> bool {
        matches!(byte, b' ' | b'\t'..=b'\r')
    }
}
