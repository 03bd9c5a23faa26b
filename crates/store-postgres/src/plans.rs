//! What PostgreSQL plans for each statement, on full tables: a scan where an index was meant is
//! found here and not at a million subjects.

use glassbreak_testkit::postgres::Cluster;
use serde_json::Value;
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

use crate::session::{POINTED, SETTINGS};
use crate::{Options, PostgresStore, sql};

/// What has a row for each subject, or many; nothing walks through them unasked.
const BIG: &[&str] = &[
    "aggregates",
    "code_sets",
    "entries",
    "redemptions",
    "requests",
    "recoveries",
    "exceptions",
    "bundles",
    "bundle_parts",
    "address_books",
    "operators",
    "passkeys",
    "tiles",
];

/// No queries.
const COMMANDS: &[&str] = &["BeginWrite", "BeginRead", "COMMIT", "End"];

/// These read all there is, and say so, or all that is live of a kind that few have.
const WHOLE: &[&str] = &[
    "AggregatesAll",
    "SetsAll",
    "RecoveriesAll",
    "OperatorsAll",
    "OperatorsNow",
    "RedemptionsAll",
    "RequestsAll",
    "BundlesAll",
    "BundlePartsAll",
    "AddressBooksAll",
    "ExceptionsAll",
    "PasskeysAll",
    "AlertsAll",
    "InventoryFigures",
    "ContainedLeft",
    "Orphans",
];

/// In order of an index, and no more than a row or a page of it.
const IN_ORDER: &[&str] = &["EntryNewest", "BundlesLive"];

/// Statements that walk through tables page by page, with what a page is asked with.
const PAGES: &[(&str, &str)] = &[
    ("Due", "500, 100, 6400"),
    ("Entries", "20000, 100"),
    (
        "SetsKeyed",
        "'00000001-0000-0000-0000-000000000007', '00000003-0000-0000-0000-000000000007', 100",
    ),
    ("Shelf", "'feed', 'a', 'b', NULL, 100"),
    ("Timeline", "'00000001-0000-0000-0000-000000000007', 0, 100"),
    (
        "RecoveryPage",
        "'00000005-0000-0000-0000-000000000007', 100, NULL, NULL, false, \
      NULL, NULL, NULL, NULL, 'ffffffff-0000-0000-0000-000000000000', false, false",
    ),
    (
        "RecoveryPageNewest",
        "'00000005-0000-0000-0000-000000001000', 100, NULL, NULL, false, \
      NULL, NULL, NULL, NULL, '00000000-0000-0000-0000-000000000000', false, false",
    ),
    (
        "RecoveryPageOf",
        "'00000005-0000-0000-0000-000000000007', 100, '00000001-0000-0000-0000-000000000007', NULL, false, \
      NULL, NULL, NULL, NULL, 'ffffffff-0000-0000-0000-000000000000', false, false",
    ),
    (
        "RecoveryPageOfNewest",
        "'00000005-0000-0000-0000-000000001000', 100, '00000001-0000-0000-0000-000000000007', NULL, false, \
      NULL, NULL, NULL, NULL, '00000000-0000-0000-0000-000000000000', false, false",
    ),
    (
        "RecoveryPageAgent",
        "'00000005-0000-0000-0000-000000000007', 100, NULL, NULL, false, \
      '00000001-0000-0000-0000-000000000007', NULL, NULL, NULL, 'ffffffff-0000-0000-0000-000000000000', false, false",
    ),
    (
        "RecoveryPageAgentNewest",
        "'00000005-0000-0000-0000-000000001000', 100, NULL, NULL, false, \
      '00000001-0000-0000-0000-000000000007', NULL, NULL, NULL, '00000000-0000-0000-0000-000000000000', false, false",
    ),
    (
        "RecoveryPageReview",
        "'00000005-0000-0000-0000-000000000007', 100, NULL, NULL, false, \
      NULL, NULL, NULL, NULL, 'ffffffff-0000-0000-0000-000000000000', false, false",
    ),
    (
        "RecoveryPageReviewNewest",
        "'00000005-0000-0000-0000-000000001000', 100, NULL, NULL, false, \
      NULL, NULL, NULL, NULL, '00000000-0000-0000-0000-000000000000', false, false",
    ),
    (
        "RecoveryPageLive",
        "'00000005-0000-0000-0000-000000000007', 100, NULL, NULL, false, \
      NULL, NULL, NULL, NULL, 'ffffffff-0000-0000-0000-000000000000', false, false",
    ),
    (
        "RecoveryPageLiveNewest",
        "'00000005-0000-0000-0000-000000001000', 100, NULL, NULL, false, \
      NULL, NULL, NULL, NULL, '00000000-0000-0000-0000-000000000000', false, false",
    ),
    ("RecoveryUpto", "'00000005-0000-0000-0000-000000000007', 1000"),
    ("RecoveryUptoNewest", "'00000005-0000-0000-0000-000000001000', 1000"),
    ("TimelineNewest", "'00000001-0000-0000-0000-000000000007', 20000, 100"),
    ("SubjectPage", "'subject-7', 'subject-8', '', 100, NULL, NULL, false"),
    ("SubjectPage", "'subject-7', 'subject-8', '', 100, 'standard', 'staff', true"),
    ("SubjectUpto", "'subject-7', 'subject-8', '', 100"),
    ("ThrottledPage", "100, '00000001-0000-0000-0000-000000000007', 100"),
    ("ExceptionPage", "'00000006-0000-0000-0000-000000000007', 100, NULL"),
    ("BundlePage", "'00000007-0000-0000-0000-000000000007', 100, NULL, NULL"),
    (
        "Contained",
        "'00000001-0000-0000-0000-000000000007', NULL, NULL, \
      '00000001-0000-0000-0000-000000001000', 100",
    ),
    ("OwnedBy", "'00000001-0000-0000-0000-000000000007'"),
    ("Present", "ARRAY['00000001-0000-0000-0000-000000000007'::uuid]"),
    (
        "Inventory",
        "'00000003-0000-0000-0000-000000000007', 100, 'standard', NULL, NULL, NULL, \
      NULL, NULL, NULL, NULL, NULL, false, false, '00000003-0000-0000-0000-000000001000'",
    ),
    (
        "InventoryOf",
        "'00000000-0000-0000-0000-000000000000', 100, NULL, NULL, NULL, NULL, \
      NULL, NULL, 'subject-7', NULL, NULL, false, false, 'ffffffff-0000-0000-0000-000000000000'",
    ),
    (
        "InventoryState",
        "'00000000-0000-0000-0000-000000000000', 100, NULL, 'expired', NULL, NULL, \
      NULL, NULL, NULL, NULL, NULL, false, false, 'ffffffff-0000-0000-0000-000000000000'",
    ),
    (
        "InventoryUnconfirmed",
        "'00000000-0000-0000-0000-000000000000', 100, NULL, NULL, NULL, \
      NULL, NULL, NULL, NULL, NULL, NULL, true, false, 'ffffffff-0000-0000-0000-000000000000'",
    ),
    ("InventoryUpto", "'00000003-0000-0000-0000-000000000007', 1000"),
    ("InventoryUptoState", "'00000003-0000-0000-0000-000000000007', 100, 'expired'"),
    ("InventoryUptoUnconfirmed", "'00000003-0000-0000-0000-000000000007', 100"),
];

