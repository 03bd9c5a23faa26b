//! Filters: what is read, what is refused and where, what they match (RFC 7644 section 3.4.2.2).

use crate::{ada, broken, group_of, served};
use glassbreak_signals::scim::{
    AttrPath, Filter, Lookup, Matcher, PatchPath, ResourceType, ScimType, index_key,
};

fn matches(filter: &str) -> bool {
    let parsed = Filter::parse(filter).unwrap_or_else(|error| panic!("{filter}: {error}"));
    let matcher = Matcher::new(parsed, ResourceType::User);
    let matcher = matcher.unwrap_or_else(|error| panic!("{filter}: {error}"));
    matcher.matches(&ada().render(&served()))
}

#[test]
fn filters_match_by_the_type_and_the_case_of_each_attribute() {
    for filter in [
        r#"userName eq "ada@EXAMPLE.org""#,
        r#"USERNAME Eq "ada@example.org""#,
        r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "ADA""#,
        r#"URN:IETF:params:scim:schemas:core:2.0:user:username sw "ADA""#,
        r#"externalId eq "HR-4711""#,
        r#"id eq "u-ada""#,
        "active eq true",
        r#"active eq "True""#,
        "active ne false",
        "displayName pr",
        "not (title pr)",
        "not(title pr)",
        r#"displayName co "love""#,
        r#"displayName ew "LACE" and displayName gt "Ada""#,
        r#"displayName le "zz" and displayName ge "ada lovelace" and not (displayName lt "a")"#,
        r#"emails eq "ADA@home.example""#,
        r#"emails.value co "@home""#,
        r#"emails[type eq "work" and value co "@example.org"]"#,
        r#"emails[not (type eq "work") and value ew ".example"]"#,
        "emails[primary eq true]",
        r#"emails ne "ada@example.org""#,
        "emails.primary pr",
        r#"groups.display eq "engineers""#,
        r#"groups eq "g-1""#,
        r#"meta.lastModified gt "2023-11-14T22:13:20Z""#,
        r#"meta.lastModified eq "2023-11-14T23:23:20+01:00""#,
        r#"meta.resourceType eq "User""#,
        r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq "u-charles""#,
        r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager eq "u-charles""#,
        r#"urn:ietf:params:scim:schemas:extension:glassbreak:2.0:User:tier eq "privileged""#,
        r#"schemas eq "urn:ietf:params:scim:schemas:core:2.0:User""#,
        "nickName eq null",
        r#"nickName ne "x""#,
        "active eq false or userName pr and displayName pr",
        r#"userName eq "\u0061da\u0040example.org""#,
    ] {
        assert!(matches(filter), "{filter}");
    }
    for filter in [
        r#"externalId eq "hr-4711""#,
        r#"id eq "U-ADA""#,
        "active eq false",
        "title pr",
        r#"title eq "x""#,
        r#"emails[type eq "home" and value co "@example.org"]"#,
        r#"emails[type eq "work"] and emails.primary eq false"#,
        r#"meta.lastModified lt "2023-11-14T22:13:20Z""#,
        r#"manager eq "u-charles""#,
        "displayName eq null",
        "not (userName pr)",
        "(active eq false or userName pr) and nickName pr",
        r#"nickName gt "a""#,
    ] {
        assert!(!matches(filter), "{filter}");
    }
}

/// The forms that RFC 7644 figure 1 shows, of attributes that are kept and of others.
#[test]
fn every_form_of_the_standard_is_read() {
    for filter in [
        r#"userName eq "bjensen""#,
        r#"name.familyName co "O'Malley""#,
        r#"userName sw "J""#,
        r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J""#,
        "title pr",
        r#"meta.lastModified gt "2011-05-13T04:42:34Z""#,
        r#"meta.lastModified ge "2011-05-13T04:42:34Z""#,
        r#"meta.lastModified lt "2011-05-13T04:42:34Z""#,
        r#"meta.lastModified le "2011-05-13T04:42:34Z""#,
        r#"title pr and userType eq "Employee""#,
        r#"title pr or userType eq "Intern""#,
        r#"schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User""#,
        r#"userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")"#,
        r#"userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")"#,
        r#"userType eq "Employee" and (emails.type eq "work")"#,
        r#"userType eq "Employee" and emails[type eq "work" and value co "@example.com"]"#,
        r#"emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]"#,
    ] {
        let parsed = Filter::parse(filter).unwrap_or_else(|error| panic!("{filter}: {error}"));
        let printed = parsed.to_string();
        assert_eq!(Filter::parse(&printed).as_ref(), Ok(&parsed), "{printed}");
        assert!(Matcher::new(parsed, ResourceType::User).is_ok(), "{filter}");
    }
}

