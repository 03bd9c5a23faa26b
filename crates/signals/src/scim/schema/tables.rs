//! The attributes of a subject and of a group, as tables.

use super::{
    Attribute, ENTERPRISE_USER, GLASSBREAK_USER, Kind, Mutability, Returned, Schema, Words,
};

/// What most attributes are: a text that may be changed, compared without its case.
const TEXT: Attribute = Attribute {
    name: "",
    description: "",
    kind: Kind::Text,
    multi_valued: false,
    required: false,
    case_exact: false,
    mutability: Mutability::ReadWrite,
    returned: Returned::Default,
    unique: false,
    words: Words::Free,
};

const fn text(name: &'static str, description: &'static str) -> Attribute {
    Attribute { name, description, ..TEXT }
}

/// A name that is compared as it is written.
const fn exact(name: &'static str, description: &'static str) -> Attribute {
    Attribute { name, description, case_exact: true, ..TEXT }
}

const fn flag(name: &'static str, description: &'static str) -> Attribute {
    Attribute { name, description, kind: Kind::Boolean, ..TEXT }
}

const fn read_only(attribute: Attribute) -> Attribute {
    Attribute { mutability: Mutability::ReadOnly, ..attribute }
}

const fn immutable(attribute: Attribute) -> Attribute {
    Attribute { mutability: Mutability::Immutable, ..attribute }
}

const fn required(attribute: Attribute) -> Attribute {
    Attribute { required: true, ..attribute }
}

const fn one_of(attribute: Attribute, words: Words) -> Attribute {
    Attribute { words, ..attribute }
}

