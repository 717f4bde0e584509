#![forbid(unsafe_code)]

fn leave(ok: i32) {
    if ok != 0 {
        std::process::exit(23);
    }
    std::process::exit(1);
}

fn main() {
    leave(1);
}
