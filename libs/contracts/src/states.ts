/** The life of a delivery: one union, one table, from which `docs/states.md` is printed. */
export const DELIVERY_STATES = {
  queued: 'Behind another in its lane.',
  ready: 'May be claimed when due.',
  claimed: 'Leased to one attempt.',
  'handed-over': 'Carried; the acknowledgement comes by another door until `ackBy`.',
  blocked: 'Agreement not in force, consent not recorded, or a role without a partner.',
  parked: 'The dead letter: live, with an owner, a clock and the actions allowed.',
  acknowledged: 'Ended: the partner proved that it has the copy.',
  withheld: 'Ended: it may not be sent. The origin is told.',
  superseded: 'Ended: a repair or a redirect took its place. The origin is told.',
  discarded: 'Ended: a person decided that it is not needed. The origin is told.',
} as const;
export type DeliveryState = keyof typeof DELIVERY_STATES;

export const ENDED_STATES = ['acknowledged', 'withheld', 'superseded', 'discarded'] as const;
export type EndedState = (typeof ENDED_STATES)[number];
export type LiveState = Exclude<DeliveryState, EndedState>;

/** What may follow what, and what makes it so. A business answer that names the message ends it from any live state (R4). */
export const TRANSITIONS: Record<DeliveryState, Partial<Record<DeliveryState, string>>> = {
  queued: {
    ready: 'the one before it ends or is released',
    claimed: 'the same, but after a restore it may have been begun: its lease is judged',
    withheld: 'consent is refused or withdrawn, or its message is recalled',
    acknowledged: 'a business answer names it, or an acknowledgement of an earlier copy',
    superseded: 'redirect, where its role has another partner now',
  },
  ready: {
    claimed: 'claim',
    withheld: 'the checks say that it may not be sent',
    blocked: 'the checks say that it may not be sent yet',
    acknowledged: 'a business answer names it, or an acknowledgement of an earlier copy',
    superseded: 'redirect, where its role has another partner now',
  },
  claimed: {
    acknowledged: 'the outcome is proof of arrival',
    'handed-over': 'carried to where the partner fetches it',
    ready: 'tried again, handed back, or the lease ended unstarted',
    parked: 'refused, uncertain, a defect, or given up',
    withheld: 'the checks at dispatch say that it may not be sent',
    blocked: 'the checks at dispatch say that it may not be sent yet',
  },
  'handed-over': {
    acknowledged: 'the partner acknowledges',
    parked: '`ackBy` has passed, or it came back',
    withheld: 'it is unread, and the checks say that it may not be sent',
    blocked: 'it is unread, and the checks say that it may not be sent yet',
    superseded: 'redirect, where its role has another partner now',
  },
  blocked: {
    ready: 'the cause has ended',
    parked: 'its due time has passed',
    withheld: 'consent is refused or withdrawn, or its message is recalled',
    acknowledged: 'a business answer names it, or an acknowledgement of an earlier copy',
    superseded: 'redirect, where its role has another partner now',
  },
  parked: {
    ready: 'replay',
    superseded: 'repair or redirect',
    discarded: 'discard',
    withheld: 'consent is refused or withdrawn, or its message is recalled',
    acknowledged: 'a late outcome or a business answer proves arrival',
  },
  acknowledged: {},
  withheld: {},
  superseded: {},
  discarded: {},
};

export function mayFollow(from: DeliveryState, to: DeliveryState): boolean {
  return to in TRANSITIONS[from];
}
