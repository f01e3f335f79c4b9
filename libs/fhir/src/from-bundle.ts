import { type Envelope, FAULTS, type FaultCode } from '#contracts';
import type * as fhir4 from 'fhir/r4.js';
import { checkBundle, checkNotes } from './check-bundle.js';
import type { Complaint } from './complaint.js';
import { checkHeaders, type Headers } from './check-headers.js';
import { addContractFields } from './contract-field.js';
import { assemble } from './leaves.js';
import { idiomOf } from './encounter.js';
import { CODES } from './names.js';
import { notCarried } from './not-carried.js';
import { outcomeOfComplaints, remarksOn } from './operation-outcome.js';
import { isJson, Place } from './place.js';
import { readMessage } from './read-message.js';
import type { Representation } from './representation.js';
import { representationOf } from './representations.js';
import { openBundle, type View } from './view.js';

/** What an answer to a bundle needs to know of it. */
export interface RequestHeader {
  /** What `MessageHeader.response.identifier` of an answer names; a safety message may come without. */
  id?: string;
  /** The envelope's type. */
  event: string;
  /** Where an answer goes: `/partners/<id>`. */
  endpoint: string;
}

/** A message that came as a bundle; its envelope has still to pass the contract's own schema. */
export interface ReadBundle {
  envelope: Envelope;
  request: RequestHeader;
  /** R8: what was wrong with a safety message that is taken all the same. */
  findings: fhir4.OperationOutcomeIssue[];
  /** What the bundle says and the message does not, each with words for its sender; what it is about is not lost, but told. */
  notCarried: fhir4.OperationOutcomeIssue[];
}

/** A bundle that is no message of ours, with the answer to its sender. */
export interface RefusedBundle {
  outcome: fhir4.OperationOutcome;
  code: FaultCode;
  /** HTTP status. */
  status: number;
}

const MAX_DEPTH = 64;

/**
 * Reads a message bundle. Never throws; what it does not understand it refuses, with a pointer to it. With the headers
 * that it came with, those are held against the rules of the exchange.
 */
export function fromBundle(body: unknown, headers?: Headers): ReadBundle | RefusedBundle {
  const complaints: Complaint[] = headers ? checkHeaders(headers) : [];
  const early = shapeless(body);
  if (early) return refused([...complaints, early]);
  const view = openBundle(new Place(body as Record<string, unknown>, '', complaints));
  const representation = representationFor(view);
  if (!representation) return refused(complaints);
  checkBundle(view, representation);
  const envelope = envelopeOf(view, representation);
  const left = notCarried(view);
  if (complaints.length > 0 && !representation.safety) return refused(complaints);
  const { id, type, source } = envelope;
  return {
    envelope,
    request: { id: view.bundle.text('id') ?? id, event: type, endpoint: source },
    findings: complaints.length > 0 ? outcomeOfComplaints(complaints, 'warning').issue : [],
    notCarried: remarksOn(left),
  };
}

/** FHIR's own elements and the contract fields together; they may not contradict each other. */
function envelopeOf(view: View, representation: Representation): Envelope {
  const said = readMessage(view, representation);
  addContractFields(view.header, said);
  checkNotes(view, representation, said);
  for (const attribute of ['/id', '/source', '/type']) {
    if (!said.has(attribute))
      view.header.complain('required', `The bundle does not say the message's ${attribute.slice(1)}.`);
  }
  if (!Array.from(said.keys()).some((pointer) => /^\/data(\/|$)/.test(pointer))) {
    view.header.complain('required', 'The bundle says nothing of the message.');
  }
  const { value, whole } = assemble(said);
  if (!whole) view.header.complain('structure', 'The contract fields do not fit together.', 'extension');
  return { data: {}, ...(value as object) } as Envelope;
}

function shapeless(body: unknown): Complaint | undefined {
  if (typeof body === 'string' && body.trimStart().startsWith('<')) {
    return {
      issue: 'not-supported',
      fault: 'contract/media-type',
      diagnostics: 'XML is not read here: send application/fhir+json.',
    };
  }
  if (!isJson(body) || body['resourceType'] !== 'Bundle') {
    return {
      issue: 'structure',
      diagnostics: 'The body must be a FHIR Bundle as a JSON object.',
      pointer: '',
    };
  }
  if (isDeeper(body, MAX_DEPTH)) {
    return {
      issue: 'too-costly',
      fault: 'contract/too-deep',
      diagnostics: `The bundle is nested deeper than ${MAX_DEPTH}.`,
    };
  }
  return undefined;
}

const isDeeper = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((member) => isDeeper(member, levels - 1)));

/** A safety event at a version that we do not know is read by the one that we know (R8). */
function representationFor(view: View): Representation | undefined {
  const { header, complaints } = view;
  if (header.value['resourceType'] !== 'MessageHeader') {
    header.complain('invariant', 'The first entry must be the MessageHeader.');
    return undefined;
  }
  const coding = header.child('eventCoding');
  const type = coding?.says('system', CODES.event) ? (coding.text('code') ?? '') : '';
  const representation = representationOf(type);
  if (representation) return idiomOf(view, type, representation);
  const atFirst = representationOf(type.replace(/\d+$/, '1'));
  complaints.push({
    issue: 'not-supported',
    fault: atFirst ? 'contract/unknown-version' : 'contract/unknown-type',
    diagnostics: 'This event is not known here: GET /fhir/metadata lists the supported messages.',
    pointer: `${header.pointer}/eventCoding`,
  });
  return atFirst?.safety ? atFirst : undefined;
}

function refused(complaints: readonly Complaint[]): RefusedBundle {
  const code = complaints.find((complaint) => complaint.fault)?.fault ?? 'contract/fhir';
  return { outcome: outcomeOfComplaints(complaints), code, status: FAULTS[code].status };
}
