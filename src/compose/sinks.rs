//! From what the configuration says of a sink to the sink. Connects to nobody and opens nothing.

use crate::config::{SinkConfig, Target, Transport};
use crate::host::clock::Clock;
use crate::sink::{DatagramSyslog, FileSink, JournaldSink, OtlpSink, Sink, StdoutSink, StreamSyslog};

/// The sink that was configured; `None` for one that gets numbers and no events.
pub fn sink(config: &SinkConfig, clock: &'static dyn Clock) -> Option<Box<dyn Sink>> {
    let timeout = config.timeout;
    Some(match &config.target {
        Target::File(target) => Box::new(FileSink::new(target.clone(), clock)),
        Target::Stdout(format) => Box::new(StdoutSink::new(*format)),
        Target::Syslog(target) => match &target.transport {
            Transport::Udp(address) => Box::new(DatagramSyslog::udp(target, address.clone(), timeout)),
            Transport::Unix(path) => Box::new(DatagramSyslog::unix(target, path, timeout)),
            Transport::Tcp(address) => {
                Box::new(StreamSyslog::new(target, address.clone(), None, timeout, clock))
            }
            Transport::Tls(address, tls) => {
                Box::new(StreamSyslog::new(target, address.clone(), Some(tls.clone()), timeout, clock))
            }
        },
        Target::Journald { socket } => Box::new(JournaldSink::new(socket, timeout)),
        Target::Otlp(target) => Box::new(OtlpSink::new(target.clone(), timeout, clock)),
        Target::Prometheus { .. } => return None,
    })
}
