use super::*;

#[test]
fn a_queue_may_be_as_large_as_what_is_free_beside_it() {
    let budget = Arc::new(Budget::new(30 * PIECE));
    let mut quota = Quota::of(Arc::clone(&budget));
    // Three queues that take what they can settle at a fourth each, and as much is free.
    let mut queues = [0; 3];
    let mut grew = true;
    while grew {
        grew = false;
        for queue in &mut queues {
            if quota.has_room(*queue, 1000) {
                quota.add(1000);
                *queue += 1000;
                grew = true;
            }
        }
    }
    let fourth = 31 * PIECE / 4;
    for part in queues.into_iter().chain([quota.free()]) {
        assert!(part.abs_diff(fourth) < 5000, "{queues:?} and {} of {fourth}", quota.free());
    }
    assert!(quota.fits(0, PIECE) && quota.room(0) > 3 * PIECE && quota.room(queues[0]) < 5000);
}

#[test]
fn what_is_larger_than_can_be_counted_does_not_fit() {
    let mut quota = Quota::of(Arc::new(Budget::new(100 * PIECE)));
    quota.keep(PIECE, false);
    assert!(!quota.fits(usize::MAX / 2, usize::MAX / 2 + 1) && !quota.has_room(0, usize::MAX / 2 + 1));
}

#[test]
fn a_request_that_is_kept_counts_against_others_unless_it_is_beyond_the_limit() {
    let mut quota = Quota::of(Arc::new(Budget::new(10 * PIECE)));
    quota.keep(3 * PIECE, false);
    quota.keep(4 * PIECE, true);
    assert_eq!((quota.kept(), quota.used), (3 * PIECE, 7 * PIECE));
    assert_eq!(quota.free(), 8 * PIECE, "the one beyond the limit takes nothing");
    quota.keep_beyond(3 * PIECE);
    assert_eq!(quota.free(), 11 * PIECE);
    quota.forget(3 * PIECE, true);
    quota.forget(4 * PIECE, true);
    assert_eq!((quota.kept(), quota.used, quota.free()), (0, 0, 11 * PIECE));
}

#[test]
fn messages_that_came_back_are_counted_once_and_moving_them_frees_nothing() {
    let budget = Arc::new(Budget::new(10 * PIECE));
    let mut quota = Quota::of(Arc::clone(&budget));
    quota.add(6 * PIECE);
    quota.want();
    // They were queued, then they wait, and one after the other is queued again or refused.
    for came in 1..=6 {
        quota.take_out(PIECE);
        quota.keep_returned(came * PIECE);
    }
    for left in [5, 6, 5, 4, 5] {
        let queued = 6 - left;
        quota.keep_returned(left * PIECE);
        quota.add(queued * PIECE);
        assert_eq!(quota.free(), 5 * PIECE);
        quota.take_out(queued * PIECE);
    }
    assert!(quota.take_relief().is_none(), "nothing has come free");
    assert_eq!(quota.hand_out_returned(), 5 * PIECE);
    quota.subtract(5 * PIECE);
    assert!(quota.take_relief().is_some());
    assert_eq!((quota.used, budget.counter.free_with(0)), (0, 10 * PIECE));
}

#[test]
fn a_message_that_came_back_and_finds_no_memory_waits_beyond_the_limit_and_others_within() {
    let budget = Arc::new(Budget::new(10 * PIECE));
    let mut quota = Quota::of(Arc::clone(&budget));
    let counts = |quota: &Quota| (quota.used - quota.beyond, quota.free(), quota.excess.is_free());
    quota.keep_returned(PIECE);
    quota.keep_returned(21 * PIECE);
    assert_eq!(counts(&quota), (PIECE, 10 * PIECE, false));
    quota.keep_returned(22 * PIECE);
    // The oldest is tried, and finds no pipe; then it does.
    quota.keep_returned(21 * PIECE);
    quota.keep_returned(22 * PIECE);
    quota.keep_returned(21 * PIECE);
    assert_eq!(counts(&quota), (PIECE, 10 * PIECE, false));
    // The large one does not, and then it does.
    quota.keep_returned(PIECE);
    assert_eq!(counts(&quota), (PIECE, 10 * PIECE, true));
    quota.keep_returned(21 * PIECE);
    assert_eq!(counts(&quota), (PIECE, 10 * PIECE, false));
    quota.keep_returned(PIECE);
    assert!(quota.excess.take(None, true));
    // Only one goes beyond the limit.
    quota.keep_returned(21 * PIECE);
    assert_eq!(counts(&quota), (21 * PIECE, 0, false));
    quota.keep_returned(0);
    assert_eq!((counts(&quota).0, quota.returned_beyond), (0, 0));
    drop(quota);
    assert_eq!(budget.counter.free_with(0), 10 * PIECE);
}

#[test]
fn memory_that_somebody_waits_for_is_announced_piece_by_piece_and_once_for_each_who_waits() {
    let budget = Arc::new(Budget::new(4 * PIECE));
    let (mut a, b) = (Quota::of(Arc::clone(&budget)), Quota::of(Arc::clone(&budget)));
    a.add(4 * PIECE);
    a.subtract(2 * PIECE);
    assert_eq!(budget.counter.free_with(0), PIECE, "nobody waits, and some is kept to spare");
    a.add(2 * PIECE);
    b.want();
    a.subtract(PIECE / 2);
    assert!(a.take_relief().is_none(), "that is no piece yet");
    a.subtract(PIECE);
    assert!(a.take_relief().is_some());
    a.subtract(PIECE);
    assert!(a.take_relief().is_none(), "nobody has been refused since");
    drop((a, b));
    assert_eq!(budget.counter.free_with(0), 4 * PIECE);
}

