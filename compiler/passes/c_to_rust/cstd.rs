use std::fmt;
use std::io;
use std::io::Read;
use std::io::Write;

/// The bytes of a C string, up to its NUL.
pub fn c_str(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().position(|&byte| byte == 0);
    &bytes[..end.expect("a NUL ends the string")]
}

/// The bytes of a C string, at most `count` of them.
pub fn c_str_n(bytes: &[u8], count: usize) -> &[u8] {
    let bytes = &bytes[..count.min(bytes.len())];
    let end = bytes.iter().position(|&byte| byte == 0);
    &bytes[..end.unwrap_or(bytes.len())]
}

/// The program's arguments as C strings, its name first.
pub fn args() -> Vec<Vec<u8>> {
    let with_nul = |arg: std::ffi::OsString| [arg.as_encoded_bytes(), b"\0"].concat();
    std::env::args_os().map(with_nul).collect()
}

/// Stores a C string at the start of `to`.
pub fn strcpy(to: &mut [u8], from: &[u8]) {
    let text = c_str(from);
    to[..text.len()].copy_from_slice(text);
    to[text.len()] = 0;
}

/// Stores at most `count` bytes of a C string, and zeros up to `count`.
pub fn strncpy(to: &mut [u8], from: &[u8], count: usize) {
    let text = c_str_n(from, count);
    to[..text.len()].copy_from_slice(text);
    to[text.len()..count].fill(0);
}

/// Appends a C string to the one in `to`.
pub fn strcat(to: &mut [u8], from: &[u8]) {
    let end = c_str(to).len();
    strcpy(&mut to[end..], from);
}

/// Appends at most `count` bytes of a C string to the one in `to`.
pub fn strncat(to: &mut [u8], from: &[u8], count: usize) {
    let text = c_str_n(from, count);
    let end = c_str(to).len();
    to[end..end + text.len()].copy_from_slice(text);
    to[end + text.len()] = 0;
}

/// Compares C strings without regard to the case of ASCII letters.
pub fn strcasecmp(a: &[u8], b: &[u8]) -> std::cmp::Ordering {
    let a = a.iter().map(u8::to_ascii_lowercase);
    a.cmp(b.iter().map(u8::to_ascii_lowercase))
}

/// How many bytes at the start of a C string are in `accept`.
pub fn strspn(text: &[u8], accept: &[u8]) -> usize {
    let end = text.iter().position(|byte| !accept.contains(byte));
    end.unwrap_or(text.len())
}

/// How many bytes at the start of a C string are not in `reject`.
pub fn strcspn(text: &[u8], reject: &[u8]) -> usize {
    let end = text.iter().position(|byte| reject.contains(byte));
    end.unwrap_or(text.len())
}

/// True when `what` is a part of the text.
pub fn contains_str(text: &[u8], what: &[u8]) -> bool {
    what.is_empty() || text.windows(what.len()).any(|part| part == what)
}

/// True when a byte of the text is in `accept`.
pub fn contains_any(text: &[u8], accept: &[u8]) -> bool {
    text.iter().any(|byte| accept.contains(byte))
}

/// True when the byte is in the text, or is the NUL behind it.
pub fn contains_or_ends(text: &[u8], byte: u8) -> bool {
    byte == 0 || text.contains(&byte)
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

/// True for a space or a tab.
pub fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// The number of the lowest bit that is set, counted from 1; 0 when none is.
pub fn ffs(x: i64) -> i32 {
    match x {
        0 => 0,
        _ => x.trailing_zeros() as i32 + 1,
    }
}

/// How many of the bits below the sign bit are the same as it.
pub fn clrsb(x: i64) -> i32 {
    (x ^ (x >> 63)).leading_zeros() as i32 - 1
}

/// `toupper`, which leaves EOF as it is.
pub fn to_upper(c: i32) -> i32 {
    u8::try_from(c).map_or(c, |byte| i32::from(byte.to_ascii_uppercase()))
}

/// `tolower`, which leaves EOF as it is.
pub fn to_lower(c: i32) -> i32 {
    u8::try_from(c).map_or(c, |byte| i32::from(byte.to_ascii_lowercase()))
}

/// Prints a C string to standard output.
pub fn print_str(text: &[u8]) {
    print_bytes(c_str(text));
}

/// Prints a C string to standard error.
pub fn eprint_str(text: &[u8]) {
    eprint_bytes(c_str(text));
}

/// Prints bytes, which need not be UTF-8, to standard output.
pub fn print_bytes(bytes: &[u8]) {
    write(io::stdout(), bytes);
}

/// Prints bytes, which need not be UTF-8, to standard error.
pub fn eprint_bytes(bytes: &[u8]) {
    write(io::stderr(), bytes);
}

/// Writes all of it or panics, as the macros that print do.
fn write(mut to: impl Write, bytes: &[u8]) {
    to.write_all(bytes).expect("the output can be written");
}

/// Writes out what has been printed to standard output so far.
pub fn flush() {
    Write::flush(&mut io::stdout()).expect("the output can be written");
}

/// The next byte of standard input, or -1 at its end.
pub fn getchar() -> i32 {
    let mut byte = [0];
    match Read::read_exact(&mut io::stdin(), &mut byte) {
        Ok(()) => i32::from(byte[0]),
        Err(_) => -1,
    }
}

/// Stores the next line of standard input as a C string, as much of it as `to` holds; false at
/// the end of the input.
pub fn fgets(to: &mut [u8]) -> bool {
    let mut end = 0;
    while end + 1 < to.len() && (end == 0 || to[end - 1] != b'\n') {
        let Ok(byte) = u8::try_from(getchar()) else {
            break;
        };
        to[end] = byte;
        end += 1;
    }
    if end > 0 {
        to[end] = 0;
    }
    end > 0
}

/// Text in a field of at least `width` bytes, at its left or right end.
pub fn pad(text: &[u8], width: usize, left: bool) -> Vec<u8> {
    let blank = vec![b' '; width.saturating_sub(text.len())];
    if left {
        [text, &blank].concat()
    } else {
        [&blank, text].concat()
    }
}

/// Stores text as a C string; the answer is its length.
pub fn sprintf(to: &mut [u8], text: &[u8]) -> i32 {
    to[..text.len()].copy_from_slice(text);
    to[text.len()] = 0;
    text.len() as i32
}

/// Stores as much of the text as `to` holds as a C string; the answer is the length of all of it.
pub fn snprintf(to: &mut [u8], text: &[u8]) -> i32 {
    if let Some(room) = to.len().checked_sub(1) {
        let end = room.min(text.len());
        to[..end].copy_from_slice(&text[..end]);
        to[end] = 0;
    }
    text.len() as i32
}

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
