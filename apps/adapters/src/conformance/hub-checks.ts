import { randomUUID } from 'node:crypto';
import { sourceOfPartner, type Contracts, type Envelope, type Partner } from '#contracts';
import type { DoorAnswer } from '../pickup.js';
import { failed, passed, skipped, verdict, type Check, type Found } from './check.js';
import type { Example } from './copies.js';
import type { HubAsPartner } from './hub-as-partner.js';

/** What the checks of the hub have at hand. */
export interface HubBench {
  partner: Partner;
  contracts: Contracts;
  hub: HubAsPartner;
  /** Valid examples of what the partner sends, a list for each type. */
  sends: readonly (readonly Example[])[];
}

type HubCheck = Check<HubBench>;
type Message = Envelope<Record<string, unknown>>;

/** The example as a test message of this partner's: it opens only test cases, reaches nobody and pages nobody. */
function own({ partner }: HubBench, { message }: Example, deviation: Partial<Message> = {}): Message {
  const { caseref: _, partnercaseref, causationid, ...attributes } = message;
  return {
    ...attributes,
    id: randomUUID(),
    source: sourceOfPartner(partner.id),
    time: new Date().toISOString(),
    ...(partnercaseref !== undefined && { partnercaseref: `CONFORMANCE-${randomUUID()}` }),
    ...(causationid !== undefined && { causationid: randomUUID() }),
    testflag: true,
    ...deviation,
  };
}

const isTaken = ({ status }: DoorAnswer): boolean => status === 202;

const codeOf = ({ body }: DoorAnswer): string => {
  try {
    const { code } = JSON.parse(body) as { code?: unknown };
    return typeof code === 'string' ? code : '';
  } catch {
    return '';
  }
};

const said = (answer: DoorAnswer): string => `HTTP ${answer.status} ${codeOf(answer)}`.trim();

/** Refused for what the ledger holds, such as a recall of what was never sent: the message itself is in order. */
const isInOrder = (answer: DoorAnswer): boolean => isTaken(answer) || codeOf(answer).startsWith('routing/');

/** An example of an ordinary type that the hub takes from this partner. */
async function ordinary(on: HubBench): Promise<Example | undefined> {
  for (const example of on.sends.flat().filter(({ contract }) => !contract.safety))
    if (isTaken(await on.hub.send(own(on, example), { validateOnly: true }))) return example;
  return undefined;
}

const NOTHING_ORDINARY = skipped('It sends nothing but safety messages.');

/** Sends a deviating message and says whether the answer is the expected one. */
async function expectStatus(
  on: HubBench,
  statuses: readonly number[],
  deviate: (example: Example) => Partial<Message>,
  find: (on: HubBench) => Promise<Example | undefined> = ordinary,
): Promise<Found> {
  const example = await find(on);
  if (!example) return NOTHING_ORDINARY;
  const answer = await on.hub.send(own(on, example, deviate(example)));
  return statuses.includes(answer.status) ? passed(`${said(answer)}.`) : failed(`${said(answer)}.`);
}

const good: HubCheck = {
  id: 'hub-good',
  title: 'The hub takes each type that it sends',
  expected: 'Of each type an example of the contract passes; one message is sent and gets a Receipt.',
  run: async (on) => {
    const wrong: string[] = [];
    for (const examples of on.sends) {
      const answers: DoorAnswer[] = [];
      for (const example of examples)
        answers.push(await on.hub.send(own(on, example), { validateOnly: true }));
      if (!answers.some(isInOrder))
        wrong.push(`${examples[0]?.contract.type}: ${answers[0] && said(answers[0])}`);
    }
    const example = (await ordinary(on)) ?? on.sends.flat()[0];
    const answer = example && (await on.hub.send(own(on, example)));
    if (answer && !isTaken(answer)) wrong.push(`the one that was sent: ${said(answer)}`);
    return verdict(wrong, `${on.sends.length} types pass, one was sent and has its Receipt.`);
  },
};

const repeat: HubCheck = {
  id: 'hub-duplicate',
  title: 'The hub answers a repeat with the first Receipt',
  expected: 'The same message again gets the same Receipt, byte for byte.',
  run: async (on) => {
    const example = (await ordinary(on)) ?? on.sends.flat()[0];
    if (!example) return NOTHING_ORDINARY;
    const message = own(on, example);
    const first = await on.hub.send(message);
    const second = await on.hub.send(message);
    const same = isTaken(first) && second.status === first.status && second.body === first.body;
    return same ? passed('The two Receipts are the same.') : failed(`${said(first)}, then ${said(second)}.`);
  },
};

