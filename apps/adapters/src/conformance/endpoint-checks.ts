import { randomUUID } from 'node:crypto';
import type { Contract, Outcome, Partner } from '#contracts';
import type { Adapter } from '../adapter.js';
import {
  asDefect,
  attempt,
  isRefused,
  isUnanswered,
  laterWordOn,
  said,
  wordOn,
  type Carrying,
} from './attempts.js';
import { failed, passed, skipped, verdict, type Check, type Found } from './check.js';
import { aCaseRef, workOf, type Deviation, type Example } from './copies.js';
import type { Evidence } from './evidence.js';
import type { HubAsPartner } from './hub-as-partner.js';

/** What the checks of an endpoint have at hand. */
export interface EndpointBench extends Carrying {
  partner: Partner;
  /** The adapter, but that it shows credentials which are not ours. */
  stranger: Adapter;
  /** Valid examples of what it reads, a list for each type. */
  reads: readonly (readonly Example[])[];
  evidence: Evidence | undefined;
  /** The hub as this partner sees it, for what it answers. */
  hub: HubAsPartner | undefined;
}

type EndpointCheck = Check<EndpointBench>;

/** A channel that hands over: the copy lies where the partner fetches it, and its word on it comes later. */
const answersLater = ({ partner }: EndpointBench): boolean =>
  !['webhook', 'http', 'fhir'].includes(partner.channel);
/** And it goes where nobody sees it from here. */
const isUnseen = (on: EndpointBench): boolean => answersLater(on) && !on.acknowledgements;
const UNSEEN =
  'Its acknowledgements go to the hub that runs, and cannot be seen from here: stop the hub and say --side endpoint.';

/** An example that must not be refused and is none of safety: what most checks send. */
function ordinary({ reads }: EndpointBench): Example | undefined {
  return reads.flat().find(({ contract }) => !contract.safety && contract.type !== 'hub.receipt');
}

async function sendOrdinary(on: EndpointBench, deviation: Deviation): Promise<Outcome | undefined> {
  const example = ordinary(on);
  return example && wordOn(on, workOf(on.partner, example, deviation));
}

const NOTHING_ORDINARY = skipped('It reads nothing but safety messages.');

/** A copy that must be refused for good, so that a person hears of it. A receipt file can only say yes: none is a no. */
async function mustRefuse(on: EndpointBench, deviation: Deviation): Promise<Found> {
  if (isUnseen(on)) return skipped(UNSEEN);
  let outcome: Outcome | undefined;
  try {
    outcome = await sendOrdinary(on, deviation);
  } catch (error) {
    if (error instanceof RangeError) return skipped('The adapter itself does not carry such a copy.');
    throw error;
  }
  if (!outcome) return NOTHING_ORDINARY;
  if (on.partner.channel === 'sftp' && isUnanswered(outcome))
    return passed(`It got no receipt file within ${on.decideWithinMs} ms, and so a person is told.`);
  return isRefused(outcome) ? passed(`It was ${said(outcome)}.`) : failed(`It was ${said(outcome)}.`);
}

/** Copies that must not be refused, in their order. */
async function mustTake(
  on: EndpointBench,
  examples: readonly Example[],
  deviations: Deviation[],
): Promise<Found> {
  const wrong: string[] = [];
  const unanswered: string[] = [];
  const copies = examples.flatMap((example) => deviations.map((deviation) => ({ example, deviation })));
  for (const { example, deviation } of copies) {
    const outcome = await wordOn(on, workOf(on.partner, example, deviation)).catch(asDefect);
    const line = `${example.contract.type}: ${said(outcome)}`;
    if (isRefused(outcome) || outcome.class === 'defect') wrong.push(line);
    else if (on.acknowledgements && isUnanswered(outcome)) unanswered.push(line);
  }
  if (unanswered.length > 0 && (await acknowledgesOthers(on))) wrong.push(...unanswered);
  else if (unanswered.length > 0 && wrong.length === 0)
    return skipped('It acknowledges nothing at all, so nobody can tell: see the check proof.');
  if (wrong.length === 0 && isUnseen(on)) return skipped(UNSEEN);
  return verdict(wrong, `${copies.length} sent, none refused.`);
}

