use super::*;

fn told<T: std::fmt::Debug>(read: Result<Read<T>, Vec<CsvError>>) -> Vec<String> {
    let errors = read.expect_err("the file is wrong");
    errors.iter().map(ToString::to_string).collect()
}

fn a_node() -> NodeRecord {
    NodeRecord {
        node_id: "n,\"1\"".to_owned(),
        resource_class: "big".to_owned(),
        traits: vec!["CUSTOM_A".to_owned(), "CUSTOM_B".to_owned()],
        rack: "r 1".to_owned(),
        conductor_group: "west".to_owned(),
        owner: Some("lab".to_owned()),
        available_from_ms: 1_500,
        available_until_ms: Some(2_000_001),
        class_changes: vec![(2_000, "small".to_owned()), (3_250, "big".to_owned())],
        group_changes: vec![(4_000, "east".to_owned())],
    }
}

fn a_request() -> RequestRecord {
    RequestRecord {
        request_id: "r1".to_owned(),
        arrival_ms: 10,
        start_ms: 20_000,
        hold_ms: 3_600_000,
        planned_hold_ms: Some(7_200_000),
        tenant: "t".to_owned(),
        user: String::new(),
        resource_class: "big".to_owned(),
        traits: vec![],
        count: 3,
        min_count: 2,
        kind: RequestKind::Monitoring,
        multi: Some(RequestMulti::Blazar),
        node_id: None,
        end_known: true,
        age_ms: 0,
    }
}

#[test]
fn what_is_written_reads_back() {
    let bare = NodeRecord {
        node_id: "n2".to_owned(),
        traits: vec![],
        rack: String::new(),
        conductor_group: String::new(),
        owner: None,
        available_from_ms: 0,
        available_until_ms: None,
        class_changes: vec![],
        group_changes: vec![],
        ..a_node()
    };
    let nodes = vec![a_node(), bare];
    let read = read_nodes(&write_nodes(&nodes), "nodes.csv").expect("readable");
    assert_eq!(read.records, nodes);
    assert_eq!(read.lines, [2, 3]);
    assert!(read.warnings.is_empty());

    let requests = vec![
        a_request(),
        RequestRecord {
            request_id: "r2".to_owned(),
            planned_hold_ms: None,
            kind: RequestKind::Operator,
            multi: None,
            node_id: Some("n1".to_owned()),
            end_known: false,
            age_ms: 86_400_500,
            ..a_request()
        },
    ];
    let read = read_requests(&write_requests(&requests), "requests.csv").expect("readable");
    assert_eq!(read.records, requests);

    let spells = vec![
        SpellRecord {
            node_id: "n1".to_owned(),
            start_ms: 5,
            end_ms: Some(6),
            kind: "planned".to_owned(),
            campaign: Some("spring".to_owned()),
        },
        SpellRecord {
            node_id: "n1".to_owned(),
            start_ms: 6,
            end_ms: None,
            kind: "planned".to_owned(),
            campaign: None,
        },
    ];
    let read = read_spells(&write_spells(&spells), "maintenance.csv").expect("readable");
    assert_eq!(read.records, spells);
    assert!(read.warnings.is_empty());
}

#[test]
fn optional_columns_have_defaults() {
    let read = read_nodes(b"resource_class,node_id\nbig,n1\n", "f").expect("readable");
    assert_eq!(
        read.records,
        [NodeRecord {
            node_id: "n1".to_owned(),
            resource_class: "big".to_owned(),
            traits: vec![],
            rack: String::new(),
            conductor_group: String::new(),
            owner: None,
            available_from_ms: 0,
            available_until_ms: None,
            class_changes: vec![],
            group_changes: vec![],
        }]
    );
    let text = b"request_id,arrival_s,start_s,hold_s,tenant,resource_class,count\nr,0,1.5,9,t,big,4\n";
    let read = read_requests(text, "f").expect("readable");
    let request = &read.records[0];
    assert_eq!((request.count, request.min_count), (4, 4));
    assert_eq!(request.kind, RequestKind::People);
    assert_eq!(request.start_ms, 1_500);
    assert_eq!((request.planned_hold_ms, request.user.as_str()), (None, ""));
    let read = read_spells(b"node_id,start_s,end_s\nn1,3,\n", "f").expect("readable");
    assert_eq!(read.records[0].kind, "fault");
    assert_eq!((read.records[0].end_ms, &read.records[0].campaign), (None, &None));
}

