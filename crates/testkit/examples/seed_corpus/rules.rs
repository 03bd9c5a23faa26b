//! Inputs of the target `rules`: the rules that come along, document by document, and what is wrong
//! in every way there is.

use glassbreak_watch::built_in_files;

/// What a rule may not be, or only just.
const ODD: &[&str] = &[
    "",
    "---\n---\n",
    "a: [",
    "a: &a [*a]",
    "? {a: b}\n: c",
    "- a\n- b",
    "title: !!str T",
    "title: T\nname: n\ndescription: D\nlogsource: {product: glassbreak}\ndetection:\n  a\
     : {type|re: x}\n  condition: a",
    "title: T\nname: n\ndescription: D\nlogsource: {product: glassbreak}\ndetection:\n  a\
     : {data.x|contains|all: [a, b]}\n  b: [{data.y: 1}, {data.z|gte: 3}]\n  condition: n\
     ot (a or 1 of b*) and all of them",
    "title: T\nname: n\ndescription: D\nlogsource: {product: glassbreak}\ndetection:\n  a\
     : {data.failures|gt: 1}\n  condition: a\nglassbreak: {quiet: 1m, group-by: [subject,\
     \x20data.agent], unseen: {field: data.source, within: 400d, known: 16}}",
    "title: T\nname: n\ndescription: D\ncorrelation: {type: temporal_ordered, rules: [n, \
     n], timespan: 1w}",
    "tests:\n  - {name: t, rule: guessing-subject, alerts: 1, entries: [{type: code.refus\
     ed, times: 9, every: 1s, subject: a, data: {why: no_match}}]}",
    "tests:\n  - {name: t, rule: unseen-source, alerts: 0, entries: [{type: code.accepted\
     , times: 99999999999, after: 400d}]}",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
    "a: |\n  text\n  more\nb: >-\n  folded\n",
    "\"\\u0000\": \"\\x41\"",
    "%YAML 1.1\n---\na: b\n...\n",
];

/// All of them.
pub(crate) fn inputs() -> Vec<Vec<u8>> {
    let files = built_in_files();
    let parts = files.iter().flat_map(|file| file.text.split("\n---\n"));
    let small = parts.filter(|part| part.len() < 4_096).map(|part| part.as_bytes().to_vec());
    small.chain(ODD.iter().map(|odd| odd.as_bytes().to_vec())).collect()
}
