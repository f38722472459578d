.PHONY: demo test

# The command line, built and run.
demo:
	cargo run --release -- --version

# Everything there is to test.
test:
	cargo test --workspace