#[test]
fn a_missing_column_is_named_with_the_nearest_header() {
    let text = b"request_id,arrival,start_s,hold_s,tennant,resource_class,count\n";
    assert_eq!(
        told(read_requests(text, "r.csv")),
        [
            "r.csv:1: column `arrival_s`: the header lacks this column; add it; the nearest header is `arrival`",
            "r.csv:1: column `tenant`: the header lacks this column; add it; the nearest header is `tennant`",
        ]
    );
}

#[test]
fn empty_files_differ_from_files_without_rows() {
    assert!(told(read_nodes(b"", "n.csv"))[0].starts_with("n.csv:1: the file is empty"));
    let read = read_nodes(b"node_id,resource_class\n", "n.csv").expect("readable");
    assert!(read.records.is_empty());
    assert_eq!(read.warnings, ["n.csv:1: there is a header and no row"]);
}

#[test]
fn unknown_columns_and_a_missing_line_end_are_warned_of_once() {
    let text = b"node_id,resource_class,colour,rak\nn1,big,red,1\nn2,big,blue,2";
    let read = read_nodes(text, "n.csv").expect("readable");
    assert_eq!(read.records.len(), 2);
    assert_eq!(read.warnings.len(), 3, "{:?}", read.warnings);
    assert!(read.warnings[0].contains("`colour` is unknown and kept out"));
    assert!(read.warnings[1].contains("meant as `rack`?"));
    assert!(read.warnings[2].contains("n.csv:3: the last line has no line end"));
}

#[test]
fn foreign_bytes_name_their_line_and_column() {
    let errors = told(read_nodes(b"node_id,resource_class\nn1,big\n\"n,1\",b\xffg\n", "n.csv"));
    assert_eq!(
        errors,
        ["n.csv:3: column `resource_class`: `b\\xffg` is not UTF-8 text; save the file as UTF-8"]
    );
}

/// Reads a file of a kind, for what is wrong with it.
type Judge = fn(&[u8]) -> Vec<CsvError>;

/// What stands in each column.
type Cells = &'static [(&'static str, &'static str)];
type Damages = &'static [(&'static str, &'static [&'static str])];

/// A row of every kind of file in which all is well, with the columns that are damaged: what stands there then, and how
/// it is quoted.
const DAMAGE: &[(Judge, Cells, Damages)] = &[
    (
        |text| read_nodes(text, "f.csv").err().unwrap_or_default(),
        &[
            ("node_id", "n1"),
            ("resource_class", "big"),
            ("traits", "GPU"),
            ("rack", "r1"),
            ("conductor_group", "c"),
            ("owner", "o"),
            ("available_from_s", "1"),
            ("available_until_s", "9"),
            ("class_changes", "5:small"),
            ("group_changes", "5:d"),
        ],
        &[
            ("node_id", &["", " n", "a\u{1b}[2J", "n\u{202e}", "::error::x"]),
            ("resource_class", &["", "big ", "\u{7}", "::error::x"]),
            ("traits", &["GPU\u{1b}", "a ::error::x"]),
            ("rack", &[" r", "\u{feff}r"]),
            ("conductor_group", &["c "]),
            ("owner", &["o\u{0}"]),
            (
                "available_from_s",
                &["x", "-1", "1e3", "NaN", "0.0001", "2000000000000", "\u{1b}"],
            ),
            ("available_until_s", &["inf", "1", "0", "1,5"]),
            ("class_changes", &["5", "x:a", "5:", "5:a|5:b", "5:a|", "::"]),
            ("group_changes", &["y:a", "5: a"]),
        ],
    ),
    (
        |text| read_requests(text, "f.csv").err().unwrap_or_default(),
        &[
            ("request_id", "r1"),
            ("arrival_s", "1"),
            ("start_s", "2"),
            ("hold_s", "3"),
            ("planned_hold_s", "4"),
            ("tenant", "t"),
            ("user", "u"),
            ("resource_class", "big"),
            ("traits", "GPU"),
            ("count", "3"),
            ("min_count", "2"),
            ("kind", "people"),
            ("multi", "nova"),
        ],
        &[
            ("request_id", &["", "r ", "\u{1b}c"]),
            ("arrival_s", &["", "soon", "-0.5", "1.2345"]),
            ("start_s", &["", "0", "0x5"]),
            ("hold_s", &["", "inf", "99999999999999999999999"]),
            ("planned_hold_s", &["-1", "1h"]),
            ("tenant", &["", " t"]),
            ("user", &["u\u{2066}"]),
            ("resource_class", &["", "b\u{9b}"]),
            ("traits", &["##[group]"]),
            ("count", &["", "0", "-1", "1.5", "65536", "4294967296", "four"]),
            ("min_count", &["0", "4", "x"]),
            ("kind", &["robot", "People"]),
            ("multi", &["both"]),
        ],
    ),
    (
        |text| read_spells(text, "f.csv").err().unwrap_or_default(),
        &[
            ("node_id", "n1"),
            ("start_s", "1"),
            ("end_s", "2"),
            ("kind", "fault"),
            ("campaign", "c"),
        ],
        &[
            ("node_id", &["", "n1 "]),
            ("start_s", &["", "now", "2"]),
            ("end_s", &["1", "0", "never"]),
            ("kind", &["Fault!", "-", "\u{1b}"]),
            ("campaign", &[" c", "c\u{85}"]),
        ],
    ),
];

