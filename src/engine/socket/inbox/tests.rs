use super::*;

const KEY: Key = 7;

fn pipe(slot: u32) -> PipeId {
    PipeId { slot, number: 100 + slot }
}

fn came(inboxes: &mut Inboxes<()>, slot: u32, share: Share) -> bool {
    inboxes.deliver_share(KEY, Received { body: "x".into(), pipe: pipe(slot), origin: () }, share, None)
}

fn taken(inboxes: &mut Inboxes<()>) -> Option<u32> {
    match inboxes.take(KEY) {
        Answer::Message(taken) => Some(taken.received.pipe.slot),
        _ => None,
    }
}

#[test]
fn an_inbox_is_there_until_what_came_has_been_taken() {
    let mut inboxes = Inboxes::new();
    inboxes.open(KEY, 1, 0, false);
    assert!(inboxes.deliver(KEY, Received { body: "x".into(), pipe: pipe(0), origin: () }));
    inboxes.finish(KEY, Ending::Complete);
    assert!(inboxes.has(KEY));
    assert_eq!(taken(&mut inboxes), Some(0));
    assert!(!inboxes.has(KEY));
}

fn answer(inboxes: &mut Inboxes<()>, key: Key, slot: u32, number: u32) {
    let body = number.to_be_bytes().as_slice().into();
    assert!(inboxes.deliver(key, Received { body, pipe: pipe(slot), origin: () }));
    inboxes.finish(key, Ending::Complete);
}

fn dropped(inboxes: &mut Inboxes<()>, slot: u32) -> Option<u32> {
    let (_, dropped) = inboxes.drop_answer(pipe(slot), 0, &|_| false)?;
    assert_eq!(dropped.pipe, pipe(slot));
    Some(u32::from_be_bytes(dropped.body[..].try_into().unwrap()))
}

#[test]
fn of_the_answers_of_a_peer_the_one_that_waits_longest_is_dropped_first() {
    const COUNT: u32 = 1000;
    let mut inboxes = Inboxes::new();
    // They come in another order than they were asked for, and by turns from two peers.
    let key = |number: u32| number * 7 % COUNT;
    for number in 0..COUNT {
        inboxes.open(key(number), 1, 0, false);
        answer(&mut inboxes, key(number), number % 2, number);
    }
    for number in 0..COUNT / 2 {
        assert_eq!(dropped(&mut inboxes, 0), Some(2 * number));
        assert!(matches!(inboxes.take(key(2 * number)), Answer::Ended(Ending::PeerLost)));
        // One that is taken is not dropped, and one that comes meanwhile is dropped last.
        let taken = COUNT / 2 + 2 * number + 1;
        if taken < COUNT {
            assert!(matches!(inboxes.take(key(taken)), Answer::Message(_)));
        }
        inboxes.open(COUNT + number, 1, 0, false);
        answer(&mut inboxes, COUNT + number, 1, COUNT + number);
    }
    assert_eq!(dropped(&mut inboxes, 0), None);
    let odd = (0..COUNT / 2).filter(|number| number % 2 == 1);
    for number in odd.chain(COUNT..COUNT + COUNT / 2) {
        assert_eq!(dropped(&mut inboxes, 1), Some(number));
    }
    assert_eq!((dropped(&mut inboxes, 1), inboxes.len()), (None, 0));
}

/// Drops answers one at a time, each time another has come, beside many requests that are not answered. What was searched.
fn searched(count: u32) -> usize {
    let mut inboxes = Inboxes::new();
    for key in 0..2 * count {
        inboxes.open(key, 1, 0, false);
    }
    for number in 0..count {
        answer(&mut inboxes, number, 0, number);
        if number % 3 > 0 {
            assert_eq!(dropped(&mut inboxes, 0), Some(number));
        } else {
            // This one is taken, so there are times in which nothing waits.
            assert!(matches!(inboxes.take(number), Answer::Message(_)));
        }
    }
    inboxes.searched
}

#[test]
fn dropping_one_answer_after_the_other_searches_once_however_many_requests_are_open() {
    for count in [100, 10_000] {
        let searched = searched(count);
        assert!(searched <= 4 * count as usize, "{searched} for {count}");
    }
}

