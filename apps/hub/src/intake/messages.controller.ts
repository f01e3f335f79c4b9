import { Body, Controller, Get, Header, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Hub } from '../hub.js';
import { CurrentCaller, type Caller } from '../platform/auth/caller.js';
import { ProblemException } from '../platform/problem.js';
import { audit } from '../store/dead-letters.js';
import { findMessage, listMessages, readMessage, type MessageView } from '../store/read-timeline.js';
import { readRouting } from '../store/read-routing.js';
import { isUuid } from './accept.js';
import { answered, senderOf, viewerOf } from './answer.js';
import { explainRouting } from './explain-routing.js';
import type { RoutingDecision } from './route.js';

/** The HTTP door for CloudEvents, and the way to follow what came in by any door. */
@ApiTags('messages')
@ApiBearerAuth()
@Controller('v1/messages')
export class MessagesController {
  constructor(private readonly hub: Hub) {}

  @Post()
  @HttpCode(202)
  @Header('content-type', 'application/json; charset=utf-8')
  @ApiOperation({
    summary: 'Send a message',
    description: 'A CloudEvents 1.0 envelope. `?validate=only` tries without a trace.',
  })
  @ApiResponse({ status: 202, description: 'The Receipt: we have it, durably.' })
  async send(
    @Body() body: unknown,
    @CurrentCaller() caller: Caller,
    @Query('validate') validate?: string,
  ): Promise<string> {
    const submission = { text: typeof body === 'string' ? body : '', partner: senderOf(caller) };
    const { receipt } = await answered(
      this.hub.intake(submission, validate === 'only' ? { only: 'validate' } : {}),
    );
    return receipt;
  }

  @Get(':id')
  @ApiOperation({
    summary: 'One message with its deliveries and its timeline, as far as the caller may see them',
  })
  async show(@Param('id') id: string, @CurrentCaller() caller: Caller): Promise<MessageView> {
    const { pool } = this.hub.parts;
    const message = isUuid(id) ? await readMessage(pool, id, viewerOf(caller)) : undefined;
    if (!message) throw new ProblemException('infrastructure/not-found');
    if (caller.kind === 'staff') await audit(pool, caller.subject, 'message.read', id);
    return message;
  }

  @Get(':id/routing')
  @ApiOperation({
    summary: 'Why one message went where it went: for staff and its sender',
    description:
      'What matched and what did not, on which facts (none of them personal), under which rules; and whether the stored decision can be made again.',
  })
  async routing(@Param('id') id: string, @CurrentCaller() caller: Caller): Promise<unknown> {
    const viewer = viewerOf(caller);
    const stored = isUuid(id) ? await readRouting(this.hub.parts.pool, id, viewer) : undefined;
    if (!stored) throw new ProblemException('infrastructure/not-found');
    const { decision, ...message } = stored;
    const whole = viewer.partner === null;
    return {
      ...message,
      ...explainRouting(this.hub.rules.router, decision as RoutingDecision, whole),
    };
  }

  @Get()
  @ApiOperation({
    summary: 'Find messages',
    description:
      '`?source=&id=` finds one by its sender’s id; else the latest, by keyset pages (`before`, `limit`).',
  })
  async find(
    @CurrentCaller() caller: Caller,
    @Query('source') source?: string,
    @Query('id') id?: string,
    @Query('before') before?: string,
    @Query('limit') limit?: string,
  ): Promise<unknown> {
    const { pool } = this.hub.parts;
    const viewer = viewerOf(caller);
    if (source !== undefined && id !== undefined) {
      const messageId = await findMessage(pool, source, id);
      const message = messageId === undefined ? undefined : await readMessage(pool, messageId, viewer);
      if (!message) throw new ProblemException('infrastructure/not-found');
      return message;
    }
    const size = Math.min(Math.max(Number(limit ?? 50) || 50, 1), 200);
    if (before !== undefined && !isUuid(before))
      throw new ProblemException('infrastructure/bad-request', { detail: '`before` must be a messageId.' });
    const messages = await listMessages(pool, viewer, { before: before ?? null, limit: size });
    return {
      messages,
      ...(messages.length === size && {
        next: `/v1/messages?limit=${size}&before=${messages.at(-1)?.messageId}`,
      }),
    };
  }
}
