#![forbid(unsafe_code)]

fn show(n: i32) {
    println!(
        "{} is {}{}",
        n,
        if n % 2 != 0 { "odd" } else { "even" },
        if n < 0 {
            ", negative"
        } else if n > 9 {
            ", large"
        } else {
            ""
        }
    );
    print!("{}", if n > 5 { "+" } else { "-" });
    print!("{}", if n == 3 { "\n" } else { " " });
}

fn main() {
    for i in -2..12 {
        show(i);
    }
    println!("end");
}
