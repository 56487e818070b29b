//! Program of the page's late part: its functions are exported to the page.

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// Explains a message's frame: see [`web_framing::explain::explain`]. The document has the
/// language.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn explain(framing: &str, message: &[u8]) -> String {
    web_framing::explain_to_page(framing, message)
}

fn main() {}
