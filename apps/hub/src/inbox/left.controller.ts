import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Hub } from '../hub.js';
import { senderOf } from '../intake/answer.js';
import { CurrentCaller, type Caller } from '../platform/auth/caller.js';
import { jsonBody } from '../platform/http.js';
import { ProblemException } from '../platform/problem.js';
import { raiseAlert } from '../store/alerts.js';

/** Why something that a partner left where we fetch it stays there. */
const WHY = {
  foreign: 'it is not from that partner, or of a kind that nobody agreed on',
  unreadable: 'it cannot be read',
  incomplete: 'a part of it has not come',
  failing: 'the hub failed at it again and again',
} as const;

/** For whoever fetches what partners leave: what cannot be taken in is told to a person. */
@ApiTags('inbox')
@ApiBearerAuth()
@Controller('v1/pickups')
export class LeftController {
  constructor(private readonly hub: Hub) {}

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
