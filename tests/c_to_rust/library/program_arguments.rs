#![forbid(unsafe_code)]

fn main() {
    let argv = cstd::args();
    let argc = argv.len() as i32;
    let mut total = 0;
    if argc < 2 {
        eprintln!("usage: -n NUMBER...");
        std::process::exit(2);
    }
    let mut i = 1;
    while i < argc {
        let word_at = i as usize;
        if cstd::c_str(&argv[word_at]) == b"-n" && i + 1 < argc {
            i += 1;
            total += cstd::atoi(cstd::c_str(&argv[i as usize])) as i32;
        } else if argv[i as usize][0] == b'-' {
            print!("option ");
            cstd::print_bytes(&[argv[i as usize][1]]);
            println!();
        } else {
            cstd::print_str(&argv[word_at]);
            println!(" has {} bytes", cstd::c_str(&argv[word_at]).len());
        }
        i += 1;
    }
    std::process::exit(total);
}

/// What the C library has and std has not.
mod cstd {
    use std::io;
    use std::io::Write;

    /// The bytes of a C string, up to its NUL.
    pub fn c_str(bytes: &[u8]) -> &[u8] {
        let end = bytes.iter().position(|&byte| byte == 0);
        &bytes[..end.expect("a NUL ends the string")]
    }

    /// The program's arguments as C strings, its name first.
    pub fn args() -> Vec<Vec<u8>> {
        let with_nul = |arg: std::ffi::OsString| [arg.as_encoded_bytes(), b"\0"].concat();
        std::env::args_os().map(with_nul).collect()
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

    /// Prints a C string to standard output.
    pub fn print_str(text: &[u8]) {
        print_bytes(c_str(text));
    }

    /// Prints bytes, which need not be UTF-8, to standard output.
    pub fn print_bytes(bytes: &[u8]) {
        write(io::stdout(), bytes);
    }

    /// Writes all of it or panics, as the macros that print do.
    fn write(mut to: impl Write, bytes: &[u8]) {
        to.write_all(bytes).expect("the output can be written");
    }
}
