//! Sockets as streams and sinks.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt, stream};
use hubless::{Error, Message, Pair, Pull, Push, Rep, Req};
use hubless_kit::executors::poll_times;
use hubless_kit::{ALL, SOON, Site, link, linked, over};

#[over(ALL)]
async fn what_goes_into_a_sink_comes_out_of_a_stream_in_order(site: &Site) {
    let pull = Pull::builder().recv_buffer(8).build().unwrap();
    let push = Push::builder().send_buffer(4).build().unwrap();
    link(site, &pull, &push);
    let numbers: Vec<String> = (0..1000).map(|number| number.to_string()).collect();
    let sending = smol::spawn({
        let messages = stream::iter(numbers.clone()).map(|number| Ok(Message::from(number)));
        messages.forward(push.sink())
    });
    let received: Vec<Message> = pull.stream().take(1000).collect().await;
    assert_eq!(received, numbers);
    sending.await.unwrap();
}

#[over(ALL)]
fn a_stream_holds_the_socket_and_ends_when_it_is_closed(site: &Site) {
    let (left, right) = linked::<Pair, Pair>(site);
    left.send("one").unwrap();
    let mut stream = right.stream();
    assert_eq!(smol::block_on(stream.next()).unwrap(), "one");
    let handle = right.clone();
    drop(right);
    assert!(poll_times(1, stream.next()).is_none());
    handle.close(Duration::ZERO).unwrap();
    assert!(smol::block_on(stream.next()).is_none());
    assert!(smol::block_on(stream.next()).is_none());
}

#[over(ALL)]
fn requests_come_as_a_stream(site: &Site) {
    let (rep, req) = linked::<Rep, Req>(site);
    let serving = rep.stream().for_each(async |request| request.reply("pong").unwrap());
    let serving = smol::spawn(serving);
    assert_eq!(req.request("ping").unwrap(), "pong");
    drop(serving);
}

#[over(ALL)]
fn a_sink_gives_back_what_it_could_not_send(site: &Site) {
    let push = Push::new().unwrap();
    push.listen(site.address()).unwrap();
    let mut sink = push.sink();
    smol::block_on(sink.feed(Message::from("early"))).unwrap();
    assert!(poll_times(3, sink.flush()).is_none());
    push.close(SOON).unwrap();
    let unsent = smol::block_on(sink.flush()).unwrap_err();
    assert!(matches!(unsent.error, Error::Closed));
    assert_eq!(unsent.message, "early");
}
