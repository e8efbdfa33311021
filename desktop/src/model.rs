//! What the screens show, in the words of the glossary. Money is exact decimal.
//!
//! Every enum is open: a value that a newer gateway adds is kept and shown by its own name.
//! The same types are stored in the cache and printed by `snapshot --json`.

mod records;
mod words;

pub use records::*;
pub use words::*;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The parts of the picture that the gateway answers and pushes on their own, in the order they
/// are asked for. Offers come last: each carries a simulation, and nothing else should wait for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Area {
    Negotiation,
    Invoices,
    Notifications,
    Health,
    Queue,
    Firings,
    Offers,
}

impl Area {
    pub const ALL: [Self; 7] = [
        Self::Negotiation,
        Self::Invoices,
        Self::Notifications,
        Self::Health,
        Self::Queue,
        Self::Firings,
        Self::Offers,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::Negotiation => "negotiation",
            Self::Invoices => "invoices",
            Self::Notifications => "notifications",
            Self::Health => "health",
            Self::Queue => "queue",
            Self::Firings => "rule firings",
            Self::Offers => "offers",
        }
    }
}

/// A value and the moment the gateway gave it to us.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stamped<T> {
    pub received_at: DateTime<Utc>,
    pub value: T,
}

/// Everything known. An area is `None` until the gateway has answered it once.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Snapshot {
    /// The inner `None`: the gateway answered that there is no negotiation yet.
    pub negotiation: Option<Stamped<Option<Box<Negotiation>>>>,
    pub invoices: Option<Stamped<InvoiceList>>,
    pub notifications: Option<Stamped<NotificationList>>,
    pub health: Option<Stamped<Health>>,
    pub queue: Option<Stamped<NotificationQueue>>,
    pub firings: Option<Stamped<FiringList>>,
    /// The inner `None`: as with `negotiation`.
    pub offers: Option<Stamped<Option<Box<OfferList>>>>,
}

/// New content of one area.
#[derive(Clone, Debug, PartialEq)]
pub enum Update {
    Negotiation(Option<Box<Negotiation>>),
    Invoices(InvoiceList),
    Notifications(NotificationList),
    Health(Box<Health>),
    Queue(Box<NotificationQueue>),
    Firings(FiringList),
    Offers(Option<Box<OfferList>>),
}

impl Update {
    pub fn area(&self) -> Area {
        match self {
            Self::Negotiation(_) => Area::Negotiation,
            Self::Invoices(_) => Area::Invoices,
            Self::Notifications(_) => Area::Notifications,
            Self::Health(_) => Area::Health,
            Self::Queue(_) => Area::Queue,
            Self::Firings(_) => Area::Firings,
            Self::Offers(_) => Area::Offers,
        }
    }
}

impl Snapshot {
    pub fn apply(&mut self, update: Update, received_at: DateTime<Utc>) {
        match update {
            Update::Negotiation(value) => {
                self.negotiation = Some(Stamped { received_at, value });
            }
            Update::Invoices(value) => self.invoices = Some(Stamped { received_at, value }),
            Update::Notifications(value) => {
                self.notifications = Some(Stamped { received_at, value });
            }
            Update::Health(value) => {
                self.health = Some(Stamped {
                    received_at,
                    value: *value,
                });
            }
            Update::Queue(value) => {
                self.queue = Some(Stamped {
                    received_at,
                    value: *value,
                });
            }
            Update::Firings(value) => self.firings = Some(Stamped { received_at, value }),
            Update::Offers(value) => self.offers = Some(Stamped { received_at, value }),
        }
    }

    pub fn negotiation(&self) -> Option<&Negotiation> {
        self.negotiation.as_ref()?.value.as_deref()
    }

    pub fn offers(&self) -> Option<&OfferList> {
        self.offers.as_ref()?.value.as_deref()
    }

    pub fn queue(&self) -> Option<&NotificationQueue> {
        Some(&self.queue.as_ref()?.value)
    }

    pub fn health(&self) -> Option<&Health> {
        Some(&self.health.as_ref()?.value)
    }

    pub fn is_empty(&self) -> bool {
        self.oldest_receipt().is_none()
    }

    /// When the oldest part of the picture was received.
    pub fn oldest_receipt(&self) -> Option<DateTime<Utc>> {
        self.receipts().min()
    }

    /// When the gateway last gave us anything.
    pub fn newest_receipt(&self) -> Option<DateTime<Utc>> {
        self.receipts().max()
    }

    fn receipts(&self) -> impl Iterator<Item = DateTime<Utc>> {
        Area::ALL
            .into_iter()
            .filter_map(|area| self.received_at(area))
    }

    pub fn received_at(&self, area: Area) -> Option<DateTime<Utc>> {
        match area {
            Area::Negotiation => self.negotiation.as_ref().map(|part| part.received_at),
            Area::Invoices => self.invoices.as_ref().map(|part| part.received_at),
            Area::Notifications => self.notifications.as_ref().map(|part| part.received_at),
            Area::Health => self.health.as_ref().map(|part| part.received_at),
            Area::Queue => self.queue.as_ref().map(|part| part.received_at),
            Area::Firings => self.firings.as_ref().map(|part| part.received_at),
            Area::Offers => self.offers.as_ref().map(|part| part.received_at),
        }
    }

    pub fn forget(&mut self, area: Area) {
        match area {
            Area::Negotiation => self.negotiation = None,
            Area::Invoices => self.invoices = None,
            Area::Notifications => self.notifications = None,
            Area::Health => self.health = None,
            Area::Queue => self.queue = None,
            Area::Firings => self.firings = None,
            Area::Offers => self.offers = None,
        }
    }
}
