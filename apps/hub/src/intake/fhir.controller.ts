import { Body, Controller, Get, Header, Headers, HttpCode, Post, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type * as fhir4 from 'fhir/r4.js';
import { parseJson, type FaultCode, type Violation } from '#contracts';
import {
  acceptedResponse,
  capabilityStatement,
  duplicateOutcome,
  fromBundle,
  type AcceptedReceipt,
  type ReadBundle,
} from '#fhir';
import { Hub } from '../hub.js';
import { CurrentCaller, Open, type Caller } from '../platform/auth/caller.js';
import { Platform } from '../platform/platform.js';
import { ProblemException } from '../platform/problem.js';
import { answered, senderOf } from './answer.js';
import { refuse } from './intake.js';
import type { Submission } from './validate.js';

const FHIR_JSON = 'application/fhir+json; charset=utf-8';

/** The FHIR R4 door: a message bundle becomes our contract and goes through the same intake. */
@ApiTags('fhir')
@Controller('fhir')
export class FhirController {
  constructor(
    private readonly hub: Hub,
    private readonly platform: Platform,
  ) {}

  @Post('$process-message')
  @HttpCode(200)
  @Header('content-type', FHIR_JSON)
  @ApiBearerAuth()
  @ApiOperation({ summary: 'Send a FHIR R4 message bundle' })
  async process(
    @Body() body: unknown,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Headers() headers: Record<string, string | undefined>,
  ): Promise<string> {
    const partner = senderOf(caller);
    const text = typeof body === 'string' ? body : '';
    const parsed = parseJson(text);
    if (!parsed.value) throw await this.refused(partner, text, 'contract/not-json', parsed.detail);
    const read = fromBundle(parsed.value, headers);
    if ('outcome' in read) {
      await this.refused(partner, text, read.code);
      throw new ProblemException(read.code, { outcome: read.outcome });
    }
    const answer = await answered(
      this.hub.intake({ text, envelope: read.envelope, findings: findingsOf(read), partner }),
    );
    const receipt = JSON.parse(answer.receipt) as AcceptedReceipt;
    const told = [...read.findings, ...read.notCarried];
    if (answer.repeat) {
      reply.code(409).header('location', `/v1/messages/${receipt.messageId}`);
      return JSON.stringify(duplicateOutcome(receipt, told));
    }
    return JSON.stringify(acceptedResponse(receipt, read.request, told));
  }

  @Open()
  @Get('metadata')
  @Header('content-type', FHIR_JSON)
  @ApiOperation({ summary: 'Which messages this door understands' })
  metadata(): string {
    return JSON.stringify(capabilityStatement(`${this.platform.settings.publicUrl}/fhir`, VERSION));
  }

  private async refused(
    partner: string,
    text: string,
    code: FaultCode,
    detail?: string,
  ): Promise<ProblemException> {
    const refused = {
      code,
      violations: [],
      type: null,
      externalId: null,
      ...(detail !== undefined && { detail }),
    };
    await refuse(this.hub.intakeTools, { text, partner }, refused);
    return new ProblemException(code, { ...(detail !== undefined && { detail }) });
  }
}

const VERSION = '0.1.0';
/**
 * What the mapping found wrong with a safety message, and what of it has no place there, as findings of intake. FHIR lets
 * a reader go on without the latter, so that it waits for the front door. The mapping's words hold no values.
 */
function findingsOf({ findings, notCarried }: ReadBundle): NonNullable<Submission['findings']> {
  return [
    ...findings.map((issue) => findingOf(issue, 'fhir')),
    ...notCarried.map((issue) => ({ ...findingOf(issue, 'not-carried'), severity: 'quality' as const })),
  ];
}

function findingOf(issue: fhir4.OperationOutcomeIssue, keyword: string): Violation {
  return {
    pointer: issue.expression?.[0] ?? '',
    keyword,
    message: issue.diagnostics ?? issue.code,
    schemaPath: '#/fhir',
  };
}