#[test]
fn and_binds_tighter_than_or_and_not_takes_parentheses() {
    for (filter, printed) in [
        ("a pr or b pr and c pr", "a pr or b pr and c pr"),
        ("a pr or (b pr and c pr)", "a pr or b pr and c pr"),
        ("(a pr or b pr) and c pr", "(a pr or b pr) and c pr"),
        ("a pr AND (b pr And c pr)", "a pr and (b pr and c pr)"),
        ("NOT(((a PR)))", "not (a pr)"),
        ("not pr", "not pr"),
        ("  a   EQ   TRUE  ", "a eq true"),
    ] {
        let read = Filter::parse(filter).unwrap_or_else(|error| panic!("{filter}: {error}"));
        assert_eq!(read.to_string(), printed);
    }
}

#[test]
fn filters_that_are_none_are_refused_with_the_place() {
    for (filter, at) in [
        ("", 0),
        ("   ", 3),
        ("userName", 8),
        ("userName ", 9),
        ("userName is \"ada\"", 9),
        ("userName eq", 11),
        ("userName eq ada", 12),
        ("userName eq 'ada'", 12),
        ("userName eq \"ada", 12),
        ("userName eq \"a\\qb\"", 12),
        ("userName eq [\"ada\"]", 12),
        ("userName eq {}", 12),
        ("userName eq 01", 12),
        ("userName eq \"ada\" and", 18),
        ("userName eq \"ada\" xor active pr", 18),
        ("userName eq \"ada\"and active pr", 17),
        ("(userName pr", 12),
        ("userName pr)", 11),
        ("not userName pr", 4),
        ("()", 1),
        ("emails[type eq \"work\"", 21),
        ("emails[]", 7),
        ("emails[emails[type pr]]", 13),
        ("emails.value[type pr]", 13),
        ("emails[type pr].value eq \"x\"", 15),
        ("user name pr", 5),
        ("1user pr", 0),
        ("user.name.first pr", 9),
        ("user. pr", 5),
        (".user pr", 0),
        ("other:userName pr", 0),
        ("urn:example:2.0 pr", 12),
        ("userName\tpr", 8),
        ("üser pr", 0),
    ] {
        let error = Filter::parse(filter).expect_err(filter);
        assert_eq!(error.at, at, "{filter}: {error}");
        assert_eq!(error.as_filter().scim_type(), Some(ScimType::InvalidFilter));
        assert!(!error.to_string().contains("ada"), "an error holds nothing of the filter");
    }
}

