import type { Alliance } from './alliance.js';

/**
 * R4 rests on the flag `idempotent`: a copy that may have arrived is tried again only at a partner that has it. So it
 * stands only where the conformance suite has seen that a repeat is processed once.
 */
export function checkConformance({ partners, conformance }: Alliance): string[] {
  return [
    ...Object.entries(conformance).flatMap(([file, { partner }]) =>
      file === partner
        ? []
        : [`conformance/${file}.json /partner is "${partner}": a report is named after its partner`],
    ),
    ...partners.flatMap(({ id, idempotent }, index) => {
      if (!idempotent) return [];
      const report = conformance[id];
      if (report?.checks['duplicate'] === 'passed') return [];
      const why = report
        ? `conformance/${id}.json says that its check "duplicate" has ${report.checks['duplicate'] ?? 'not been made'}`
        : `there is no conformance/${id}.json`;
      return [
        `partners.json /partners/${index}/idempotent must be false: ${why} (npx hub conformance ${id} --declare writes it)`,
      ];
    }),
  ];
}
