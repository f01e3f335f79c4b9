import { Body, Controller, Get, Headers, HttpCode, Inject, Post, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiConsumes, ApiOperation, ApiTags } from '@nestjs/swagger';
import { isUtf8 } from 'node:buffer';
import type { FastifyReply } from 'fastify';
import type { BatchKind } from '#contracts';
import { Hub } from '../hub.js';
import { CurrentCaller, type Caller } from '../platform/auth/caller.js';
import { ProblemException } from '../platform/problem.js';
import { senderOf } from './answer.js';
import { MOST_ROWS, readRows } from './read-rows.js';
import { refusedFile, takeLines, takeRows, type BatchAnswer } from './take-batch.js';

/** The kinds of rows, by id. */
export const BATCH_KINDS = Symbol('batch kinds');

/** The door for files of rows: partners without a system of their own upload what they have counted. */
@ApiTags('batches')
@ApiBearerAuth()
@Controller('v1/batches')
export class BatchesController {
  constructor(
    private readonly hub: Hub,
    @Inject(BATCH_KINDS) private readonly kinds: ReadonlyMap<string, BatchKind>,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Which kinds of rows there are, and their columns' })
  list(): unknown {
    return {
      kinds: [...this.kinds.values()].map(({ id, title, contract, columns }) => ({
        kind: id,
        title,
        contract: `${contract.type}.v${contract.major}`,
        columns: columns.map(({ name, means, type, required = false }) => ({ name, means, type, required })),
      })),
    };
  }

  @Post()
  @HttpCode(200)
  @ApiConsumes('text/csv', 'application/x-ndjson')
  @ApiOperation({
    summary: 'Upload a file of rows',
    description:
      'CSV with `?kind=`, or NDJSON with a CloudEvent in each line. Each row is a message of its own and is answered; ' +
      'the same file again changes nothing. `Accept: text/csv` answers the refused rows alone, with the reason of each.',
  })
  async take(
    @Body() body: unknown,
    @CurrentCaller() caller: Caller,
    @Headers() headers: Record<string, string | undefined>,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Query('kind') kind?: string,
  ): Promise<string> {
    const partner = senderOf(caller);
    const file = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
    if (/^application\/x-ndjson\b/i.test(headers['content-type'] ?? ''))
      return json(reply, await takeLines(this.hub.intakeTools, partner, linesOf(file)));
    const known = this.kindOf(kind, partner);
    const read = readRows(file, known);
    if ('problem' in read) throw new ProblemException('contract/unreadable-file', { detail: read.problem });
    const answer = await takeRows(this.hub.intakeTools, partner, known, read);
    const refused = refusedFile(read, answer.answers);
    if (!/\btext\/csv\b/i.test(headers['accept'] ?? ''))
      return json(reply, { ...answer, ...(answer.refused > 0 && { refusedFile: refused }) });
    reply.header('content-type', 'text/csv; charset=utf-8');
    return refused;
  }

  private kindOf(name: string | undefined, partner: string): BatchKind {
    const kind = this.kinds.get(name ?? '');
    if (!kind)
      throw new ProblemException('infrastructure/bad-request', {
        detail: `Say which rows these are: ?kind= ${[...this.kinds.keys()].join(', ')}.`,
      });
    const type = `${kind.contract.type}.v${kind.contract.major}`;
    if (!this.hub.partner(partner)?.sends.includes(type))
      throw new ProblemException('identity/not-allowed', {
        detail: `This partner is not declared to send ${type}.`,
      });
    return kind;
  }
}

function linesOf(file: Buffer): string[] {
  if (!isUtf8(file))
    throw new ProblemException('contract/unreadable-file', { detail: 'The file is not UTF-8.' });
  const lines = file
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/);
  if (lines.length > MOST_ROWS + 1)
    throw new ProblemException('contract/unreadable-file', {
      detail: `The file has ${lines.length} lines; send at most ${MOST_ROWS} in one file.`,
    });
  return lines;
}

function json(reply: FastifyReply, answer: BatchAnswer & { refusedFile?: string }): string {
  reply.header('content-type', 'application/json; charset=utf-8');
  return JSON.stringify(answer);
}
