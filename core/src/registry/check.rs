//! What a registry takes: requests that can be held, and steps that an entry can take.

use super::entry::{Entry, Request, Right, Step};
use super::{Date, today};
use crate::company::Field;
use crate::error::{Error, Result};

/// Is a request one that can be held?
pub(super) fn request(request: &Request, received: Date, today: Date) -> Result<()> {
    let refuse = |reason: &str| Err(Error::Registry(format!("{}: {reason}", request.right)));
    if request.by.is_empty() && request.prefixes.is_empty() {
        return refuse("say whom it is about");
    }
    if received > today {
        return refuse("it cannot have been received after today");
    }
    match (request.right, request.until) {
        (Right::Restriction, None) => return refuse("say until when it holds"),
        (Right::Restriction, Some(until)) if until < received => {
            return refuse("it ends before it was received");
        }
        (right, Some(_)) if right != Right::Restriction => {
            return refuse("only a restriction has an end");
        }
        _ => {}
    }
    match (request.right, &request.text.rectified) {
        (Right::Rectification, None) => {
            return refuse("say which field is wrong, and its right value");
        }
        (Right::Rectification, Some(_)) if request.by.is_empty() => {
            return refuse("say whose field it is");
        }
        (Right::Rectification, Some((Field::Contact, ..))) => {
            return refuse("contacts come and go with their source; withdraw instead");
        }
        (Right::Rectification, Some((Field::Name, new, _))) if new.trim().is_empty() => {
            return refuse("a company cannot be without a name");
        }
        (right, Some(_)) if right != Right::Rectification => {
            return refuse("only a rectification has a value");
        }
        _ => {}
    }
    if request.right == Right::Withdrawal && request.by.iter().all(|by| by.kind() != "email") {
        return refuse("say the e-mail address of the contact");
    }
    Ok(())
}

/// Is a step one that an entry can take, from where it is?
pub(super) fn may_take(known: &Entry, step: Step, has_reason: bool) -> Result<()> {
    let refuse = |reason: &str| Err(Error::Registry(format!("entry {} {reason}", known.entry)));
    match (known.step, step) {
        (_, Step::Received) => refuse("was received when it was recorded"),
        (Step::Lifted, _) => refuse("is lifted already"),
        (Step::Refused, _) => refuse("is refused already, and holds nothing"),
        (Step::Done, Step::Lifted) => Ok(()),
        (Step::Done, _) => refuse("is done already"),
        (_, Step::Refused | Step::Extended) if !has_reason => {
            refuse("cannot be refused or extended without a reason")
        }
        _ => Ok(()),
    }
}

/// Is this a day on which a step can have been taken? Steps may be recorded later, and in any order.
pub(super) fn check_day(known: &Entry, day: Date) -> Result<()> {
    let refuse = |reason: String| Err(Error::Registry(format!("entry {}: {reason}", known.entry)));
    if day > today() {
        return refuse(format!("a step cannot have been taken after today, on {day}"));
    }
    if day < known.received {
        let received = known.received;
        return refuse(format!("a step on {day} would be before the request, of {received}"));
    }
    Ok(())
}
