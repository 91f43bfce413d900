//! Who is let in through a listener: lists of users, and judges that answer at once or later.
//!
//! A listener asks when it is given an [`Admission`], by [`Endpoint::admission`](crate::Endpoint::admission),
//! [`Endpoint::admit`](crate::Endpoint::admit) and their like.
//!
//! ```
//! use hubless::admission::{Admission, Applicant, Users, Verdict};
//! use hubless::{Endpoint, Pull};
//!
//! fn judge(applicant: Applicant) -> Verdict {
//!     let from_here = applicant.peer().address.contains("127.0.0.1");
//!     if from_here { applicant.accept() } else { applicant.refuse("only from this machine") }
//! }
//!
//! let pull = Pull::new()?;
//! pull.listen(Endpoint::new("tcp://127.0.0.1:0").admit(judge))?;
//! let same = Admission::from(Users::same());
//! pull.listen(Endpoint::new("inproc://admission-example").admission(same))?;
//! # Ok::<(), hubless::Error>(())
//! ```
//!
//! A verdict cannot be made but of an applicant, so a judge cannot answer for another:
//!
//! ```compile_fail
//! use hubless::admission::{Applicant, Verdict};
//!
//! fn judge(_: Applicant) -> Verdict {
//!     Verdict::default()
//! }
//! ```

pub use hubless_transport::{Admission, Applicant, Ticket, Users, Verdict};
