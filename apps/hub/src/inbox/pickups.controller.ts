import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Hub } from '../hub.js';
import { isUuid } from '../intake/accept.js';
import { senderOf } from '../intake/answer.js';
import { CurrentCaller, type Caller } from '../platform/auth/caller.js';
import { jsonBody } from '../platform/http.js';
import { ProblemException } from '../platform/problem.js';
import { raiseAlert } from '../store/alerts.js';
import { takeTurn } from '../store/take-turn.js';

/** A process that has died keeps others from a partner's place no longer than this. */
const LONGEST_TURN_MS = 3_600_000;

/** Why something that a partner left where we fetch it stays there. */
const WHY = {
  foreign: 'it is not from that partner, or of a kind that nobody agreed on',
  unreadable: 'it cannot be read',
  incomplete: 'a part of it has not come',
  failing: 'the hub failed at it again and again',
  unknown: 'it speaks of a delivery that was never made to that partner',
} as const;

/** For whoever fetches what partners leave: whose turn it is to look, and what cannot be taken in, which a person is told. */
@ApiTags('inbox')
@ApiBearerAuth()
@Controller('v1/pickups')
export class PickupsController {
  constructor(private readonly hub: Hub) {}

  @Post('turn')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Ask to be the one that looks at what the caller leaves',
    description:
      '{"holder": a UUID of the process, "forMs"}: granted to one holder until that time has passed; 0 gives it back.',
  })
  async turn(@Body() body: unknown, @CurrentCaller() caller: Caller): Promise<{ granted: boolean }> {
    const partner = senderOf(caller);
    const { holder, forMs } = jsonBody(body);
    const inReach = typeof forMs === 'number' && forMs >= 0 && forMs <= LONGEST_TURN_MS;
    if (typeof holder !== 'string' || !isUuid(holder) || !inReach)
      throw new ProblemException('infrastructure/bad-request', {
        detail: `holder must be a UUID, and forMs a number from 0 to ${LONGEST_TURN_MS}.`,
      });
    return { granted: await takeTurn(this.hub.parts.pool, { partner, holder, forMs }) };
  }

  @Post('left')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Say that something the partner left cannot be taken in',
    description: `{"reference", "why": ${Object.keys(WHY)
      .map((why) => `"${why}"`)
      .join(' | ')}}: a person is told once.`,
  })
  async left(@Body() body: unknown, @CurrentCaller() caller: Caller): Promise<{ told: true }> {
    const partner = senderOf(caller);
    const { reference, why } = jsonBody(body);
    // A reference is the channel's own word for it: a name that somebody gave could tell of a child.
    if (typeof reference !== 'string' || !/^[\w-]{1,100}$/.test(reference) || !isWhy(why))
      throw new ProblemException('infrastructure/bad-request', {
        detail: `reference must be an id of letters, digits, - and _; why must be one of ${Object.keys(WHY).join(', ')}.`,
      });
    await raiseAlert(this.hub.parts.pool, {
      key: `left:${partner}:${reference}:${why}`,
      severity: 'warning',
      kind: 'pickup.left',
      owner: this.hub.partner(partner)?.owner ?? 'ops',
      partner,
      text: `${partner} left a message (${reference}) that is not taken in: ${WHY[why]}. Ask ${partner} what it was.`,
    });
    return { told: true };
  }
}

const isWhy = (value: unknown): value is keyof typeof WHY =>
  typeof value === 'string' && Object.hasOwn(WHY, value);
