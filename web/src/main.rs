//! Mounts the page.

fn main() {
    web::mount();
}