#[tokio::test]
async fn no_statement_of_the_hot_path_or_the_inventory_walks_through_a_big_table() {
    let cluster = Cluster::start(&[]).unwrap();
    let database = cluster.database().unwrap();
    drop(PostgresStore::connect(&database.address, &Options::default()).await.unwrap());
    let fill = format!("SET search_path = glassbreak; {}", include_str!("plans/fill.sql"));
    cluster.sql(&database.name, &fill).unwrap();
    let (client, connection) = tokio_postgres::connect(&database.address, NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute(SETTINGS).await.unwrap();
    client.batch_execute("SET search_path = glassbreak").await.unwrap();
    let mut wrong = Vec::new();
    // Pages, whose plans PostgreSQL makes for what is asked, and after a few times for anything.
    for mode in ["force_custom_plan", "force_generic_plan"] {
        client.batch_execute(&format!("SET plan_cache_mode = {mode}")).await.unwrap();
        for (name, given) in PAGES {
            let plan = plan(&client, text(name), Some(given)).await;
            wrong.extend(walks(&plan).map(|walk| format!("{name}, {mode}: {walk}")));
        }
    }
    // What concerns a row or two.
    client.batch_execute(POINTED).await.unwrap();
    for (name, text) in sql::NAMES.iter().zip(sql::ALL) {
        let is_page = PAGES.iter().any(|(page, _)| page == name);
        if is_page || [COMMANDS, WHOLE, IN_ORDER].concat().contains(name) {
            continue;
        }
        let plan = plan(&client, text, None).await;
        wrong.extend(walks(&plan).map(|walk| format!("{name}: {walk}")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn text(name: &str) -> &'static str {
    let place = sql::NAMES.iter().position(|known| *known == name).unwrap();
    sql::ALL[place]
}

/// The plan of a prepared statement, given these parameters, or any.
async fn plan(client: &Client, sql: &str, given: Option<&str>) -> Value {
    client.batch_execute(&format!("PREPARE asked AS {sql}")).await.unwrap();
    let count = "SELECT cardinality(parameter_types) FROM pg_prepared_statements \
                 WHERE name = 'asked'";
    let count: i32 = client.query_one(count, &[]).await.unwrap().get(0);
    let any = vec!["NULL"; usize::try_from(count).unwrap()].join(", ");
    let given = given.unwrap_or(&any);
    let given = if count == 0 { String::new() } else { format!("({given})") };
    let explain = format!("EXPLAIN (FORMAT JSON) EXECUTE asked{given}");
    let rows = client.simple_query(&explain).await.unwrap();
    client.batch_execute("DEALLOCATE asked").await.unwrap();
    let lines = rows.iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    serde_json::from_str(&lines.collect::<String>()).unwrap()
}

/// The parts of a plan that walk through a big table from its one end, with or without its index.
fn walks(plan: &Value) -> std::vec::IntoIter<String> {
    let mut found = Vec::new();
    collect(plan, &mut found);
    found.into_iter()
}

fn collect(plan: &Value, found: &mut Vec<String>) {
    match plan {
        Value::Array(all) => all.iter().for_each(|one| collect(one, found)),
        Value::Object(node) => {
            let of = |field: &str| node.get(field).and_then(Value::as_str).unwrap_or_default();
            let (kind, table) = (of("Node Type"), of("Relation Name"));
            let reads = BIG.contains(&table) && kind.ends_with("Scan");
            let by_index = node.contains_key("Index Cond") || kind == "Bitmap Heap Scan";
            // By an index that holds nothing but what is asked for, as the live ones.
            let narrow = ["_due", "_review", "_live", "_unconfirmed", "_lowered"];
            let is_narrow = narrow.iter().any(|end| of("Index Name").ends_with(end));
            if reads && !by_index && !is_narrow {
                found.push(format!("{kind} of {table} {}", of("Index Name")));
            }
            node.values().for_each(|one| collect(one, found));
        }
        _ => {}
    }
}
