//! The code format and the verifiers from outside, through the public interface only.

mod random;
mod seeded;
mod typing;
mod typos;
mod vectors;
mod verifiers;
