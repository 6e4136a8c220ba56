//! Record batches v2: view, iterate, build, validate, compress.