/** Whether silence means something: of a copy that nothing is wrong with, it says that it has it. */
async function acknowledgesOthers(on: EndpointBench): Promise<boolean> {
  const outcome = await sendOrdinary(on, {});
  return outcome?.class === 'delivered';
}

const proof: EndpointCheck = {
  id: 'proof',
  title: 'It proves that it has a good copy',
  expected:
    'One copy of each type that it reads is answered with what proves it over its channel, such as the echoed id or a receipt file.',
  run: async (on) => {
    const words: Promise<string>[] = [];
    for (const [example] of on.reads) {
      if (!example) continue;
      const work = workOf(on.partner, example);
      const outcome = await attempt(on.adapter, work).catch(asDefect);
      // Where the word comes later, the next copy does not wait for it; so nobody else would hear of a look that fails.
      words.push(
        laterWordOn(on, work, outcome).then(
          (word) => {
            const good = word.code === 'acknowledged' || (isUnanswered(word) && !on.acknowledgements);
            return good ? '' : `${example.contract.type}: ${said(word)}`;
          },
          (error: Error) =>
            `${example.contract.type}: its acknowledgement could not be looked for (${error.message})`,
        ),
      );
    }
    const wrong = (await Promise.all(words)).filter(Boolean);
    if (wrong.length === 0 && isUnseen(on)) return skipped(`${words.length} types handed over. ${UNSEEN}`);
    return verdict(wrong, `${words.length} types sent, all proven.`);
  },
};

const taken: EndpointCheck = {
  id: 'taken',
  title: 'What it says it has, it has',
  expected: 'A copy that was answered as taken stands among what its test system has processed.',
  run: async (on) => {
    if (!on.evidence) return failed(NO_EVIDENCE);
    const example = ordinary(on) ?? on.reads[0]?.[0];
    if (!example) return NOTHING_ORDINARY;
    const work = workOf(on.partner, example);
    await attempt(on.adapter, work);
    const times = await on.evidence.processed(work.deliveryId, 1);
    return times > 0 ? passed('It was processed.') : failed('It was answered and never processed.');
  },
};

const NO_EVIDENCE =
  'Nobody can see it: say --evidence <url>, a list of deliveryid and processed that its test system shows.';

const duplicate: EndpointCheck = {
  id: 'duplicate',
  title: 'It processes a repeat once',
  expected: 'The same deliveryid three times, two of them at once, is processed once and never refused.',
  run: async (on) => {
    if (!on.evidence) return failed(NO_EVIDENCE);
    const example = ordinary(on) ?? on.reads[0]?.[0];
    if (!example) return NOTHING_ORDINARY;
    const work = workOf(on.partner, example);
    const again = (): Promise<Outcome> =>
      attempt(on.adapter, { ...work, attemptId: randomUUID(), attempt: work.attempt + 1 });
    // It has the first before the others come: a file of the same name that still lies there would be no repeat.
    const outcomes = [await wordOn(on, work), ...(await Promise.all([again(), again()]))];
    const times = await on.evidence.processed(work.deliveryId, 2);
    const refused = outcomes.filter(isRefused).map((outcome) => `a repeat: ${said(outcome)}`);
    if (times > 1 && !on.partner.idempotent)
      return skipped(`It was processed ${times} times, and is not declared to know a repeat.`);
    const wrong = [...(times > 1 ? [`It was processed ${times} times`] : []), ...refused];
    return verdict(wrong, 'Sent three times, processed no more than once.');
  },
};

const inTime: EndpointCheck = {
  id: 'in-time',
  title: 'It answers in time',
  expected: 'The answer comes within half of the time that one attempt may take.',
  run: async (on) => {
    const example = ordinary(on) ?? on.reads[0]?.[0];
    if (!example) return NOTHING_ORDINARY;
    const begun = performance.now();
    await attempt(on.adapter, workOf(on.partner, example));
    const tookMs = Math.round(performance.now() - begun);
    const most = on.partner.timeoutMs / 2;
    const line = `It took ${tookMs} ms; half of the time is ${most} ms.`;
    return tookMs <= most ? passed(line) : failed(line);
  },
};

