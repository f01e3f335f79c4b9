import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Hub } from '../hub.js';
import { isUuid } from '../intake/accept.js';
import { CurrentCaller, StaffOnly, type Caller } from '../platform/auth/caller.js';
import { jsonBody } from '../platform/http.js';
import { ProblemException } from '../platform/problem.js';
import { audit, type DeadLetter } from '../store/dead-letters.js';
import { readRefusals } from '../store/refusals.js';
import { actionsFor, discard, release, replay, type DeskResult } from './desk.js';
import { readDesk, readLetter, redirect } from './redirect.js';

type Action = (hub: Hub, deliveryId: string, by: string, reason: string) => Promise<DeskResult>;

/** The recovery desk: what is parked, why, until when, and what may be done. Staff only. */
@ApiTags('recovery')
@ApiBearerAuth()
@StaffOnly()
@Controller('v1')
export class DeadLettersController {
  constructor(private readonly hub: Hub) {}

  @Get('dead-letters')
  @ApiOperation({
    summary: 'Parked deliveries, nearest to harm first; then those for a partner whose role another has now',
  })
  async list(
    @Query('partner') partner?: string,
    @Query('limit') limit?: string,
  ): Promise<{ deadLetters: unknown[] }> {
    const size = Math.min(Math.max(Number(limit ?? 100) || 100, 1), 500);
    const letters = await readDesk(this.hub, { limit: size, partner: partner ?? null });
    return { deadLetters: letters.map(withActions) };
  }

  @Get('dead-letters/:deliveryId')
  @ApiOperation({ summary: 'One dead letter with the actions allowed' })
  async show(@Param('deliveryId') deliveryId: string, @CurrentCaller() caller: Caller): Promise<unknown> {
    const letter = isUuid(deliveryId) ? await readLetter(this.hub, deliveryId) : undefined;
    if (!letter) throw new ProblemException('infrastructure/not-found');
    await audit(this.hub.parts.pool, nameOf(caller), 'dead-letter.read', deliveryId);
    return withActions(letter);
  }

  @Post('dead-letters/:deliveryId/replay')
  @HttpCode(200)
  @ApiOperation({ summary: 'Send it again, as it is' })
  replay(
    @Param('deliveryId') id: string,
    @Body() body: unknown,
    @CurrentCaller() caller: Caller,
  ): Promise<unknown> {
    return this.act(replay, id, body, caller);
  }

  @Post('dead-letters/:deliveryId/discard')
  @HttpCode(200)
  @ApiOperation({ summary: 'It is not needed: end it and tell the origin' })
  discard(
    @Param('deliveryId') id: string,
    @Body() body: unknown,
    @CurrentCaller() caller: Caller,
  ): Promise<unknown> {
    return this.act(discard, id, body, caller);
  }

  @Post('dead-letters/:deliveryId/release')
  @HttpCode(200)
  @ApiOperation({ summary: 'Let those behind it go on without it' })
  release(
    @Param('deliveryId') id: string,
    @Body() body: unknown,
    @CurrentCaller() caller: Caller,
  ): Promise<unknown> {
    return this.act(release, id, body, caller);
  }

  @Post('dead-letters/:deliveryId/redirect')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Let another partner have it',
    description:
      '{"reason", "to"}: `to` is a role; absent, whoever fills its own role today. The old delivery ends superseded, a new one is linked to it.',
  })
  redirect(
    @Param('deliveryId') id: string,
    @Body() body: unknown,
    @CurrentCaller() caller: Caller,
  ): Promise<unknown> {
    const { to } = jsonBody(body);
    if (to !== undefined && typeof to !== 'string')
      throw new ProblemException('infrastructure/bad-request', { detail: '`to` is a role.' });
    const toRole: Action = (hub, deliveryId, by, reason) => redirect(hub, deliveryId, by, reason, to);
    return this.act(toRole, id, body, caller);
  }

  @Get('refusals')
  @ApiOperation({ summary: 'Messages that were refused at intake, without their bodies' })
  async refusals(@Query('partner') partner?: string): Promise<{ refusals: unknown[] }> {
    return { refusals: await readRefusals(this.hub.parts.pool, { partner: partner ?? null, limit: 200 }) };
  }

  private async act(action: Action, deliveryId: string, body: unknown, caller: Caller): Promise<unknown> {
    const { reason } = jsonBody(body);
    if (typeof reason !== 'string' || reason.trim() === '' || reason.length > 500)
      throw new ProblemException('infrastructure/bad-request', {
        detail: 'Say why: {"reason": "…"}, at most 500 characters, nothing personal.',
      });
    const result = isUuid(deliveryId)
      ? await action(this.hub, deliveryId, nameOf(caller), reason)
      : { done: false as const, why: 'not-found' as const };
    if (!result.done)
      throw new ProblemException(
        `infrastructure/${result.why}`,
        'detail' in result && result.detail !== undefined ? { detail: result.detail } : {},
      );
    const { successor } = result;
    return { deliveryId, done: true, ...(successor !== undefined && { successor }) };
  }
}

function withActions(letter: DeadLetter): DeadLetter & { actions: string[] } {
  return { ...letter, actions: actionsFor(letter) };
}

function nameOf(caller: Caller): string {
  return caller.kind === 'staff' ? caller.subject : caller.partner;
}
