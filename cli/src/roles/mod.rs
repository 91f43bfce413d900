//! What each role does.

mod answer;
mod ask;
mod receive;
mod send;
mod talk;

use hubless::{Builder, Error, Pair, Pub, Pull, Push, Rep, Req, Respondent, Socket, Sub, Surveyor};

use crate::arguments::{self, Receiving, Role};
use crate::exit::Outcome;
use crate::output::Output;
use crate::session::Session;
use crate::sockets::Poll;

/// Plays the role until its end.
pub(crate) fn run(role: Role) -> Outcome {
    play(role).unwrap_or_else(|outcome| outcome)
}

fn play(role: Role) -> Result<Outcome, Outcome> {
    match role {
        Role::Push(sender) => send::run(&Push::new()?, true, sender),
        Role::Pub(sender) => send::run(&Pub::new()?, false, sender),
        Role::Pull(receiver) => {
            let socket = limited(Pull::builder(), &receiver.receiving).build()?;
            let output = Output::new(&receiver.receiving, &receiver.separation);
            Ok(receive::run(&socket, &receiver, output))
        }
        Role::Sub(sub) => {
            let output = Output::new(&sub.receiver.receiving, &sub.receiver.separation);
            let output = if sub.topic { output.with_topics(&sub.subscribe) } else { output };
            Ok(receive::run(&subscriber(&sub)?, &sub.receiver, output))
        }
        Role::Rep(replier) => {
            let builder = limited(Rep::builder(), &replier.receiving);
            let builder = replier.hops.ttl.into_iter().fold(builder, Builder::<Rep>::max_hops);
            answer::run(&builder.build()?, &replier)
        }
        Role::Respondent(replier) => {
            let builder = limited(Respondent::builder(), &replier.receiving);
            let builder = replier.hops.ttl.into_iter().fold(builder, Builder::<Respondent>::max_hops);
            answer::run(&builder.build()?, &replier)
        }
        Role::Req(req) => {
            let socket = requester(&req)?;
            ask::run(&socket, socket.clone(), ask::Answering::Once, req.asker)
        }
        Role::Surveyor(arguments::Surveyor { asker, deadline, no_early_end }) => {
            let builder = limited(Surveyor::builder(), &asker.receiving);
            let surveyor = if no_early_end { builder } else { builder.end_early() }.build()?;
            ask::run(&surveyor, Poll { surveyor: surveyor.clone(), deadline }, ask::Answering::ByMany, asker)
        }
        Role::Pair(pair) => talk::run(&pair_socket(&pair)?, true, pair.talker),
        Role::Bus(bus) => {
            talk::run(&limited(hubless::Bus::builder(), &bus.talker.receiving).build()?, false, bus.talker)
        }
    }
}

fn limited<S: Socket>(builder: Builder<S>, receiving: &Receiving) -> Builder<S> {
    receiving.max_message.into_iter().fold(builder, Builder::max_message)
}

fn subscriber(sub: &arguments::Sub) -> Result<Sub, Error> {
    let socket = limited(Sub::builder(), &sub.receiver.receiving).build()?;
    if sub.subscribe.is_empty() {
        socket.subscribe("")?;
    }
    for prefix in &sub.subscribe {
        socket.subscribe(prefix.as_encoded_bytes())?;
    }
    Ok(socket)
}

fn requester(req: &arguments::Req) -> Result<Req, Error> {
    let builder = limited(Req::builder(), &req.asker.receiving);
    match req.resend {
        None => builder,
        Some(after) if after.is_zero() => builder.no_resend(),
        Some(after) => builder.resend(after),
    }
    .build()
}

fn pair_socket(pair: &arguments::Pair) -> Result<Pair, Error> {
    let builder = limited(Pair::builder(), &pair.talker.receiving);
    let builder = if pair.version_1 { builder.version_1() } else { builder };
    pair.hops.ttl.into_iter().fold(builder, Builder::<Pair>::max_hops).build()
}

/// Waits for as many peers as the first message needs.
fn await_peers(session: &Session, socket: &impl Socket, wanted: usize) -> Result<(), Outcome> {
    if wanted > 0 {
        socket.wait_for_peers(wanted, session.progress.patience())?;
    }
    Ok(())
}
