//! From what the configuration says of a sink to the sink. Connects to nobody and opens nothing.

use crate::config::{SinkConfig, Target, Transport};
use crate::host::clock::Clock;
use crate::sink::{DatagramSyslog, FileSink, JournaldSink, OtlpSink, PrometheusSink, Sink, StdoutSink, StreamSyslog};

/// The sink that was configured.
pub fn sink(config: &SinkConfig, clock: &'static dyn Clock) -> Box<dyn Sink> {
    let timeout = config.timeout;
    match &config.target {
        Target::File(target) => Box::new(FileSink::new(target.clone(), clock)),
        Target::Stdout(format) => Box::new(StdoutSink::new(*format)),
        Target::Syslog(target) => match &target.transport {
            Transport::Udp(address) => Box::new(DatagramSyslog::udp(target, address.clone(), timeout)),
            Transport::Unix(path) => Box::new(DatagramSyslog::unix(target, path, timeout)),
            Transport::Tcp(address) => Box::new(StreamSyslog::tcp(target, address.clone(), timeout, clock)),
            Transport::Tls(..) => todo!(),
        },
        Target::Journald { socket } => Box::new(JournaldSink::new(socket, timeout)),
        Target::Otlp(target) => Box::new(OtlpSink::new(target.clone(), timeout)),
        Target::Prometheus { path } => Box::new(PrometheusSink::new(path, clock)),
    }
}
