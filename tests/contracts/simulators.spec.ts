import { expect, it } from '@jest/globals';
import { loadAlliance, loadContracts, type DeliveredEnvelope } from '#contracts';
import { examplesOf, workOf } from '../../apps/adapters/src/conformance/copies.js';
import { answersOwed, answerTo } from '../../apps/simulators/src/answers.js';
import { DECISIONS } from '../../apps/simulators/src/knobs.js';

const contracts = loadContracts();
const now = new Date('2026-11-23T09:00:00Z');

const problemsOf = (partner: string, copy: DeliveredEnvelope): string[] =>
  DECISIONS.flatMap((decision) =>
    Array.from({ length: answersOwed(partner, copy) }, (_, place) => {
      const answer = answerTo(partner, copy, now, { decision, place });
      const contract = answer && contracts.get(answer.type);
      if (!contract) return [`${answer?.type} is no contract`];
      const wrong = [...contracts.validateEnvelope(answer), ...contracts.validate(contract, answer)];
      return wrong.map(({ pointer, message }) => `${copy.type}, ${decision}: ${pointer} ${message}`);
    }).flat(),
  );

it.each(loadAlliance().partners.map((partner) => [partner.id, partner] as const))(
  '%s’s simulator answers whatever it may be asked with what the contract takes, however it decides',
  (id, partner) => {
    const copies = examplesOf(contracts, partner.reads).flat();
    expect(copies.flatMap((example) => problemsOf(id, workOf(partner, example).message))).toEqual([]);
  },
);
