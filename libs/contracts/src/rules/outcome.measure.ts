import type { CodeList, ListedCode } from '../code-lists.js';
import type { OutcomeMeasureV1 } from '../generated/index.js';
import { note, refuse } from './happened.js';
import type { Rule, RuleFacts } from './rule.js';

/** An instrument as `config/code-lists/instruments.json` has it. */
interface Instrument extends ListedCode {
  versions: string[];
  raters: OutcomeMeasureV1['respondent'][];
  scales: { code: string; min: number; max: number }[];
}

const instrumentOf = (data: OutcomeMeasureV1, { codeLists }: RuleFacts): Instrument | undefined =>
  (codeLists['instruments'] as CodeList<Instrument>).codes.find(({ code }) => code === data.instrument.code);

const type = 'outcome.measure';

const scoreInRange: Rule<OutcomeMeasureV1> = {
  id: 'score-in-range',
  type,
  check: (data, facts) => {
    const scales = instrumentOf(data, facts)?.scales ?? [];
    return data.scores.flatMap(({ scale, value }, index) => {
      const range = scales.find(({ code }) => code === scale);
      return range && (value < range.min || value > range.max)
        ? [
            refuse(
              `/scores/${index}/value`,
              `A score of this scale lies between ${range.min} and ${range.max}.`,
            ),
          ]
        : [];
    });
  },
};

const scaleOfInstrument: Rule<OutcomeMeasureV1> = {
  id: 'scale-of-instrument',
  type,
  check: (data, facts) => {
    const instrument = instrumentOf(data, facts);
    if (!instrument) return [];
    return data.scores.flatMap(({ scale }, index) =>
      instrument.scales.some(({ code }) => code === scale)
        ? []
        : [
            note(
              `/scores/${index}/scale`,
              `This instrument has other scales: ${instrument.scales.map(({ code }) => code).join(', ')}.`,
            ),
          ],
    );
  },
};

const versionAndRater: Rule<OutcomeMeasureV1> = {
  id: 'instrument-use',
  type,
  check: (data, facts) => {
    const instrument = instrumentOf(data, facts);
    if (!instrument) return [];
    return [
      ...(instrument.versions.includes(data.instrument.version)
        ? []
        : [
            note(
              '/instrument/version',
              `This version is not in use. Versions are: ${instrument.versions.join(', ')}.`,
            ),
          ]),
      ...(instrument.raters.includes(data.respondent)
        ? []
        : [note('/respondent', `This instrument is answered by others: ${instrument.raters.join(', ')}.`)]),
    ];
  },
};

const administered: Rule<OutcomeMeasureV1> = {
  id: 'measure-administered',
  type,
  check: ({ administeredOn }, { today }) =>
    administeredOn > today
      ? [note('/administeredOn', 'The day lies in the future. Ask when the measure was taken.')]
      : [],
};

export const outcomeMeasureRules = [scoreInRange, scaleOfInstrument, versionAndRater, administered];
