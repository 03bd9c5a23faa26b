//! Patches (RFC 7644 section 3.5.2, SCIM-02 and -03).

mod apply;
mod selected;

use serde_json::{Map, Value};

use super::error::{ScimError, ScimType};
use super::path::PatchPath;

pub(super) use apply::{apply, set};

/// The schema of a patch.
const SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// A patch that was read: operations that are done in their order, all of them or none.
#[derive(Clone, PartialEq, Eq)]
pub struct Patch {
    /// The operations, one at least.
    operations: Vec<Operation>,
}

/// One change.
#[derive(Clone, PartialEq, Eq)]
pub struct Operation {
    /// What is done.
    pub verb: Verb,
    /// Where; at the resource itself if there is none.
    pub path: Option<PatchPath>,
    /// With what. Nothing has it but a removal of some of the values, as Entra sends it.
    pub value: Option<Value>,
}

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// Gives a value, or one more.
    Add,
    /// Takes values away.
    Remove,
    /// Gives a value in the place of what was there.
    Replace,
}

impl std::fmt::Debug for Patch {
    /// Never prints the values: they are personal data, and `Debug` output ends in logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Patch({} operations)", self.operations.len())
    }
}

impl std::fmt::Debug for Operation {
    /// Never prints the value, nor a path, which may select by one.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Operation({:?})", self.verb)
    }
}

impl Patch {
    /// The most operations of a patch.
    pub const OPERATIONS_MAX: usize = 256;
    /// The most comparisons that its filters may take: one for each operation and each member of
    /// the largest group. More would hold up the server for seconds.
    pub const COMPARISONS_MAX: usize = 256 * 16_384;

    /// Reads the body of a request. Names of members and operations are read without their case:
    /// Entra writes `Replace`.
    ///
    /// # Errors
    /// `invalidSyntax` for a body that is no patch, `invalidPath` for a path that cannot be read,
    /// `noTarget` for a removal without a path, `invalidValue` where a value is missing, `tooMany`.
    pub fn parse(body: &Value) -> Result<Self, ScimError> {
        let body = body.as_object().ok_or_else(|| syntax("a patch is an object"))?;
        let names = member(body, "schemas").and_then(Value::as_array);
        let is_ours = |name: &Value| name.as_str().is_some_and(|n| n.eq_ignore_ascii_case(SCHEMA));
        if !names.is_some_and(|names| names.iter().any(is_ours)) {
            return Err(syntax("a patch has the schema of PatchOp in `schemas`"));
        }
        let operations = member(body, "Operations").and_then(Value::as_array);
        let operations = operations.filter(|operations| !operations.is_empty());
        let operations = operations.ok_or_else(|| syntax("a patch has a list of `Operations`"))?;
        if operations.len() > Self::OPERATIONS_MAX {
            return Err(ScimError::new(ScimType::TooMany, "a patch has 256 operations at most"));
        }
        let read = operations.iter().enumerate();
        let read = read.map(|(at, one)| Operation::parse(one).map_err(|e| e.in_operation(at)));
        Ok(Self { operations: read.collect::<Result<_, _>>()? })
    }

    /// The operations, in their order.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }
}

impl Operation {
    fn parse(value: &Value) -> Result<Self, ScimError> {
        let members = value.as_object().ok_or_else(|| syntax("an operation is an object"))?;
        let word = member(members, "op").and_then(Value::as_str).unwrap_or_default();
        let verbs = [("add", Verb::Add), ("remove", Verb::Remove), ("replace", Verb::Replace)];
        let verb = verbs.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(word));
        let (_, verb) = verb.ok_or_else(|| syntax("`op` is add, remove or replace"))?;
        let path = match member(members, "path") {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) if text.is_empty() => None,
            Some(Value::String(text)) => {
                Some(text.parse::<PatchPath>().map_err(super::Malformed::as_path)?)
            }
            Some(_) => return Err(ScimError::new(ScimType::InvalidPath, "`path` is a text")),
        };
        let value = member(members, "value").cloned();
        match verb {
            Verb::Remove if path.is_none() => {
                Err(ScimError::new(ScimType::NoTarget, "a removal needs a `path`"))
            }
            Verb::Add | Verb::Replace if value.is_none() => {
                Err(ScimError::new(ScimType::InvalidValue, "`add` and `replace` need a `value`"))
            }
            _ => Ok(Self { verb, path, value }),
        }
    }
}

/// The member of this name, in any case.
pub(super) fn member<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    members.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn syntax(detail: &str) -> ScimError {
    ScimError::new(ScimType::InvalidSyntax, detail)
}
