//! Structured messages: values as JSON, which every language reads and people can too, and
//! as postcard, which is small and quick.

use std::error::Error;
use std::time::Duration;

use hubless::{Message, Pub, Pull, Push, Rep, Req, Sub};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Job {
    id: u64,
    image: String,
    width: u32,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Price {
    bid: f64,
}

/// Each question names itself in the field `ask`.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
enum Question {
    Status { id: u64 },
    Cancel { id: u64 },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
enum Answer {
    Done,
    Waiting {
        before: usize,
    },
    /// What was asked was not understood.
    Refused {
        reason: String,
    },
}

fn main() -> Result<(), Box<dyn Error>> {
    questions_as_json()?;
    jobs_as_postcard()?;
    prices_under_topics()?;
    hubless::close_all(Duration::from_secs(1));
    Ok(())
}

fn questions_as_json() -> Result<(), Box<dyn Error>> {
    let (rep, req) = (Rep::new()?, Req::new()?);
    req.dial(rep.listen("tcp://127.0.0.1:0")?.address())?;
    let server = std::thread::spawn(move || -> Result<(), hubless::Error> {
        for request in rep.iter().take(2) {
            // A peer may send anything: what cannot be read is answered, and ends nothing.
            let answer = match from_json(request.message()) {
                Ok(Question::Status { id }) => {
                    Answer::Waiting { before: usize::from(id > 1) }
                }
                Ok(Question::Cancel { .. }) => Answer::Done,
                Err(error) => Answer::Refused { reason: error.to_string() },
            };
            request.reply(json(&answer))?;
        }
        Ok(())
    });
    let answer: Answer = from_json(&req.request(json(&Question::Status { id: 7 }))?)?;
    println!("{answer:?}");
    let answer: Answer = from_json(&req.request("{\"ask\":\"weather\"}")?)?;
    println!("{answer:?}");
    server.join().expect("it does not panic")?;
    Ok(())
}

fn jobs_as_postcard() -> Result<(), Box<dyn Error>> {
    let (push, pull) = (Push::new()?, Pull::new()?);
    push.dial(pull.listen("tcp://127.0.0.1:0")?.address())?;
    let job = Job { id: 1, image: "cat.png".into(), width: 640 };
    let message = Message::from(postcard::to_allocvec(&job)?);
    println!("{} bytes as postcard, {} as JSON", message.len(), json(&job).len());
    push.send(message)?;
    let received: Job = postcard::from_bytes(&pull.recv()?)?;
    assert_eq!(received, job);
    Ok(())
}

/// A topic is what a message begins with. It ends with a byte that no topic contains.
fn prices_under_topics() -> Result<(), Box<dyn Error>> {
    let (publisher, sub) = (Pub::new()?, Sub::new()?);
    sub.subscribe("prices/eur ")?;
    sub.dial(publisher.listen("tcp://127.0.0.1:0")?.address())?;
    publisher.wait_for_peers(1, Duration::from_secs(5))?;
    for (topic, bid) in [("prices/usd", 1.0), ("prices/eur", 1.08)] {
        publisher.send([topic.as_bytes(), b" ", &json(&Price { bid })].concat())?;
    }
    let message = sub.recv_timeout(Duration::from_secs(5))?;
    let end = message.iter().position(|byte| *byte == b' ').ok_or("it has no topic")?;
    let price: Price = serde_json::from_slice(&message[end + 1..])?;
    println!("{}: {price:?}", String::from_utf8_lossy(&message[..end]));
    Ok(())
}

/// Values of our own types always have a form in JSON.
fn json(value: &impl Serialize) -> Message {
    Message::from(serde_json::to_vec(value).expect("a value that JSON can say"))
}

fn from_json<T: DeserializeOwned>(message: &Message) -> Result<T, serde_json::Error> {
    serde_json::from_slice(message)
}
