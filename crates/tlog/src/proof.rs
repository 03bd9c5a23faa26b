//! Checking proofs, as RFC 9162 sections 2.1.3.2 and 2.1.4.2 tell it. Every function here is total:
//! whatever comes in, it answers and does not panic.

use thiserror::Error;

use crate::hash::{EMPTY_ROOT, Hash, node_hash};

/// Why a proof proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ProofError {
    /// The leaf or the older tree cannot be in the tree at all.
    #[error("{asked} is outside of a tree of {size} leaves")]
    Outside {
        /// Index, older size or end of subtree.
        asked: u64,
        /// Size of the tree.
        size: u64,
    },
    /// The range is not that of a subtree.
    #[error("leaves {start} to {end} are not a subtree")]
    NotASubtree {
        /// First leaf.
        start: u64,
        /// Leaf after the last.
        end: u64,
    },
    /// Every tree continues the empty one, so a proof of it would say nothing (RFC 9162 asks for
    /// an older tree of one leaf or more).
    #[error("nothing can be proved from the empty tree")]
    FromEmpty,
    /// The proof has more or fewer hashes than a proof at this place has.
    #[error("the proof has the wrong number of hashes, {hashes}")]
    Length {
        /// Hashes in the proof.
        hashes: usize,
    },
    /// The proof leads to another root than the tree's.
    #[error("the proof does not lead to the root of the tree")]
    Root,
    /// The proof leads to another root than the older tree's.
    #[error("the proof does not lead to the root of the older tree")]
    OldRoot,
}

/// Checks that the leaf with hash `leaf` is at `index` in the tree of `size` leaves under `root`.
pub fn verify_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::Outside { asked: index, size });
    }
    let (mut position, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for sibling in proof {
        if last == 0 {
            return Err(ProofError::Length { hashes: proof.len() });
        }
        if is_odd(position) || position == last {
            hash = node_hash(sibling, &hash);
            while !is_odd(position) && position != 0 {
                (position, last) = (position >> 1, last >> 1);
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        (position, last) = (position >> 1, last >> 1);
    }
    if last != 0 {
        return Err(ProofError::Length { hashes: proof.len() });
    }
    if hash == *root { Ok(()) } else { Err(ProofError::Root) }
}

/// Checks that `leaf` is at `index` in the subtree of leaves `start` to `end` under `root`
/// (draft-ietf-plants-merkle-tree-certs, section 4.3).
pub fn verify_subtree_inclusion(
    leaf: &Hash,
    index: u64,
    start: u64,
    end: u64,
    root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    check_subtree(start, end)?;
    let position =
        index.checked_sub(start).ok_or(ProofError::Outside { asked: index, size: end })?;
    verify_inclusion(leaf, position, end - start, root, proof)
}

/// Checks that the tree of `size` leaves under `root` continues that of `old_size` leaves under
/// `old_root`. A caller whose older tree is empty has nothing to ask, and is told so.
pub fn verify_consistency(
    old_size: u64,
    size: u64,
    old_root: &Hash,
    root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if old_size > 0 {
        return verify_subtree_consistency(0, old_size, size, old_root, root, proof);
    }
    if !proof.is_empty() {
        return Err(ProofError::Length { hashes: proof.len() });
    }
    if *old_root != EMPTY_ROOT {
        return Err(ProofError::OldRoot);
    }
    if size > 0 {
        return Err(ProofError::FromEmpty);
    }
    if *root == EMPTY_ROOT { Ok(()) } else { Err(ProofError::Root) }
}

/// Checks that the subtree of leaves `start` to `end`, with root `node`, is part of the tree of
/// `size` leaves under `root` (draft-ietf-plants-merkle-tree-certs, section 4.4). With `start` 0
/// it is the consistency of RFC 9162. An empty subtree is part of every tree, with an empty proof.
pub fn verify_subtree_consistency(
    start: u64,
    end: u64,
    size: u64,
    node: &Hash,
    root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if end > size {
        return Err(ProofError::Outside { asked: end, size });
    }
    let wrong_length = ProofError::Length { hashes: proof.len() };
    if start == end {
        return match proof {
            [] if *node == EMPTY_ROOT => Ok(()),
            [] => Err(ProofError::OldRoot),
            _ => Err(wrong_length),
        };
    }
    check_subtree(start, end)?;
    let (mut first, mut last, mut tree) = (start, end - 1, size - 1);
    while first != last && (last == tree || is_odd(last)) {
        (first, last, tree) = (first >> 1, last >> 1, tree >> 1);
    }
    let (mut old, mut new, rest) = if first == last {
        (*node, *node, proof)
    } else {
        let (seed, rest) = proof.split_first().ok_or(wrong_length)?;
        (*seed, *seed, rest)
    };
    for sibling in rest {
        if tree == 0 {
            return Err(wrong_length);
        }
        if is_odd(last) || last == tree {
            if first < last {
                old = node_hash(sibling, &old);
            }
            new = node_hash(sibling, &new);
            while !is_odd(last) && last != 0 {
                (first, last, tree) = (first >> 1, last >> 1, tree >> 1);
            }
        } else {
            new = node_hash(&new, sibling);
        }
        (first, last, tree) = (first >> 1, last >> 1, tree >> 1);
    }
    if tree != 0 {
        return Err(wrong_length);
    }
    if old != *node {
        return Err(ProofError::OldRoot);
    }
    if new == *root { Ok(()) } else { Err(ProofError::Root) }
}

/// A subtree starts at a multiple of the smallest power of two that its length fits into.
fn check_subtree(start: u64, end: u64) -> Result<(), ProofError> {
    let refused = ProofError::NotASubtree { start, end };
    let leaves = end.checked_sub(start).filter(|leaves| *leaves > 0).ok_or(refused)?;
    let aligned = match leaves.checked_next_power_of_two() {
        Some(span) => start.is_multiple_of(span),
        None => start == 0,
    };
    if aligned { Ok(()) } else { Err(refused) }
}

fn is_odd(number: u64) -> bool {
    number & 1 == 1
}

#[cfg(test)]
mod tests;