#[test]
fn while_no_answer_is_dropped_their_order_is_forgotten() {
    let mut inboxes = Inboxes::new();
    for number in 0..100 {
        inboxes.open(number, 1, 0, false);
        answer(&mut inboxes, number, 0, number);
    }
    assert_eq!(dropped(&mut inboxes, 0), Some(0));
    assert!(inboxes.untaken.is_some());
    for number in 100..300 {
        inboxes.open(number, 1, 0, false);
        answer(&mut inboxes, number, 0, number);
        inboxes.take(number);
    }
    assert!(inboxes.untaken.is_none());
    assert_eq!(dropped(&mut inboxes, 0), Some(1));
}

#[test]
fn of_the_answers_to_a_survey_those_of_a_peer_that_wait_longest_are_dropped_first() {
    let mut inboxes = Inboxes::new();
    inboxes.open(KEY, 100, 0, false);
    let share = Share { asked: true, most: 50 };
    for number in 0..20_u32 {
        let body = number.to_be_bytes().as_slice().into();
        let received = Received { body, pipe: pipe(number % 2), origin: () };
        assert!(inboxes.deliver_share(KEY, received, share, None));
    }
    assert_eq!(taken(&mut inboxes), Some(0));
    assert_eq!([1, 0, 1, 0].map(|slot| dropped(&mut inboxes, slot)), [1, 2, 3, 4].map(Some));
    inboxes.close(KEY);
    assert_eq!([0, 1].map(|slot| dropped(&mut inboxes, slot)), [None; 2]);
}

#[test]
fn of_the_answers_that_have_a_taker_only_those_behind_the_next_are_dropped() {
    let mut inboxes = Inboxes::new();
    inboxes.open(KEY, 9, 0, false);
    for _ in 0..2 {
        assert!(came(&mut inboxes, 0, Share { asked: true, most: 9 }));
    }
    inboxes.expect(true);
    inboxes.open(1, 1, 0, false);
    inboxes.expect(false);
    inboxes.open(2, 1, 0, false);
    inboxes.count_taker(2, true);
    answer(&mut inboxes, 1, 0, 3);
    answer(&mut inboxes, 2, 0, 4);
    let mut drop_from =
        |from| inboxes.drop_answer(pipe(0), from, &|key| key == KEY).map(|(number, _)| number);
    assert_eq!([0, 2].map(&mut drop_from), [Some(1), None], "the second answer to the survey");
    inboxes.count_taker(2, false);
    let dropped =
        [0, 0].map(|from| inboxes.drop_answer(pipe(0), from, &|key| key == KEY).map(|(number, _)| number));
    assert_eq!(dropped, [Some(3), None], "nobody takes it any more");
}

#[test]
fn each_peer_has_its_share_and_gets_it_back_as_its_answers_are_taken() {
    let mut inboxes = Inboxes::new();
    inboxes.open(KEY, 6, 0, false);
    let (own, other) = (Share { asked: true, most: 2 }, Share { asked: false, most: 2 });
    assert_eq!([(); 3].map(|()| came(&mut inboxes, 0, own)), [true, true, false]);
    assert_eq!([8, 9, 8].map(|slot| came(&mut inboxes, slot, other)), [true, true, false]);
    assert_eq!([(); 3].map(|()| came(&mut inboxes, 1, own)), [true, true, false]);
    // All are used up, but one that was asked and has none there has a place.
    assert_eq!([(); 2].map(|()| came(&mut inboxes, 2, own)), [true, false]);
    assert_eq!([(); 3].map(|()| taken(&mut inboxes)), [Some(0), Some(0), Some(8)]);
    assert_eq!([0, 0, 0].map(|slot| came(&mut inboxes, slot, own)), [true, true, false]);
    assert_eq!([8, 9].map(|slot| came(&mut inboxes, slot, other)), [false, false]);
    while taken(&mut inboxes).is_some() {}
    assert!(inboxes.keyed[&KEY].shares.is_empty());
    assert_eq!([9, 9, 9].map(|slot| came(&mut inboxes, slot, other)), [true, true, false]);
}
