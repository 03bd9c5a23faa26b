//! SCIM 2.0 for a service provider: resources, filters and patches (RFC 7643, RFC 7644).
//!
//! An identity provider provisions Users and Groups into Glassbreak. What is kept is what a subject
//! is made of and no more: names, addresses, rights, the owner. A handler has five steps, and each
//! is a pure function here:
//!
//! 1. read: [`Resource::create`], [`Resource::replace`], [`Patch::parse`], [`ListQuery::read`];
//! 2. hold to preconditions: [`Preconditions`];
//! 3. change: [`Resource::patch`] gives a new resource or an error, never half of one (SCIM-02);
//! 4. tell what follows: [`effect`] names the lifecycle events and registrations (STANDARDS 9);
//! 5. answer: [`Resource::render`], [`Projection::apply`], [`list_response`], [`ScimError::body`].
//!
//! Not here: routes, stores, and who may call. Which of several words of a standard was chosen, and
//! what Entra and Okta send that no standard has, is told in `docs/SCIM.md`.

mod document;
pub mod effect;
mod error;
mod filter;
mod group;
mod list;
mod patch;
mod path;
mod precondition;
mod projection;
mod resource;
mod schema;
mod user;
mod value;

pub use document::{resource_types, schemas, service_provider_config};
pub use error::{ScimError, ScimType};
pub use filter::{Filter, Literal, Lookup, Malformed, Matcher, Operator, index_key};
pub use group::Group;
pub use list::{ListQuery, Page, RawQuery, list_response};
pub use patch::{Operation, Patch, Verb};
pub use path::{AttrPath, PatchPath, Selection};
pub use precondition::{Preconditions, Verdict, Version};
pub use projection::Projection;
pub use resource::{GroupRef, Resource, Served};
pub use schema::{ENTERPRISE_USER, GLASSBREAK_USER, ResourceType};
pub use user::{OwnExtension, User};

/// The media type of every request and answer (SCIM-06).
pub const MEDIA_TYPE: &str = "application/scim+json";
