//! Where the simulator and the recorded clouds differ, and why.

/// Differences of one strategy in one recording that have one reason.
pub struct Reason {
    pub recording: &'static str,
    pub strategy: &'static str,
    /// The requests, and the spells' boots.
    pub whats: &'static [&'static str],
    pub why: Why,
}

/// Why the two differ.
#[derive(Clone, Copy)]
pub enum Why {
    /// Some seconds of the recording lay outside those that are varied. It is held against the recording: with its own
    /// moments put in, what the cloud did is simulated.
    Seconds(&'static str),
    /// What the recording's operators did is not what the scenario says.
    Operators(&'static str),
    /// A rule of the cloud that the model leaves out.
    LeftOut(&'static str),
}

impl Why {
    pub fn text(self) -> &'static str {
        match self {
            Why::Seconds(text) | Why::Operators(text) | Why::LeftOut(text) => text,
        }
    }
}

impl Reason {
    /// Whether the difference is one of these.
    pub fn covers(&self, strategy: &str, what: &str) -> bool {
        self.strategy == strategy && self.whats.contains(&what)
    }
}

/// Which node is free first hangs on deploys, deletes and passes; where ties go to the lowest node, what one request
/// takes moves all later ones.
const SLOW: Why = Why::Seconds("deploys, cleans, answers and passes took longer than the variants have them");
/// The node is ours at the decision in the model; in the cloud nova-compute prepares the build first, and a mark gets in
/// between. The failed build then weighs on the node.
const MARK_IN_BETWEEN: Why =
    Why::Seconds("the mark came between the decision and Ironic's lock, so the build failed; what follows from that");
const ALTERNATE_TAKEN: Why =
    Why::Seconds("the driver's refusal took four seconds, and a later request took the alternate meanwhile");
/// `stack/play.py` spares it today.
const EVICTED_THEMSELVES: Why =
    Why::Operators("at the drain's deadline the operators deleted their own image, whose boot was under way");
/// Nova claims the machines of a request one by one, and gives them back when one is missing.
const HELD_BY_A_LARGER: Why = Why::LeftOut(
    "a request for three held the two free nodes while Nova found the third missing (r172: 3.6 s); a decision takes no time here",
);

/// All of them.
pub const DIFFERENCES: &[Reason] = &[
    Reason {
        recording: "first-free",
        strategy: "tenant",
        whats: &["r014"],
        why: SLOW,
    },
    Reason {
        recording: "first-free",
        strategy: "withdraw",
        whats: &["r006"],
        why: ALTERNATE_TAKEN,
    },
    Reason {
        recording: "first-sure",
        strategy: "withdraw",
        whats: &["r004", "r054", "r062"],
        why: MARK_IN_BETWEEN,
    },
    Reason {
        recording: "marks",
        strategy: "hidden-class",
        whats: &["r052", "r162", "r163", "r178", "r184"],
        why: SLOW,
    },
    Reason {
        recording: "marks",
        strategy: "withdraw",
        whats: &["r127", "r141"],
        why: MARK_IN_BETWEEN,
    },
    Reason {
        recording: "marks",
        strategy: "withdraw",
        whats: &["r052", "r174", "r178"],
        why: SLOW,
    },
    Reason {
        recording: "services",
        strategy: "hidden-forced",
        whats: &["boot north-3 279"],
        why: EVICTED_THEMSELVES,
    },
    Reason {
        recording: "services",
        strategy: "hidden-forced",
        whats: &["r035", "r073", "r092", "r100", "r103", "r148", "r189"],
        why: SLOW,
    },
    Reason {
        recording: "tenants",
        strategy: "tenant-closed",
        whats: &["boot metal-2 362", "boot metal-5 411"],
        why: EVICTED_THEMSELVES,
    },
    Reason {
        recording: "tenants",
        strategy: "tenant-closed",
        whats: &["r173", "r178"],
        why: HELD_BY_A_LARGER,
    },
    Reason {
        recording: "tenants",
        strategy: "tenant-closed",
        whats: &["r138", "r158", "r165", "r179", "r186"],
        why: SLOW,
    },
    Reason {
        recording: "tenants",
        strategy: "withdraw-expose",
        whats: &["r138", "r158", "r161", "r163", "r177", "r186"],
        why: SLOW,
    },
];
