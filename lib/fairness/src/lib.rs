//! Who runs next, as arithmetic: the weights of nice values, virtual run time, where a woken thread starts, and one sort key for real-time
//! and fair threads. Times are nanoseconds. The numbers are Linux's (kernel/sched/core.c, sched_prio_to_weight).
#![no_std]
#![forbid(unsafe_code)]

/// Weight of nice 0.
pub const NICE_0: u64 = 1024;
/// Weight of SCHED_IDLE.
pub const IDLE_WEIGHT: u64 = 3;

const WEIGHTS: [u32; 40] = [
    88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916, 9548, 7620, 6100, 4904, 3906, 3121, 2501, 1991, 1586, 1277, 1024,
    820, 655, 526, 423, 335, 272, 215, 172, 137, 110, 87, 70, 56, 45, 36, 29, 23, 18, 15,
];

/// The weight of a nice value; values outside −20..19 count as the nearest.
pub fn weight(nice: i32) -> u64 {
    let index = usize::try_from(nice.clamp(-20, 19) + 20).unwrap_or(20);
    u64::from(WEIGHTS[index])
}

/// Virtual time for `delta` real time at `weight`.
#[inline]
pub fn virtual_delta(delta: u64, weight: u64) -> u64 {
    if weight == NICE_0 { delta } else { delta.saturating_mul(NICE_0) / weight.max(1) }
}

/// A thread that slept gets at most this much credit.
pub const SLEEPER_CREDIT: u64 = 3_000_000;
/// A woken thread preempts the running one when it is behind by more than this.
pub const WAKEUP_GRANULARITY: u64 = 1_000_000;

/// The virtual time a woken thread starts with.
#[inline]
pub fn placed(own: u64, queue_minimum: u64) -> u64 {
    own.max(queue_minimum.saturating_sub(SLEEPER_CREDIT))
}

/// Sort key of a run queue: real-time threads (rank 0..=98, higher priority first) before fair ones (rank 100).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// 99 − priority for real-time threads, [`FAIR`] for the others.
    pub rank: u8,
    /// Arrival number among equals, or the virtual run time.
    pub order: u64,
}

/// Rank of fair threads.
pub const FAIR: u8 = 100;

impl Key {
    /// Whether a woken thread with this key takes the CPU from one that runs with `running`.
    #[inline]
    pub fn preempts(self, running: Key) -> bool {
        if self.rank != running.rank {
            return self.rank < running.rank;
        }
        self.rank == FAIR && self.order.saturating_add(WAKEUP_GRANULARITY) < running.order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_follow_nice() {
        assert_eq!(weight(0), 1024);
        assert_eq!(weight(-20), 88761);
        assert_eq!(weight(19), 15);
        assert_eq!(weight(-100), weight(-20));
        assert!(virtual_delta(1000, weight(5)) > 1000 && virtual_delta(1000, weight(-5)) < 1000);
        assert_eq!(virtual_delta(u64::MAX, 0), u64::MAX);
    }

    #[test]
    fn shares_are_by_weight() {
        // Two threads, nice 0 and 5, one always picked by least virtual time: the time splits as 1024:335.
        let (mut a, mut b, mut ran_a, mut ran_b) = (0u64, 0u64, 0u64, 0u64);
        for _ in 0..10_000 {
            if a <= b {
                ran_a += 4000;
                a += virtual_delta(4000, weight(0));
            } else {
                ran_b += 4000;
                b += virtual_delta(4000, weight(5));
            }
        }
        let ratio = ran_a * 100 / ran_b;
        assert!((300..312).contains(&ratio), "{ratio}");
    }

    #[test]
    fn keys() {
        let rt = Key { rank: 49, order: 7 };
        let fair = Key { rank: FAIR, order: 0 };
        assert!(rt < fair && rt.preempts(fair) && !fair.preempts(rt) && !rt.preempts(rt));
        assert!(fair.preempts(Key { rank: FAIR, order: 2_000_000 }));
        assert!(!fair.preempts(Key { rank: FAIR, order: 500_000 }));
        assert_eq!(placed(0, 10_000_000), 7_000_000);
        assert_eq!(placed(9_000_000, 10_000_000), 9_000_000);
    }
}
