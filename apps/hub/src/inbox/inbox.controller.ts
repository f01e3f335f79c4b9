import { Body, Controller, Get, Header, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Hub } from '../hub.js';
import { isUuid } from '../intake/accept.js';
import { answered, senderOf } from '../intake/answer.js';
import { CurrentCaller, type Caller } from '../platform/auth/caller.js';
import { jsonBody } from '../platform/http.js';
import { ProblemException } from '../platform/problem.js';
import { acknowledge, decide, fetchInbox, type InboxItem } from './inbox.js';
import { COMPLAINTS, refuse, type Complaint } from './refuse.js';

const isComplaint = (value: unknown): value is Complaint =>
  typeof value === 'string' && Object.hasOwn(COMPLAINTS, value);

const WITHDRAWN = { detail: 'This copy was withdrawn, or is not in the inbox now.' };

/** For partners without a server: they fetch, acknowledge and decide here. */
@ApiTags('inbox')
@ApiBearerAuth()
@Controller('v1/inbox')
export class InboxController {
  constructor(private readonly hub: Hub) {}

  @Get()
  @ApiOperation({
    summary: 'What waits for the caller',
    description: '`?wait=20` waits up to that many seconds (at most 30) for something to come.',
  })
  async fetch(
    @CurrentCaller() caller: Caller,
    @Req() request: FastifyRequest,
    @Query('wait') wait?: string,
  ): Promise<{ items: InboxItem[] }> {
    const seconds = Math.min(Math.max(Number(wait ?? 0) || 0, 0), 30);
    const gone = new AbortController();
    request.raw.once('close', () => gone.abort());
    const over = AbortSignal.any([gone.signal, this.hub.stopping]);
    return { items: await fetchInbox(this.hub, senderOf(caller), seconds * 1_000, over) };
  }

  @Post(':deliveryId/acknowledge')
  @HttpCode(200)
  @ApiOperation({ summary: 'Say that the copy has arrived' })
  async acknowledge(
    @Param('deliveryId') deliveryId: string,
    @CurrentCaller() caller: Caller,
  ): Promise<{ state: string }> {
    const result = isUuid(deliveryId)
      ? await acknowledge(this.hub, senderOf(caller), deliveryId)
      : 'not-found';
    if (result === 'not-found') throw this.unknown(caller);
    if (result === 'conflict') throw new ProblemException('infrastructure/conflict', WITHDRAWN);
    return { state: result };
  }

  @Post(':deliveryId/refuse')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Say that the copy cannot be taken, or never arrived',
    description:
      '{"complaint": "refused" | "undelivered", "reference"}: it is parked, and a person is told. `reference`, where the ' +
      'channel has one, says which copy is meant.',
  })
  async refuse(
    @Param('deliveryId') deliveryId: string,
    @Body() body: unknown,
    @CurrentCaller() caller: Caller,
  ): Promise<{ state: string }> {
    const partner = senderOf(caller);
    const { complaint, reference } = jsonBody(body);
    if (!isComplaint(complaint) || !(reference === undefined || typeof reference === 'string'))
      throw new ProblemException('infrastructure/bad-request', {
        detail: `complaint must be ${Object.keys(COMPLAINTS).join(' or ')}; reference, where given, is text.`,
      });
    const result = isUuid(deliveryId)
      ? await refuse(this.hub, partner, deliveryId, {
          complaint,
          ...(reference !== undefined && { reference }),
        })
      : 'not-found';
    if (result === 'not-found') throw this.unknown(caller);
    if (result === 'conflict')
      throw new ProblemException('infrastructure/conflict', {
        detail: 'Another copy of it is under way. Say it again when that has ended.',
      });
    return { state: result.state };
  }

  @Post(':deliveryId/decide')
  @HttpCode(202)
  @Header('content-type', 'application/json; charset=utf-8')
  @ApiOperation({
    summary: 'Answer a request',
    description:
      'The body is the data of the answer that the request’s contract names; of several, it is the one whose schema takes it. It becomes a message of its own.',
  })
  async decide(
    @Param('deliveryId') deliveryId: string,
    @Body() body: unknown,
    @CurrentCaller() caller: Caller,
  ): Promise<string> {
    const partner = senderOf(caller);
    const data = jsonBody(body);
    const answer = isUuid(deliveryId) ? await decide(this.hub, partner, deliveryId, data) : undefined;
    if (!answer) throw this.unknown(caller);
    if (answer === 'withdrawn') throw new ProblemException('infrastructure/conflict', WITHDRAWN);
    return (await answered(Promise.resolve(answer))).receipt;
  }

  /** Somebody speaks of a delivery that is not its own, or of none: it learns nothing, and the log keeps that it asked. */
  private unknown(caller: Caller): ProblemException {
    this.hub.parts.log.warn({ partner: senderOf(caller) }, 'inbox.unknown');
    return new ProblemException('infrastructure/not-found');
  }
}
