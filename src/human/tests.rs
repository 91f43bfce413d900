use super::*;

#[test]
fn a_duration_has_three_digits_or_two_units() {
    let shown = |nanos| duration(Duration::from_nanos(nanos)).to_string();
    for (nanos, text) in [
        (0, "0 s"),
        (1, "1 ns"),
        (20_000, "20 µs"),
        (3_000_000, "3 ms"),
        (19_999_876, "20 ms"),
        (1_500_000_000, "1.5 s"),
        (2_345_678_901, "2.35 s"),
        (59_940_000_000, "59.9 s"),
        (59_960_000_000, "1 min"),
        (125_000_000_000, "2 min 5 s"),
        (3_599_400_000_000, "59 min 59 s"),
        (3_599_600_000_000, "1 h"),
        (4_829_000_000_000, "1 h 20 min"),
        (86_399_000_000_000, "1 d"),
        (187_200_000_000_000, "2 d 4 h"),
    ] {
        assert_eq!(shown(nanos), text, "{nanos} ns");
    }
    assert_eq!(duration(Duration::MAX).to_string(), "213,503,982,334,601 d 7 h");
}

#[test]
fn digits_are_grouped_where_there_are_more_than_three() {
    let shown = |number: u64| count(number).to_string();
    assert_eq!((shown(0), shown(999), shown(1000)), ("0".into(), "999".into(), "1,000".into()));
    assert_eq!(shown(u64::MAX), "18,446,744,073,709,551,615");
    assert_eq!(format!("{:>7}|{:<7}|", count(1234_u64), count(12_usize)), "  1,234|12     |");
    assert_eq!(counted(1_usize, "message").to_string(), "1 message");
    assert_eq!(counted(12_345_u32, "message").to_string(), "12,345 messages");
}

#[test]
fn bytes_are_shown_in_the_largest_unit_that_leaves_a_digit() {
    let shown = |number: u64| bytes(number).to_string();
    for (number, text) in [
        (0, "0 bytes"),
        (1, "1 byte"),
        (1023, "1,023 bytes"),
        (1024, "1 KiB"),
        (1536, "1.5 KiB"),
        (102_400, "100 KiB"),
        (209_767, "205 KiB"),
        ((1 << 20) - 1, "1 MiB"),
        (3 << 29, "1.5 GiB"),
        (u64::MAX, "16384 PiB"),
    ] {
        assert_eq!(shown(number), text, "{number}");
    }
}

#[test]
fn a_moment_is_a_date_and_a_time_in_utc() {
    let shown = |seconds, millis| {
        moment(UNIX_EPOCH + Duration::from_secs(seconds) + Duration::from_millis(millis)).to_string()
    };
    assert_eq!(shown(0, 0), "1970-01-01T00:00:00.000Z");
    assert_eq!(shown(951_782_400, 0), "2000-02-29T00:00:00.000Z");
    assert_eq!(shown(951_868_800, 0), "2000-03-01T00:00:00.000Z");
    assert_eq!(shown(1_796_061_845, 7), "2026-11-30T18:04:05.007Z");
    assert_eq!(shown(4_107_542_399, 999), "2100-02-28T23:59:59.999Z");
    assert_eq!(shown(4_107_542_400, 0), "2100-03-01T00:00:00.000Z");
    assert_eq!(moment(UNIX_EPOCH - Duration::from_secs(1)).to_string(), "1970-01-01T00:00:00.000Z");
}

#[test]
fn a_table_is_one_line_or_one_for_each_count_without_zeros() {
    let table = Table::new()
        .row("peers", 2_u32)
        .row_of_some("sent", 1200, &[(7, "7 queued".into()), (0, "0 waiting".into())])
        .row_of_some("received", 0, &[(0, "0 bytes".into())])
        .row_of_reasons("dropped", &[("closed", 12), ("stray", 0)])
        .row_of_reasons("refused", &[("denied", 1000), ("broken", 1)])
        .row_of_reasons("violations", &[("too slow", 0)]);
    let line = "peers 2; sent 1,200 (7 queued); dropped 12 (closed); refused 1,001 (1,000 denied, 1 broken)";
    assert_eq!(table.to_string(), line);
    let lines = "\
peers        2
sent     1,200  7 queued
dropped     12  closed
refused  1,001  1,000 denied, 1 broken";
    assert_eq!(format!("{table:#}"), lines);
    assert!(Table::new().is_empty() && Table::new().to_string().is_empty());
}