const bad: EndpointCheck = {
  id: 'bad',
  title: 'It refuses what it cannot use',
  expected: 'A copy that says nothing of what its contract demands is refused for good, not swallowed.',
  run: (on) => mustRefuse(on, { data: {} }),
};

const wrongVersion: EndpointCheck = {
  id: 'wrong-version',
  title: 'It refuses a version that it cannot read',
  expected: 'A copy of version 99 is refused for good.',
  run: (on) => {
    const type = ordinary(on)?.contract.type;
    return mustRefuse(on, { type: `mta.${type}.v99` });
  },
};

const late: EndpointCheck = {
  id: 'late',
  title: 'It takes what comes late',
  expected: 'A copy of a month ago, whose reply was due three weeks ago, is not refused.',
  run: async (on) => {
    const example = ordinary(on);
    if (!example) return NOTHING_ORDINARY;
    const ago = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString();
    return mustTake(on, [example], [{ time: ago(30), replyby: ago(21) }]);
  },
};

const outOfOrder: EndpointCheck = {
  id: 'out-of-order',
  title: 'It takes what comes out of order',
  expected:
    'The seventh message of a case, and then its sixth, are not refused: order is promised to no two partners.',
  run: async (on) => {
    const example = ordinary(on);
    if (!example) return NOTHING_ORDINARY;
    const caseref = aCaseRef();
    return mustTake(
      on,
      [example],
      [
        { caseref, caseseq: 7 },
        { caseref, caseseq: 6 },
      ],
    );
  },
};

const safeguarding: EndpointCheck = {
  id: 'safeguarding',
  title: 'It refuses no safety message for what it lacks',
  expected: 'A risk, crisis or safeguarding message with a single field filled in is not refused.',
  run: async (on) => {
    const examples = on.reads.flatMap(([first]) => (first?.contract.safety ? [first] : []));
    if (examples.length === 0) return skipped('It reads no safety message.');
    const bare = examples.map(({ contract, message }) => ({
      contract,
      message: { ...message, data: Object.fromEntries(Object.entries(message.data).slice(0, 1)) },
    }));
    return mustTake(on, bare, [{}]);
  },
};

const credentials: EndpointCheck = {
  id: 'credentials',
  title: 'It turns away a stranger',
  expected: 'A copy under credentials that are not ours is answered with 401 or 403.',
  run: async (on) => {
    if (answersLater(on)) return skipped('The server itself turns strangers away, before any copy.');
    const example = ordinary(on) ?? on.reads[0]?.[0];
    if (!example) return NOTHING_ORDINARY;
    const outcome = await attempt(on.stranger, workOf(on.partner, example));
    return outcome.class === 'refused-auth'
      ? passed(`It was ${said(outcome)}.`)
      : failed(`It was ${said(outcome)}.`);
  },
};

/** Its answer is a message of the partner's, and not a receipt of ours. */
const asksForDecision = ({ answers }: Contract): boolean =>
  answers.some((answer) => answer !== 'receipt' && answer !== 'none');

const decidesOnce: EndpointCheck = {
  id: 'decides-once',
  title: 'It decides once',
  expected: 'To a copy that asks for a decision it sends the hub one decision at most.',
  run: async (on) => {
    const asked = on.reads.flat().find(({ contract }) => asksForDecision(contract) && !contract.safety);
    if (!asked) return skipped('Nothing that it reads asks for a decision.');
    if (!on.hub) return skipped('Its answers go to the hub, which was left out.');
    const work = workOf(on.partner, asked);
    await attempt(on.adapter, work);
    const answers = await on.hub.answersTo(work.messageId, asked.contract.answers, on.decideWithinMs);
    const line =
      answers === 0 ? `No decision came within ${on.decideWithinMs} ms, so not two.` : `It sent ${answers}.`;
    return answers <= 1 ? passed(line) : failed(line);
  },
};

/** Everything that is held against a partner's endpoint, in the order in which it is told. */
export const ENDPOINT_CHECKS: readonly EndpointCheck[] = [
  proof,
  taken,
  duplicate,
  inTime,
  bad,
  wrongVersion,
  late,
  outOfOrder,
  safeguarding,
  credentials,
  decidesOnce,
];
