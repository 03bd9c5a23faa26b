//! Faults in the store that the contract forbids, planted to see that the simulation finds them.

use glassbreak_engine::store::memory::Check;

/// A planted fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Planted {
    /// None: the store keeps its contract.
    Nothing,
    /// A commit does not look at the aggregate's version (RA-02: two uses of one code).
    NoVersion,
    /// A commit does not look at the epoch of the containments (I1).
    NoEpoch,
    /// What was done under a redemption's name is forgotten.
    ForgetsNames,
    /// A write that got lost is acknowledged as durable.
    AcknowledgesWhatWasLost,
    /// Two sequencers may both move the log's tree.
    NoTreeSize,
    /// What was seen is called durable before the standby has it.
    NeverSettles,
}

impl Planted {
    /// Every fault.
    pub(crate) const ALL: [Self; 6] = [
        Self::NoVersion,
        Self::NoEpoch,
        Self::ForgetsNames,
        Self::AcknowledgesWhatWasLost,
        Self::NoTreeSize,
        Self::NeverSettles,
    ];

    /// The checks that the store leaves out for it.
    pub(crate) const fn left_out(self) -> &'static [Check] {
        match self {
            Self::Nothing | Self::AcknowledgesWhatWasLost | Self::NeverSettles => &[],
            Self::NoVersion => &[Check::Version],
            Self::NoEpoch => &[Check::RestsOn],
            Self::ForgetsNames => &[Check::Redemption],
            Self::NoTreeSize => &[Check::TreeSize],
        }
    }
}