#[test]
fn what_is_beyond_the_limit_takes_nothing_from_the_others() {
    let budget = Arc::new(Budget::new(4 * PIECE));
    let mut quota = Quota::of(Arc::clone(&budget));
    quota.add(2 * PIECE);
    let free = (budget.counter.free_with(0), quota.room(0));
    quota.goes_beyond(0, 100 * PIECE);
    quota.add(100 * PIECE);
    assert_eq!((budget.counter.free_with(0), quota.room(0)), free);
    // It is delivered and taken.
    quota.subtract(100 * PIECE);
    quota.goes_beyond(100 * PIECE, 0);
    assert_eq!((budget.counter.free_with(0), quota.room(0)), free);
    quota.goes_beyond(0, PIECE);
    quota.add(PIECE);
    // It stays, and nothing of it is beyond the limit any more.
    quota.goes_beyond(PIECE, 0);
    assert_eq!(budget.counter.free_with(0), free.0 - PIECE);
    drop(quota);
    assert_eq!(budget.counter.free_with(0), 4 * PIECE);
}

#[test]
fn what_leaves_of_a_message_beyond_the_limit_gives_back_no_piece_and_takes_none() {
    let budget = Arc::new(Budget::new(4 * PIECE));
    let mut quota = Quota::of(Arc::clone(&budget));
    quota.add(2 * PIECE);
    let free = (budget.counter.free_with(0), quota.room(0));
    quota.goes_beyond(0, 100 * PIECE);
    quota.add(100 * PIECE);
    quota.want();
    for left in (0..100).rev() {
        quota.subtract_beyond(PIECE, ((left + 1) * PIECE, left * PIECE));
        assert_eq!((budget.counter.free_with(0), quota.room(0)), free);
    }
    assert!(quota.take_relief().is_none(), "nothing has come free");
    quota.subtract_beyond(2 * PIECE, (0, 0));
    assert!(quota.take_relief().is_some());
}

#[test]
fn what_is_set_aside_for_pipes_is_given_back_with_them() {
    let budget = Arc::new(Budget::new(4 * PIECE));
    let mut quota = Quota::of(Arc::clone(&budget));
    let pipes = 2 * PIECE / (2 * RESERVE);
    quota.set_aside(pipes);
    assert_eq!(budget.counter.free_with(0), 3 * PIECE);
    // With nothing but that, no more is kept to spare.
    quota.add(2 * PIECE);
    quota.subtract(2 * PIECE);
    assert_eq!(budget.counter.free_with(0), 3 * PIECE);
    quota.set_aside(0);
    assert_eq!(budget.counter.free_with(0), 4 * PIECE);
}

#[test]
fn reserves_leave_half_of_the_limit_however_many_pipes_there_are() {
    let budget = Arc::new(Budget::new(40 * PIECE));
    let [mut a, mut b] = [(); 2].map(|()| Quota::of(Arc::clone(&budget)));
    for pipes in [1, 100, 10_000, 500, 100_000] {
        a.set_aside(pipes);
        b.set_aside(pipes);
        assert!(budget.counter.free_with(0) >= 20 * PIECE, "{pipes}: {}", budget.counter.free_with(0));
    }
    assert!(b.has_room(0, 9 * PIECE));
    b.set_aside(1);
    drop(a);
    assert_eq!(budget.counter.free_with(0), 40 * PIECE);
    // What one has given back, another may set aside.
    b.set_aside(10 * PIECE / (2 * RESERVE));
    assert_eq!(budget.counter.free_with(0), 31 * PIECE);
}

#[test]
fn ten_thousand_idle_pipes_leave_room_for_the_largest_messages_by_default() {
    const MEGABYTE: usize = 1 << 20;
    let mut quota = Quota::of(Arc::new(Budget::new(512 * MEGABYTE)));
    quota.set_aside(10_000);
    assert!(quota.has_room(0, 16 * MEGABYTE) && quota.room(0) > 240 * MEGABYTE);
}

#[test]
fn a_piece_that_was_drawn_beyond_the_limit_is_free_for_nobody() {
    let budget = Arc::new(Budget::new(4 * PIECE));
    let [mut a, mut b] = [(); 2].map(|()| Quota::of(Arc::clone(&budget)));
    a.add(5 * PIECE);
    b.add(PIECE);
    // It is for a reserve.
    b.add(RESERVE);
    assert_eq!((b.free(), b.room(0), a.free()), (0, 0, 0));
    a.subtract(2 * PIECE);
    a.give_back();
    assert_eq!(b.free(), 2 * PIECE - RESERVE);
}

#[test]
fn a_socket_at_a_border_does_not_go_to_and_fro() {
    let budget = Arc::new(Budget::new(100 * PIECE));
    let mut quota = Quota::of(Arc::clone(&budget));
    quota.add(2 * PIECE + 1);
    for _ in 0..10 {
        quota.subtract(2);
        quota.add(2);
        assert_eq!(budget.counter.free_with(0), 98 * PIECE);
    }
    quota.subtract(2 * PIECE + 1);
    assert_eq!(budget.counter.free_with(0), 100 * PIECE);
}
