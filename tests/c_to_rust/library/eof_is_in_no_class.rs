#![forbid(unsafe_code)]

fn classes(c: i32) -> i32 {
    (c as u8).is_ascii_alphanumeric() as i32
        | (((c as u8).is_ascii_alphabetic() as i32) << 1)
        | ((cstd::is_blank(c as u8) as i32) << 2)
        | (((c as u8).is_ascii_control() as i32) << 3)
        | (((c as u8).is_ascii_digit() as i32) << 4)
        | (((c as u8).is_ascii_graphic() as i32) << 5)
        | (((c as u8).is_ascii_lowercase() as i32) << 6)
        | (((b' '..=b'~').contains(&(c as u8)) as i32) << 7)
        | (((c as u8).is_ascii_punctuation() as i32) << 8)
        | ((cstd::is_space(c as u8) as i32) << 9)
        | (((c as u8).is_ascii_uppercase() as i32) << 10)
        | (((c as u8).is_ascii_hexdigit() as i32) << 11)
}

fn from_char(c: u8) -> i32 {
    c.to_ascii_uppercase() as i8 as i32 + c.to_ascii_lowercase() as i8 as i32
}

fn main() {
    for c in -1..256 {
        println!(
            "{:x} {} {} {}",
            classes(c),
            cstd::to_upper(c),
            cstd::to_lower(c),
            if (0..128).contains(&c) { c & 0x7f } else { -1 }
        );
    }
    println!("{} {}", from_char(255), from_char(b'k'));
}

/// What the C library has and std has not.
mod cstd {
    /// True for the white space of C: that of ASCII, vertical tab included.
    pub fn is_space(byte: u8) -> bool {
        matches!(byte, b' ' | b'\t'..=b'\r')
    }

    /// True for a space or a tab.
    pub fn is_blank(byte: u8) -> bool {
        matches!(byte, b' ' | b'\t')
    }

    /// `toupper`, which leaves EOF as it is.
    pub fn to_upper(c: i32) -> i32 {
        u8::try_from(c).map_or(c, |byte| i32::from(byte.to_ascii_uppercase()))
    }

    /// `tolower`, which leaves EOF as it is.
    pub fn to_lower(c: i32) -> i32 {
        u8::try_from(c).map_or(c, |byte| i32::from(byte.to_ascii_lowercase()))
    }
}
