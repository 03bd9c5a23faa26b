//! Step-up comes from the policy itself: what further evidence would turn a refusal into a permit
//! is found by asking it (DESIGN section 5). There is no second table that could drift.

use std::collections::BTreeSet;

use crate::redemption::Method;

/// The most pieces of further evidence that are looked for. Dual control of a privileged subject
/// asks for five: proofing, a second verification, two approvals and a code.
const PIECES_MAX: usize = 5;

/// The smallest sets out of `further` that `permits`, each of them without a piece to spare, the
/// smaller first. Nothing is a superset of another.
pub fn smallest_further_evidence(
    further: &[Method],
    permits: impl Fn(&[Method]) -> bool,
) -> Vec<Vec<Method>> {
    let mut found: Vec<Vec<Method>> = Vec::new();
    let mut chosen = Vec::with_capacity(PIECES_MAX);
    for pieces in 1..=PIECES_MAX.min(further.len()) {
        choose(further, pieces, &mut chosen, &mut |set| {
            let has: BTreeSet<_> = set.iter().collect();
            let covered = found.iter().any(|less| less.iter().all(|method| has.contains(method)));
            if !covered && permits(set) {
                found.push(set.to_vec());
            }
        });
    }
    found
}

/// Calls `each` with every choice of `pieces` more out of `from`, in order.
fn choose(
    from: &[Method],
    pieces: usize,
    chosen: &mut Vec<Method>,
    each: &mut impl FnMut(&[Method]),
) {
    if pieces == 0 {
        return each(chosen);
    }
    let mut rest = from;
    while let Some((first, others)) = rest.split_first() {
        chosen.push(*first);
        choose(others, pieces.saturating_sub(1), chosen, each);
        chosen.pop();
        rest = others;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Method::{Approval, Authenticator, Password, Proofing};

    #[test]
    fn every_minimal_set_is_found_and_nothing_larger() {
        let permits = |set: &[Method]| {
            set.contains(&Password) || (set.contains(&Proofing) && set.contains(&Approval))
        };
        let found =
            smallest_further_evidence(&[Password, Authenticator, Proofing, Approval], permits);
        assert_eq!(found, [vec![Password], vec![Proofing, Approval]]);
    }

    #[test]
    fn nothing_helps_where_nothing_helps() {
        assert!(smallest_further_evidence(&Method::ALL, |_| false).is_empty());
    }
}
