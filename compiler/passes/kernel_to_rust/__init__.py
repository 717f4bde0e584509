"""From loops to safe Rust."""
