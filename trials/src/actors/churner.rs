use std::time::Duration;

use super::{hear, tell};
use crate::churn::Holdings;
use crate::churn::cycles::Churn;
use crate::holds_within;

/// What has ended is let go of within this time.
const SOON: Duration = Duration::from_secs(20);

/// Has everything come and go over a transport, this often to warm up and this often to count, and tells what stayed.
pub(super) fn play(words: &[String]) {
    let [transport, warm_up, cycles] = words else { panic!("churner TRANSPORT WARM_UP CYCLES") };
    let transport =
        ["tcp", "ipc", "inproc"].into_iter().find(|known| known == transport).expect("a transport");
    let [warm_up, cycles] = [warm_up, cycles].map(|number| number.parse::<usize>().expect("a number"));
    let churn = Churn::new(transport);
    (0..warm_up).for_each(|number| churn.cycle(number));
    let before = settled(&churn);
    (warm_up..warm_up + cycles).for_each(|number| churn.cycle(number));
    churn.rest();
    let mut stayed = Holdings::own().since(&before);
    holds_within(SOON, || {
        stayed = Holdings::own().since(&before);
        stayed.is_no_more()
    });
    tell(&stayed.to_string());
    hear();
}

/// What there is when nothing has changed for a while.
fn settled(churn: &Churn) -> Holdings {
    churn.rest();
    let mut last = Holdings::own();
    let mut same = 0;
    holds_within(SOON, || {
        let now = Holdings::own();
        same = if std::mem::replace(&mut last, now).since(&now).is_no_more() { same + 1 } else { 0 };
        same == 50
    });
    last
}
