//! The derive behind ottla-wire's messages.
