#![forbid(unsafe_code)]

fn main() {
    println!("no arguments are needed");
}
