//! Allotment: what a registry gave address space for.

/// What a registry gave address space for: to pass it on to customers, or for whoever holds it to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) enum Allotment {
    #[default]
    Unknown,
    ToPassOn,
    ToUse,
}

impl Allotment {
    /// By the status of a range. All registries allocate what is to be passed on and assign what is to be
    /// used; with RIPE what was allocated can be assigned as a whole to its holder, too (ripe-822, 5.5).
    pub(crate) fn of_status(status: &str) -> Self {
        let status = status.to_ascii_lowercase();
        if status.contains("assign") {
            Self::ToUse
        } else if ["alloc", "lir-partitioned", "aggregated"]
            .iter()
            .any(|word| status.contains(word))
        {
            Self::ToPassOn
        } else {
            Self::Unknown
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_allocated_is_to_be_passed_on_and_what_is_assigned_to_be_used() {
        for (status, allotment) in [
            ("ALLOCATED PA", Allotment::ToPassOn),
            ("ALLOCATED-BY-RIR", Allotment::ToPassOn),
            ("SUB-ALLOCATED PA", Allotment::ToPassOn),
            ("LIR-PARTITIONED PA", Allotment::ToPassOn),
            ("AGGREGATED-BY-LIR", Allotment::ToPassOn),
            ("ALLOCATED PORTABLE", Allotment::ToPassOn),
            ("reallocated", Allotment::ToPassOn),
            ("Direct Allocation", Allotment::ToPassOn),
            ("ALLOCATED-ASSIGNED PA", Allotment::ToUse),
            ("ASSIGNED PA", Allotment::ToUse),
            ("Assigned Anycast", Allotment::ToUse),
            ("reassignment", Allotment::ToUse),
            ("Direct Assignment", Allotment::ToUse),
            ("LEGACY", Allotment::Unknown),
        ] {
            assert_eq!(Allotment::of_status(status), allotment, "{status}");
        }
    }
}
