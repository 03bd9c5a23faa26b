//! Recoveries through the `decide` functions of the core: what suffices for whom (SP 800-63B-4
//! section 4.2.2), dual control over all one-person sequences (REG-29, goal 20), what a lifecycle
//! event ends (REG-13), what is loud (REG-27), and thirty simulated days (goal 23).

// `cfg(test)` always holds here; it tells clippy that helpers, too, may panic.
#[cfg(test)]
mod bundles;
#[cfg(test)]
mod cases;
#[cfg(test)]
mod dual_control;
#[cfg(test)]
mod levels;
#[cfg(test)]
mod lifecycle;
#[cfg(test)]
mod loud;
#[cfg(test)]
mod places;
#[cfg(test)]
#[path = "../model/random.rs"]
mod random;
#[cfg(test)]
mod routine;
#[cfg(test)]
mod sent_codes;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod table;
#[cfg(test)]
mod world;
