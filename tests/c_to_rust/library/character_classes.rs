#![forbid(unsafe_code)]

fn is_identifier(s: &[u8]) -> i32 {
    if !s[0].is_ascii_alphabetic() && s[0] != b'_' {
        return 0;
    }
    let mut i = 1;
    while s[i as usize] != b'\0' {
        if !(s[i as usize].is_ascii_alphanumeric() || s[i as usize] == b'_') {
            return 0;
        }
        i += 1;
    }
    1
}

fn shout(s: &mut [u8]) {
    let mut s_at = 0;
    while s[s_at] != 0 {
        s[s_at] = s[s_at].to_ascii_uppercase();
        s_at += 1;
    }
}

fn main() {
    let mut text = *b"shout it: \xe9\0";
    shout(&mut text);
    println!(
        "{}{}{}",
        is_identifier(b"a_1\0"),
        is_identifier(b"1a\0"),
        is_identifier(b"a-1\0")
    );
    cstd::print_str(&text);
    println!();
    std::process::exit(
        if cstd::is_space(b'\x0b')
            && cstd::is_blank(b'\t')
            && !(b' '..=b'~').contains(&127)
            && b'~'.is_ascii_punctuation()
        {
            0
        } else {
            1
        },
    );
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

    /// True for the white space of C: that of ASCII, vertical tab included.
    pub fn is_space(byte: u8) -> bool {
        matches!(byte, b' ' | b'\t'..=b'\r')
    }

    /// True for a space or a tab.
    pub fn is_blank(byte: u8) -> bool {
        matches!(byte, b' ' | b'\t')
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
