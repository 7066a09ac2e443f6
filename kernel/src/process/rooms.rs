//! Stand-ins for types of rooms that are not built yet.

/// The address space of a process.
pub struct AddressSpace {}
