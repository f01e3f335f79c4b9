import { randomInt, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot, sourceOfPartner, type ConsentStatus, type Envelope } from '#contracts';

/** What a test wants otherwise than the sample has it. Everything else stays valid. */
export type Deviation = Partial<Omit<Envelope, 'data'>> & {
  /** Who sends it; `source` follows. */
  from?: string;
  /** Members of `data` that replace the sample's; undefined takes one away. */
  data?: Record<string, unknown>;
  /** The status of the consent that the message states. */
  consent?: ConsentStatus;
};

export type Message = Envelope<Record<string, unknown>>;

/** A school's referral to the front door. */
export const aReferral = builder('referral.referrers-to-nkm');
/** A small charity's step-up to Salus. */
export const aStepUp = builder('step-up.ylf-to-salus');
/** The front door's step-up to the specialists. */
export const aStepUpToNelft = builder('step-up.nkm-to-nelft');
/** The specialists' step-down to the front door. */
export const aStepDown = builder('step-down.nelft-to-nkm');
/** The front door asks a charity for a mentor. */
export const aRequest = builder('intervention-requested.nkm-to-ylf');
/** A figure that Salus measured; no order, bulk. */
export const aMeasure = builder('outcome-measure.salus-to-nkm');
/** A charity fears for a child; urgent. */
export const aRiskAlert = builder('risk-alert.ylf-to-nkm');
/** The front door asks the crisis team, by day or night; urgent. */
export const aCrisisReferral = builderOf('schemas/crisis.referral/v1.examples/valid/known-person.json');
/** Salus fears that a child is hurt at home; urgent. */
export const aSafeguardingReferral = builderOf(
  'schemas/safeguarding.referral/v1.examples/valid/hit-at-home.json',
);
/** Consent is withdrawn from everybody for everything. */
export const aWithdrawal = builder('consent-changed.nkm-to-holders');

/** An answer to a step up or down, of a message that the answering partner was sent. */
export function aStepDecision(answer: {
  from: string;
  /** The messageId that it answers. */
  to: string;
  caseref?: string;
  decision?: 'accepted' | 'accepted-waiting' | 'need-info' | 'declined';
  data?: Record<string, unknown>;
}): Message {
  const now = new Date();
  return {
    specversion: '1.0',
    id: randomUUID(),
    source: sourceOfPartner(answer.from),
    type: 'mta.step.decision.v1',
    time: now.toISOString(),
    datacontenttype: 'application/json',
    causationid: answer.to,
    ...(answer.caseref !== undefined && { caseref: answer.caseref }),
    data: {
      decision: answer.decision ?? 'accepted',
      decidedAt: now.toISOString(),
      decidedBy: 'team lead',
      ...((answer.decision ?? 'accepted') === 'accepted' && { ownerFrom: now.toISOString().slice(0, 10) }),
      ...answer.data,
    },
  };
}

/** A reference of the sender's that no other test has. */
export function aReference(): string {
  return `T-${randomInt(1e9)}-${randomInt(1e9)}`;
}

/** Reads `samples/<name>.json`; each message gets an id and a case of its own, unless the test says otherwise. */
function builder(name: string): (deviation?: Deviation) => Message {
  return builderOf(`samples/${name}.json`);
}

function builderOf(file: string): (deviation?: Deviation) => Message {
  const text = readFileSync(join(projectRoot(), file), 'utf8');
  return ({ from, data = {}, consent, ...attributes } = {}) => {
    const sample = JSON.parse(text) as Message;
    const message: Message = {
      ...sample,
      id: randomUUID(),
      ...(from !== undefined && { source: sourceOfPartner(from) }),
      ...(attributes.caseref === undefined && { partnercaseref: aReference() }),
      ...attributes,
      data: { ...sample.data, ...data },
    };
    // An example's own case is none that the hub under test knows.
    if (attributes.caseref === undefined) delete message.caseref;
    else if (attributes.partnercaseref === undefined) delete message.partnercaseref;
    if (consent !== undefined) message.data.consent = { ...(sample.data.consent as object), status: consent };
    return JSON.parse(JSON.stringify(message)) as Message;
  };
}

/** "This should not have reached you", of a message and by whoever may say it. */
export function aRecall(from: string, messageId: string, data: object = {}): Message {
  return {
    specversion: '1.0',
    id: randomUUID(),
    source: `/partners/${from}`,
    type: 'mta.message.recalled.v1',
    time: new Date().toISOString(),
    data: {
      messageId,
      reason: 'wrong-person',
      instruction: 'delete',
      by: 'referral coordinator',
      at: new Date().toISOString(),
      ...data,
    },
  };
}
