//! The messages of OTLP that a sender of logs needs, field by field as the protocol numbers them. Must not know what
//! is put into them.

use prost::Message;

/// `ExportLogsServiceRequest`.
#[derive(Clone, PartialEq, Message)]
pub struct Request {
    /// A part for each machine.
    #[prost(message, repeated, tag = "1")]
    pub resource_logs: Vec<ResourceLogs>,
}

/// `ResourceLogs`.
#[derive(Clone, PartialEq, Message)]
pub struct ResourceLogs {
    /// Where it happened.
    #[prost(message, optional, tag = "1")]
    pub resource: Option<Resource>,
    /// A part for each that tells.
    #[prost(message, repeated, tag = "2")]
    pub scope_logs: Vec<ScopeLogs>,
}

/// `Resource`.
#[derive(Clone, PartialEq, Message)]
pub struct Resource {
    /// What it is.
    #[prost(message, repeated, tag = "1")]
    pub attributes: Vec<KeyValue>,
}

/// `ScopeLogs`.
#[derive(Clone, PartialEq, Message)]
pub struct ScopeLogs {
    /// Who tells.
    #[prost(message, optional, tag = "1")]
    pub scope: Option<Scope>,
    /// What is told.
    #[prost(message, repeated, tag = "2")]
    pub log_records: Vec<Record>,
}

/// `InstrumentationScope`.
#[derive(Clone, PartialEq, Message)]
pub struct Scope {
    /// Its name.
    #[prost(string, tag = "1")]
    pub name: String,
    /// Its version.
    #[prost(string, tag = "2")]
    pub version: String,
}

/// `LogRecord`.
#[derive(Clone, PartialEq, Message)]
pub struct Record {
    /// When it happened.
    #[prost(fixed64, tag = "1")]
    pub time_unix_nano: u64,
    /// When it was seen.
    #[prost(fixed64, tag = "11")]
    pub observed_time_unix_nano: u64,
    /// How bad it is.
    #[prost(int32, tag = "2")]
    pub severity_number: i32,
    /// The same in our word.
    #[prost(string, tag = "3")]
    pub severity_text: String,
    /// The sentence.
    #[prost(message, optional, tag = "5")]
    pub body: Option<AnyValue>,
    /// All else.
    #[prost(message, repeated, tag = "6")]
    pub attributes: Vec<KeyValue>,
    /// What kind of event it is.
    #[prost(string, tag = "12")]
    pub event_name: String,
}

/// `KeyValue`.
#[derive(Clone, PartialEq, Message)]
pub struct KeyValue {
    /// The name.
    #[prost(string, tag = "1")]
    pub key: String,
    /// The value.
    #[prost(message, optional, tag = "2")]
    pub value: Option<AnyValue>,
}

impl KeyValue {
    pub(super) fn new(key: &str, value: AnyValue) -> Self {
        Self { key: key.to_owned(), value: Some(value) }
    }
}

/// `AnyValue`.
#[derive(Clone, PartialEq, Message)]
pub struct AnyValue {
    /// None for null.
    #[prost(oneof = "any_value::Value", tags = "1, 2, 3, 4, 5, 6")]
    pub value: Option<any_value::Value>,
}

/// What an [`AnyValue`] may be.
pub mod any_value {
    /// One of them.
    #[derive(Clone, PartialEq, prost::Oneof)]
    pub enum Value {
        /// A text.
        #[prost(string, tag = "1")]
        Text(String),
        /// Yes or no.
        #[prost(bool, tag = "2")]
        Truth(bool),
        /// A whole number.
        #[prost(int64, tag = "3")]
        Whole(i64),
        /// Another number.
        #[prost(double, tag = "4")]
        Real(f64),
        /// A list.
        #[prost(message, tag = "5")]
        List(super::List),
        /// Names and values.
        #[prost(message, tag = "6")]
        Members(super::Members),
    }
}

/// `ArrayValue`.
#[derive(Clone, PartialEq, Message)]
pub struct List {
    /// Its items.
    #[prost(message, repeated, tag = "1")]
    pub values: Vec<AnyValue>,
}

/// `KeyValueList`.
#[derive(Clone, PartialEq, Message)]
pub struct Members {
    /// Its members.
    #[prost(message, repeated, tag = "1")]
    pub values: Vec<KeyValue>,
}

/// `ExportLogsServiceResponse`.
#[derive(Clone, PartialEq, Message)]
pub struct Answer {
    /// What was not taken.
    #[prost(message, optional, tag = "1")]
    pub partial_success: Option<PartialSuccess>,
}

/// `ExportLogsPartialSuccess`.
#[derive(Clone, PartialEq, Message)]
pub struct PartialSuccess {
    /// How many records were not taken, now or ever.
    #[prost(int64, tag = "1")]
    pub rejected_log_records: i64,
    /// Why; or a warning, where every record was taken.
    #[prost(string, tag = "2")]
    pub error_message: String,
}
