//! What everybody who listens to the system tells it to: finds whom it concerns, and where the hint waits. Knows no
//! system.

use super::inbox::{Inbox, News};
use super::route::Routes;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// Every clone tells the same one.
#[derive(Clone)]
pub(super) struct Hearing {
    routes: Arc<RwLock<Arc<Routes>>>,
    pub(super) inbox: Inbox,
    wake: Arc<Mutex<Box<dyn Fn() + Send>>>,
}

impl Hearing {
    pub(super) fn new(wake: Box<dyn Fn() + Send>) -> Self {
        Self { routes: Arc::default(), inbox: Inbox::default(), wake: Arc::new(Mutex::new(wake)) }
    }

    /// What was asked for, and the ways to it.
    pub(super) fn routes(&self) -> Arc<Routes> {
        Arc::clone(&self.routes.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// From now on this is asked for.
    pub(super) fn ask(&self, routes: Arc<Routes>) {
        *self.routes.write().unwrap_or_else(PoisonError::into_inner) = routes;
    }

    /// Leaves news where hints wait, and wakes whoever waits for them.
    pub(super) fn tell(&self, news: &News<'_>) {
        if self.inbox.add(news) {
            (self.wake.lock().unwrap_or_else(PoisonError::into_inner))();
        }
    }
}
