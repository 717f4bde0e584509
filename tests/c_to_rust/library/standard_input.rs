#![forbid(unsafe_code)]

fn main() {
    let mut words = 0;
    let mut in_word = 0;
    let mut line = [0; 12];
    while cstd::fgets(&mut line) {
        line[cstd::strcspn(cstd::c_str(&line), b"\n")] = b'\0';
        if cstd::c_str(&line) == b"." {
            break;
        }
        print!("[");
        cstd::print_str(&line);
        println!("]");
    }
    loop {
        let c = cstd::getchar();
        if c == -1 {
            break;
        }
        words += (!cstd::is_space(c as u8) && in_word == 0) as i32;
        in_word = !cstd::is_space(c as u8) as i32;
        cstd::print_bytes(&[cstd::to_upper(c) as u8]);
    }
    cstd::fgets(&mut line[..3]);
    print!("{} words, ", words);
    cstd::print_str(&line);
    println!(", then {}", cstd::getchar());
}

/// What the C library has and std has not.
mod cstd {
    use std::io;
    use std::io::Read;
    use std::io::Write;

    /// The bytes of a C string, up to its NUL.
    pub fn c_str(bytes: &[u8]) -> &[u8] {
        let end = bytes.iter().position(|&byte| byte == 0);
        &bytes[..end.expect("a NUL ends the string")]
    }

    /// How many bytes at the start of a C string are not in `reject`.
    pub fn strcspn(text: &[u8], reject: &[u8]) -> usize {
        let end = text.iter().position(|byte| reject.contains(byte));
        end.unwrap_or(text.len())
    }

    /// True for the white space of C: that of ASCII, vertical tab included.
    pub fn is_space(byte: u8) -> bool {
        matches!(byte, b' ' | b'\t'..=b'\r')
    }

    /// `toupper`, which leaves EOF as it is.
    pub fn to_upper(c: i32) -> i32 {
        u8::try_from(c).map_or(c, |byte| i32::from(byte.to_ascii_uppercase()))
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
}
