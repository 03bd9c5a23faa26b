//! The code format and the verifiers from outside, through the public interface only.

// `cfg(test)` always holds here; it tells clippy that helpers, too, may panic.
#[cfg(test)]
mod random;
#[cfg(test)]
mod seeded;
#[cfg(test)]
mod typing;
#[cfg(test)]
mod typos;
#[cfg(test)]
mod vectors;
#[cfg(test)]
mod verifiers;
