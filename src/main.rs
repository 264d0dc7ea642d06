//! The program `spl`: hands its arguments to [`spl_engine::cli`].

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    spl_engine::cli::main(std::env::args_os())
}