/// Every error of a cell names file, line, column and what to do, and quotes the cell: no letter that acts, and no more
/// than a few of them.
#[test]
fn a_damaged_cell_is_named_by_its_column_and_quoted() {
    let mut cases = 0;
    for (judge, right, damage) in DAMAGE {
        let header: Vec<&str> = right.iter().map(|(column, _)| *column).collect();
        let file = |damaged: &str, cell: &str| {
            let row = right
                .iter()
                .map(|&(column, value)| if column == damaged { cell } else { value });
            let mut text = format!("{}\n", header.join(",")).into_bytes();
            crate::import::table::push_row(&mut text, row);
            text
        };
        assert_eq!(judge(&file("", "")), []);
        for (column, cells) in *damage {
            let long = format!("\u{1b}{}", "x".repeat(100_000));
            for cell in cells.iter().copied().chain([long.as_str()]) {
                cases += 1;
                let errors = judge(&file(column, cell));
                let named = errors.iter().find(|error| {
                    // Of two times in the wrong order the later one is named.
                    error.column == *column || (*column, cell, error.column.as_str()) == ("start_s", "2", "end_s")
                });
                let error = named.unwrap_or_else(|| panic!("{column}: {cell:?}: {errors:?}"));
                let told = error.to_string();
                assert!(
                    told.starts_with("f.csv:2: column `") && !error.mend.is_empty(),
                    "{told}"
                );
                assert!(
                    told.len() < 300 && !told.chars().any(crate::kernel::text::acts),
                    "{told}"
                );
                let plain = |c: char| c == '|' || c == ':' || crate::kernel::text::acts(c);
                let first = cell.split(plain).next().unwrap_or_default();
                assert!(
                    cell.is_empty() && told.contains("empty") || told.contains(first),
                    "{told}"
                );
            }
        }
        let all: Vec<&str> = damage.iter().map(|(column, _)| *column).collect();
        assert_eq!(all, header, "every column is damaged");
    }
    assert!(cases > 90, "{cases}");
}

#[test]
fn a_cut_last_row_and_a_row_too_wide_are_named() {
    let errors = told(read_nodes(b"node_id,resource_class\nn1,big,9\nn2", "n.csv"));
    assert_eq!(
        errors,
        [
            "n.csv:2: column `resource_class`: `9` follows on it: 3 fields where the header has 2; give every row \
             one field per column, and put one that holds a comma in quotation marks",
            "n.csv:3: column `resource_class`: the row ends before it: 1 fields where the header has 2; the file looks cut \
             short: fetch it again",
        ]
    );
}

#[test]
fn every_error_of_a_row_is_told() {
    let text = b"request_id,arrival_s,start_s,hold_s,tenant,resource_class,count,min_count,kind\n\
        ,5,x,-1,,big,0,,robot\n\
        a,5,4,1,t,big,2,3,\n\
        a,5,5,1,t, big,1.5,,people\n";
    let errors = told(read_requests(text, "r"));
    let expected = [
        "r:2: column `request_id`: the field is empty",
        "r:2: column `start_s`: `x` is not a number of seconds",
        "r:2: column `hold_s`: `-1` is negative",
        "r:2: column `tenant`: the field is empty",
        "r:2: column `count`: `0` machines",
        "r:2: column `kind`: `robot` is not a kind of request",
        "r:3: column `min_count`: `3` is more than count, `2`",
        "r:3: column `start_s`: `4` is before arrival_s, `5`",
        "r:4: column `resource_class`: ` big` begins or ends with a blank",
        "r:4: column `count`: `1.5` is not a whole number",
    ];
    assert_eq!(errors.len(), expected.len(), "{errors:#?}");
    for (error, start) in errors.iter().zip(expected) {
        assert!(error.starts_with(start), "{error} / {start}");
    }
}

