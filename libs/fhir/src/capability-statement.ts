import type * as fhir4 from 'fhir/r4.js';
import { definitionOf } from './names.js';
import { REPRESENTATIONS } from './representations.js';

/** The day on which the set of messages last changed. */
const CHANGED_ON = '2026-11-22';

/** What the hub's FHIR door takes and gives, for `GET /fhir/metadata`. `baseUrl` is that door, without a slash at its end. */
export function capabilityStatement(baseUrl: string, version: string): fhir4.CapabilityStatement {
  const types = Object.keys(REPRESENTATIONS);
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: CHANGED_ON,
    kind: 'instance',
    software: { name: 'Alliance Hub', version },
    implementation: { description: 'Alliance Hub', url: baseUrl },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json'],
    rest: [
      {
        mode: 'server',
        operation: [
          {
            name: 'process-message',
            definition: 'http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message',
            documentation:
              'Takes one message; the answer is the receipt. A business answer comes later as a message.',
          },
        ],
      },
    ],
    messaging: [
      {
        endpoint: [
          {
            protocol: { system: 'http://terminology.hl7.org/CodeSystem/message-transport', code: 'http' },
            address: `${baseUrl}/$process-message`,
          },
        ],
        supportedMessage: types.flatMap((type) =>
          (['receiver', 'sender'] as const).map((mode) => ({ mode, definition: definitionOf(type) })),
        ),
      },
    ],
  };
}
