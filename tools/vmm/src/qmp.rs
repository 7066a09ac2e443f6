//! The part of QEMU's monitor protocol that is used: when the guest opens a port, and why a machine stopped.

use serde_json::Value;

/// What the tool sends when the machine starts: negotiate, then ask for what was opened before events were on.
pub const GREETING: &[u8] = b"{\"execute\":\"qmp_capabilities\"}\n{\"execute\":\"query-chardev\"}\n";

/// A message that matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// The guest opened or closed the port whose device id is given.
    Port(String, bool),
    /// The machine stopped for this reason (QEMU's `ShutdownCause`).
    Shutdown(String),
    /// Several ports are open already.
    Open(Vec<String>),
}

/// Reads one line of the monitor.
pub fn parse(line: &[u8]) -> Option<Message> {
    let value: Value = serde_json::from_slice(line).ok()?;
    if let Some(event) = value.get("event").and_then(Value::as_str) {
        let data = value.get("data");
        let text = |key: &str| data?.get(key)?.as_str().map(str::to_string);
        return match event {
            "VSERPORT_CHANGE" => Some(Message::Port(text("id")?, data?.get("open")?.as_bool()?)),
            "SHUTDOWN" => Some(Message::Shutdown(text("reason").unwrap_or_default())),
            _ => None,
        };
    }
    let devices = value.get("return")?.as_array()?;
    let open = devices.iter().filter(|d| d.get("frontend-open").and_then(Value::as_bool) == Some(true));
    Some(Message::Open(open.filter_map(|d| d.get("label")?.as_str().map(str::to_string)).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_events_and_answers() {
        let port = br#"{"timestamp":{"seconds":1,"microseconds":2},"event":"VSERPORT_CHANGE","data":{"open":true,"id":"stdin"}}"#;
        assert_eq!(parse(port), Some(Message::Port("stdin".into(), true)));
        let stop = br#"{"event":"SHUTDOWN","data":{"guest":true,"reason":"guest-reset"}}"#;
        assert_eq!(parse(stop), Some(Message::Shutdown("guest-reset".into())));
        let list = br#"{"return":[{"frontend-open":true,"label":"stdin","filename":"x"},{"frontend-open":false,"label":"tty"}]}"#;
        assert_eq!(parse(list), Some(Message::Open(vec!["stdin".into()])));
        assert_eq!(parse(br#"{"return":{}}"#), None);
        assert_eq!(parse(br#"{"QMP":{"version":{}}}"#), None);
        assert_eq!(parse(b"noise"), None);
    }
}