#[test]
fn errors_are_capped() {
    let mut text = b"node_id,start_s,end_s\n".to_vec();
    for _ in 0..30 {
        text.extend_from_slice(b"n,9,3\n");
    }
    assert_eq!(told(read_spells(&text, "m")).len(), 20);
}

#[test]
fn names_used_twice_give_both_lines() {
    let errors = told(read_nodes(b"node_id,resource_class\nn1,a\nn2,a\nn1,b\n", "n"));
    assert_eq!(
        errors,
        ["n:4: column `node_id`: `n1` is on line 2 already; give every row a name of its own"]
    );
}

#[test]
fn spells_of_one_kind_may_touch_but_not_overlap() {
    let fine = b"node_id,start_s,end_s,kind\nn1,5,9,fault\nn1,0,5,fault\nn1,0,,planned\nn2,0,,fault\n";
    assert!(read_spells(fine, "m").is_ok());
    let wrong = b"node_id,start_s,end_s,kind\nn1,0,,fault\nn1,0,1,planned\nn1,7,8,fault\nn1,9,10,fault\n";
    let errors = told(read_spells(wrong, "m"));
    assert_eq!(errors.len(), 2);
    assert!(errors[0].starts_with("m:4: column `start_s`: this `fault` spell of `n1` overlaps the one on line 2"));
    assert!(errors[1].starts_with("m:5:"));
}

#[test]
fn kinds_of_spells_are_open_but_a_strange_one_is_warned_of() {
    let read = read_spells(b"node_id,start_s,end_s,kind\na,0,1,planed\nb,0,1,planed\n", "m");
    let read = read.expect("readable");
    assert_eq!(read.warnings.len(), 1);
    assert!(read.warnings[0].contains("m:2:") && read.warnings[0].contains("meant as `planned`?"));
    let errors = told(read_spells(b"node_id,start_s,end_s,kind\na,0,1,Fault!\n", "m"));
    assert!(errors[0].contains("`Fault!` is not a kind of spell"));
}

#[test]
fn class_changes_are_in_order_and_complete() {
    for (field, part) in [
        ("5", "has no `:`"),
        ("x:a", "is not a number"),
        ("5:", "names no class"),
        ("5:a|5:b", "not later than"),
        ("5:a|", "has no `:`"),
    ] {
        for (column, what) in [("class_changes", "class"), ("group_changes", "group")] {
            let text = format!("node_id,resource_class,{column}\nn1,a,{field}\n");
            let errors = told(read_nodes(text.as_bytes(), "n"));
            assert!(
                errors[0].contains(&part.replace("class", what)),
                "{field}: {}",
                errors[0]
            );
        }
    }
}

#[test]
fn a_node_leaves_after_it_came() {
    let text = b"node_id,resource_class,available_from_s,available_until_s\nn1,a,5,5\n";
    assert!(told(read_nodes(text, "n"))[0].contains("`5` is not after available_from_s"));
}

/// Both ways of reading, and the importer, which has the same bound.
#[test]
fn more_machines_than_a_run_takes_and_names_that_command_are_refused() {
    let file = |id: &str, count: &str| {
        format!(
            "request_id,arrival_s,start_s,hold_s,planned_hold_s,tenant,user,resource_class,traits,count,min_count,kind\n\
             {id},0,0,60,,t,u,c,GPU,{count},1,people\n"
        )
    };
    let both = |text: &str| {
        let errors = read_requests(text.as_bytes(), "r.csv").err().unwrap_or_default();
        let plain: Vec<String> = errors.iter().map(ToString::to_string).collect();
        let swift = each_request(text.as_bytes(), "r.csv", &mut |_| ());
        assert_eq!(swift.is_err(), !plain.is_empty(), "{plain:?}");
        plain
    };
    assert!(both(&file("a", "65535")).is_empty());
    let many = both(&file("a", "65536"));
    assert!(many[0].contains("at most 65535"), "{many:?}");
    for name in ["::error::x", "a##[group]"] {
        let acting = both(&file(name, "1"));
        assert!(acting[0].contains("acts on what shows it"), "{acting:?}");
    }
    // In the header too, and in a column that is none of ours.
    for other in ["::error::", "other"] {
        let text = file("a", "1").replacen("kind\n", &format!("{other}\n"), 1);
        let acting = both(&text.replacen("people", "::error::x", 1));
        assert!(acting[0].contains("acts on what shows it"), "{acting:?}");
    }
    assert!(both(&file("a::b", "1")).is_empty());
}
