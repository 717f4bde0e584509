#![forbid(unsafe_code)]

const WIDTH: i32 = 8;

fn main() {
    println!("50% of {{all}} is -0003, ff, x");
    println!();
    println!("ab|  1|2  |");
    println!("{}", WIDTH);
    println!();
    print!("no line");
    println!(" ends here");
}