const fn reference(description: &'static str, to: &'static [&'static str]) -> Attribute {
    Attribute { name: "$ref", description, kind: Kind::Reference(to), case_exact: true, ..TEXT }
}

const fn complex(
    name: &'static str,
    description: &'static str,
    subs: &'static [Attribute],
) -> Attribute {
    Attribute { name, description, kind: Kind::Complex(subs), ..TEXT }
}

const fn many(
    name: &'static str,
    description: &'static str,
    subs: &'static [Attribute],
) -> Attribute {
    Attribute { multi_valued: true, ..complex(name, description, subs) }
}

const fn moment(name: &'static str, description: &'static str) -> Attribute {
    read_only(Attribute { name, description, kind: Kind::Moment, ..TEXT })
}

const PLACES: Words = Words::Open(&["work", "home", "other"]);
const PHONES: Words = Words::Open(&["work", "home", "mobile", "fax", "pager", "other"]);
const DISPLAY: Attribute = text("display", "A name for people.");
const PRIMARY: Attribute = flag("primary", "Whether it is the preferred one; one at most is.");

/// The attributes of every resource (RFC 7643 section 3.1), and the list of its schemas.
pub(super) const COMMON: &[Attribute] = &[
    Attribute {
        multi_valued: true,
        returned: Returned::Always,
        ..read_only(exact("schemas", "The schemas whose attributes the resource has."))
    },
    Attribute {
        returned: Returned::Always,
        unique: true,
        ..read_only(exact("id", "The resource's id, chosen by Glassbreak."))
    },
    exact("externalId", "The client's own id of the resource."),
    read_only(complex(
        "meta",
        "What the server knows of the resource.",
        &[
            read_only(exact("resourceType", "What the resource is.")),
            moment("created", "When it was made."),
            moment("lastModified", "When it was last changed."),
            read_only(Attribute {
                name: "location",
                kind: Kind::Reference(&["uri"]),
                ..exact("", "Where it is.")
            }),
            read_only(exact("version", "Its version, as a weak entity tag.")),
        ],
    )),
];

/// A subject.
pub(super) const USER: Schema = Schema {
    id: "urn:ietf:params:scim:schemas:core:2.0:User",
    name: "User",
    description: "A subject: whose access is recovered.",
    attributes: &[
        Attribute {
            unique: true,
            ..required(text("userName", "The name that the subject signs in with."))
        },
        text("displayName", "A name for people."),
        flag("active", "Whether the account is in use; recovery rests or ends where it is not."),
        many(
            "emails",
            "Mail addresses; recovery tells them what happens, once confirmed.",
            &[
                required(text("value", "The address.")),
                DISPLAY,
                one_of(text("type", "What it is for."), PLACES),
                PRIMARY,
            ],
        ),
        many(
            "phoneNumbers",
            "Telephone numbers; those in the form of E.164 are used.",
            &[
                required(text("value", "The number.")),
                DISPLAY,
                one_of(text("type", "What it is for."), PHONES),
                PRIMARY,
            ],
        ),
        many(
            "roles",
            "What the subject is. A change is a change of role (D4).",
            &[
                required(exact("value", "The role.")),
                DISPLAY,
                text("type", "What kind of role."),
                PRIMARY,
            ],
        ),
        many(
            "entitlements",
            "What the subject may. A change is one of privileges (D4).",
            &[
                required(exact("value", "The entitlement.")),
                DISPLAY,
                text("type", "What kind of entitlement."),
                PRIMARY,
            ],
        ),
        read_only(many(
            "groups",
            "The groups it is a member of; change the group instead.",
            &[
                read_only(exact("value", "The group's id.")),
                read_only(reference("Where the group is.", &["Group"])),
                read_only(DISPLAY),
                read_only(one_of(text("type", "How it is a member."), Words::Open(&["direct"]))),
            ],
        )),
    ],
    ignored: &[
        "password",
        "name",
        "nickName",
        "profileUrl",
        "title",
        "userType",
        "preferredLanguage",
        "locale",
        "timezone",
        "ims",
        "photos",
        "addresses",
        "x509Certificates",
    ],
};

/// What a User has besides.
pub(super) const USER_EXTENSIONS: &[Schema] = &[
    Schema {
        id: ENTERPRISE_USER,
        name: "EnterpriseUser",
        description: "Who is in charge of the subject.",
        attributes: &[complex(
            "manager",
            "The manager: owner of a service that names no other.",
            &[
                required(exact("value", "The manager's id.")),
                read_only(reference("Where the manager is.", &["User"])),
                read_only(text("displayName", "The manager's name.")),
            ],
        )],
        ignored: &["employeeNumber", "costCenter", "organization", "division", "department"],
    },
    Schema {
        id: GLASSBREAK_USER,
        name: "GlassbreakUser",
        description: "What a subject is to Glassbreak. What is absent stays as it is.",
        attributes: &[
            one_of(
                text("kind", "What the subject is; a new one is a person unless told."),
                Words::Closed(&["person", "service", "agent"]),
            ),
            exact("tier", "The class of policy."),
            one_of(
                text("assurance", "The highest authenticator assurance level."),
                Words::Closed(&["aal1", "aal2", "aal3"]),
            ),
            one_of(
                text("ial", "The identity assurance level."),
                Words::Closed(&["none", "ial1", "ial2", "ial3"]),
            ),
            Attribute {
                kind: Kind::Reference(&["User"]),
                ..exact("owner", "The User who answers for a service or an agent: its id or place.")
            },
        ],
        ignored: &[],
    },
];

/// A group.
pub(super) const GROUP: Schema = Schema {
    id: "urn:ietf:params:scim:schemas:core:2.0:Group",
    name: "Group",
    description: "A group of subjects.",
    attributes: &[
        Attribute {
            unique: true,
            ..required(text("displayName", "The group's name, by which policies know it."))
        },
        many(
            "members",
            "The subjects in it. Groups in groups are not kept.",
            &[
                required(immutable(exact("value", "The member's id."))),
                read_only(reference("Where the member is.", &["User"])),
                immutable(one_of(text("type", "What the member is."), Words::Closed(&["User"]))),
                read_only(DISPLAY),
            ],
        ),
    ],
    ignored: &[],
};