const otherBody: HubCheck = {
  id: 'hub-id-reused',
  title: 'The hub takes no other message under the same id',
  expected: 'The same id with another body is answered with 409.',
  run: async (on) => {
    const example = await ordinary(on);
    if (!example) return NOTHING_ORDINARY;
    const message = own(on, example);
    await on.hub.send(message);
    // What it promises changes its meaning, and so its digest.
    const answer = await on.hub.send({ ...message, replyby: '2099-01-01T00:00:00Z' });
    return answer.status === 409 ? passed(`${said(answer)}.`) : failed(`${said(answer)}.`);
  },
};

const bad: HubCheck = {
  id: 'hub-bad',
  title: 'The hub says what is wrong with a bad message, and its id is not used up',
  expected: 'Without what the contract demands: 422 with a pointer. Mended under the same id: 202.',
  run: async (on) => {
    const example = await ordinary(on);
    if (!example) return NOTHING_ORDINARY;
    const message = own(on, example);
    const refused = await on.hub.send({ ...message, data: {} });
    const mended = await on.hub.send(message);
    const wrong = [
      ...(refused.status === 422 && refused.body.includes('"pointer"')
        ? []
        : [`the bad one: ${said(refused)}`]),
      ...(isTaken(mended) ? [] : [`the mended one: ${said(mended)}`]),
    ];
    return verdict(wrong, `${said(refused)}, then ${said(mended)}.`);
  },
};

const wrongVersion: HubCheck = {
  id: 'hub-wrong-version',
  title: 'The hub refuses a version that it does not know',
  expected: 'Version 99 of a type is refused as an unknown version.',
  run: (on) => expectStatus(on, [422], ({ contract }) => ({ type: `mta.${contract.type}.v99` })),
};

const late: HubCheck = {
  id: 'hub-late',
  title: 'The hub takes what comes late',
  expected: 'A message of a month ago is taken.',
  run: (on) =>
    expectStatus(on, [202], () => ({ time: new Date(Date.now() - 30 * 86_400_000).toISOString() })),
};

const outOfOrder: HubCheck = {
  id: 'hub-out-of-order',
  title: 'The hub takes an answer before its question',
  expected: 'An answer to a message that the hub does not know is taken, for people to link.',
  run: async (on) => {
    const answers = new Set(on.contracts.all.flatMap((contract) => contract.answers));
    const example = on.sends.flat().find(({ contract }) => answers.has(contract.type) && !contract.safety);
    if (!example) return skipped('It sends no answers.');
    return expectStatus(
      on,
      [202],
      () => ({ causationid: randomUUID() }),
      () => Promise.resolve(example),
    );
  },
};

const foreign: HubCheck = {
  id: 'hub-foreign-source',
  title: 'The hub takes nothing in the name of another',
  expected: 'A message whose source is another partner is answered with 403.',
  run: (on) =>
    expectStatus(on, [403], () => ({
      source: sourceOfPartner(on.partner.id === 'nkm' ? 'salus' : 'nkm'),
    })),
};

const safeguarding: HubCheck = {
  id: 'hub-safeguarding',
  title: 'The hub takes a safety message whatever it lacks',
  expected: 'Each safety type with a single field filled in is taken, and the answer says to telephone too.',
  run: async (on) => {
    const examples = on.sends.flatMap(([first]) => (first?.contract.safety ? [first] : []));
    if (examples.length === 0) return skipped('It sends no safety message.');
    const wrong: string[] = [];
    for (const example of examples) {
      const data = Object.fromEntries(Object.entries(example.message.data).slice(0, 1));
      const answer = await on.hub.send(own(on, example, { data }));
      if (!isTaken(answer)) wrong.push(`${example.contract.type}: ${said(answer)}`);
      else if (!/telephone/i.test(answer.body)) wrong.push(`${example.contract.type}: not told to telephone`);
    }
    return verdict(wrong, `${examples.length} sent, all taken.`);
  },
};

/** Everything that is held against the hub as this partner meets it. */
export const HUB_CHECKS: readonly HubCheck[] = [
  good,
  repeat,
  otherBody,
  bad,
  wrongVersion,
  late,
  outOfOrder,
  foreign,
  safeguarding,
];
