#![forbid(unsafe_code)]

fn main() {
    println!("before");
    cstd::flush();
    std::process::abort();
}

/// What the C library has and std has not.
mod cstd {
    use std::io;
    use std::io::Write;

    /// Writes out what has been printed to standard output so far.
    pub fn flush() {
        Write::flush(&mut io::stdout()).expect("the output can be written");
    }
}
