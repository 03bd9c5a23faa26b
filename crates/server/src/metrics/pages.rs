//! What is made from the list of metrics.