#[test]
fn filters_are_bounded_in_length_depth_and_number_of_terms() {
    let nested = |depth: usize| format!("{}a pr{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Filter::parse(&nested(Filter::DEPTH_MAX)).is_ok());
    assert!(Filter::parse(&nested(Filter::DEPTH_MAX + 1)).is_err());
    assert!(Filter::parse(&"(".repeat(Filter::BYTES_MAX)).is_err());
    let many = |terms: usize| vec!["a pr"; terms].join(" or ");
    assert!(Filter::parse(&many(Filter::TERMS_MAX)).is_ok());
    assert!(Filter::parse(&many(Filter::TERMS_MAX + 1)).is_err());
    let long = |bytes: usize| format!("a eq \"{}\"", "x".repeat(bytes - 7));
    assert!(Filter::parse(&long(Filter::BYTES_MAX)).is_ok());
    assert!(Filter::parse(&long(Filter::BYTES_MAX + 1)).is_err());
    let path = |bytes: usize| "p".repeat(bytes).parse::<AttrPath>();
    assert!(path(AttrPath::BYTES_MAX).is_ok() && path(AttrPath::BYTES_MAX + 1).is_err());
}

#[test]
fn comparisons_that_cannot_be_made_are_refused_before_any_resource_is_asked() {
    for filter in [
        "active gt true",
        r#"active co "tru""#,
        r#"active eq "perhaps""#,
        "userName eq 3",
        "userName eq true",
        "userName gt null",
        r#"meta.created gt "yesterday""#,
        "emails[primary lt true]",
        r#"userName[value eq "x"]"#,
        "not (active gt true)",
        r#"userName pr or (displayName pr and emails.primary sw "t")"#,
    ] {
        let parsed = Filter::parse(filter).expect(filter);
        assert_eq!(broken(Matcher::new(parsed, ResourceType::User)), "invalidFilter", "{filter}");
    }
}

#[test]
fn the_look_ups_of_every_provider_need_no_scan() {
    let (user, group) = (ResourceType::User, ResourceType::Group);
    let (x, key) = (|| "X".to_owned(), || index_key("X"));
    for (kind, filter, lookup) in [
        (user, r#"userName eq "X""#, Lookup::UserName(key())),
        (user, r#"username EQ "X""#, Lookup::UserName(key())),
        (
            user,
            r#"urn:ietf:params:scim:schemas:core:2.0:User:userName eq "X""#,
            Lookup::UserName(key()),
        ),
        (user, r#"externalId eq "X""#, Lookup::ExternalId(x())),
        (user, r#"id eq "X""#, Lookup::Id(x())),
        (user, r#"active eq true and userName eq "X""#, Lookup::UserName(key())),
        (group, r#"displayName eq "X""#, Lookup::GroupName(key())),
        (group, r#"externalId eq "X""#, Lookup::ExternalId(x())),
        (user, r#"displayName eq "X""#, Lookup::Scan),
        (user, r#"userName ne "X""#, Lookup::Scan),
        (user, r#"not (userName eq "X")"#, Lookup::Scan),
        (user, r#"userName eq "X" or active eq true"#, Lookup::Scan),
        (user, "userName eq null", Lookup::Scan),
        (group, r#"userName eq "X""#, Lookup::Scan),
    ] {
        assert_eq!(Filter::parse(filter).expect(filter).lookup(kind), lookup, "{filter}");
    }
}

#[test]
fn entra_asks_whether_somebody_is_a_member_of_one_group() {
    let filter = r#"id eq "u-ada" and members eq "u-1""#;
    let filter = Filter::parse(filter).expect("a filter");
    assert_eq!(filter.lookup(ResourceType::Group), Lookup::Id("u-ada".to_owned()));
    let matcher = Matcher::new(filter, ResourceType::Group).expect("a filter of groups");
    assert!(matcher.matches(&group_of(&["u-1"]).render(&served())));
    assert!(!matcher.matches(&group_of(&["u-2"]).render(&served())));
}

#[test]
fn paths_of_patches_are_read_and_refused_with_the_place() {
    for path in [
        "members",
        "name.familyName",
        r#"addresses[type eq "work"]"#,
        r#"members[value eq "2819c223-7f76-453a-919d-413861904646"]"#,
        r#"members[value eq "2819c223"].displayName"#,
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
        "members.$ref",
    ] {
        let parsed: PatchPath = path.parse().unwrap_or_else(|error| panic!("{path}: {error}"));
        assert_eq!(parsed.to_string(), path);
    }
    for (path, at) in [
        ("", 0),
        ("members[", 8),
        ("members[value eq \"1\"", 20),
        ("members[value eq \"1\"].", 22),
        ("members[value eq \"1\"]x", 21),
        ("members[value eq \"1\"].a.b", 23),
        ("members.value[value eq \"1\"]", 14),
        ("a b", 2),
    ] {
        let error = path.parse::<PatchPath>().expect_err(path);
        assert_eq!(error.at, at, "{path}: {error}");
        assert_eq!(error.as_path().scim_type(), Some(ScimType::InvalidPath));
    }
}
