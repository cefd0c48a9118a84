//! What MITRE ATT&CK calls the techniques that shipped rules name. Must not know which rule names which.
//!
//! Names as Enterprise ATT&CK has them: version 18.1, and version 19.1 for what that added.

/// Id and name, by id.
const NAMES: &[(&str, &str)] = &[
    ("T1036", "Masquerading"),
    ("T1036.005", "Match Legitimate Resource Name or Location"),
    ("T1053", "Scheduled Task/Job"),
    ("T1055", "Process Injection"),
    ("T1059", "Command and Scripting Interpreter"),
    ("T1059.007", "JavaScript"),
    ("T1070", "Indicator Removal"),
    ("T1195", "Supply Chain Compromise"),
    ("T1195.001", "Compromise Software Dependencies and Development Tools"),
    ("T1195.002", "Compromise Software Supply Chain"),
    ("T1203", "Exploitation for Client Execution"),
    ("T1222", "File and Directory Permissions Modification"),
    ("T1222.002", "Linux and Mac File and Directory Permissions Modification"),
    ("T1485", "Data Destruction"),
    ("T1497", "Virtualization/Sandbox Evasion"),
    ("T1497.003", "Time Based Checks"),
    ("T1528", "Steal Application Access Token"),
    ("T1543", "Create or Modify System Process"),
    ("T1543.002", "Systemd Service"),
    ("T1546", "Event Triggered Execution"),
    ("T1550", "Use Alternate Authentication Material"),
    ("T1550.001", "Application Access Token"),
    ("T1552", "Unsecured Credentials"),
    ("T1552.001", "Credentials In Files"),
    ("T1553", "Subvert Trust Controls"),
    ("T1553.004", "Install Root Certificate"),
    ("T1554", "Compromise Host Software Binary"),
    ("T1556", "Modify Authentication Process"),
    ("T1557", "Adversary-in-the-Middle"),
    ("T1562", "Impair Defenses"),
    ("T1562.001", "Disable or Modify Tools"),
    ("T1564", "Hide Artifacts"),
    ("T1564.001", "Hidden Files and Directories"),
    ("T1565", "Data Manipulation"),
    ("T1565.001", "Stored Data Manipulation"),
    ("T1574", "Hijack Execution Flow"),
    ("T1574.006", "Dynamic Linker Hijacking"),
    ("T1574.007", "Path Interception by PATH Environment Variable"),
    ("T1685", "Disable or Modify Tools"),
];

/// The technique's name; `None` for one that only a rule of one's own names.
pub(super) fn name(id: &str) -> Option<&'static str> {
    NAMES.binary_search_by_key(&id, |(id, _)| id).ok().and_then(|at| NAMES.get(at)).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_sorted_and_distinct() {
        assert!(NAMES.is_sorted_by(|(one, _), (other, _)| one < other));
        assert_eq!(name("T1195.002"), Some("Compromise Software Supply Chain"));
        assert_eq!(name("T9999"), None);
    }
}
