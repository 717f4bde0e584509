#![forbid(unsafe_code)]

fn finish(status: i32) {
    print!("half a line");
    std::process::exit(status);
}

fn main() {
    println!("a line");
    finish(7);
}
