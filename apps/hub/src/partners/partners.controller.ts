import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Hub } from '../hub.js';
import { CurrentCaller, StaffOnly, type Caller } from '../platform/auth/caller.js';
import { jsonBody } from '../platform/http.js';
import { ProblemException } from '../platform/problem.js';
import { pauseGate, readGates, resumeGate } from '../store/gates.js';

/** Partners and the state of their gates. Staff only. */
@ApiTags('partners')
@ApiBearerAuth()
@StaffOnly()
@Controller('v1/partners')
export class PartnersController {
  constructor(private readonly hub: Hub) {}

  @Get()
  @ApiOperation({ summary: 'Partners with their gates' })
  async list(): Promise<{ partners: unknown[] }> {
    const gates = await readGates(this.hub.parts.pool);
    return {
      partners: this.hub.rules.alliance.partners.map(({ id, name, channel, owner }) => ({
        id,
        name,
        channel,
        owner,
        gates: gates.filter((gate) => gate.partner === id).map(({ partner: _partner, ...gate }) => gate),
      })),
    };
  }

  @Post(':id/pause')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Stop ordinary work to a partner',
    description: '{"reason", "owner", "until"}: all three; urgent work goes on.',
  })
  async pause(
    @Param('id') id: string,
    @Body() body: unknown,
    @CurrentCaller() caller: Caller,
  ): Promise<unknown> {
    const { reason, owner, until } = jsonBody(body);
    const end = typeof until === 'string' ? Date.parse(until) : Number.NaN;
    if (
      typeof reason !== 'string' ||
      reason === '' ||
      typeof owner !== 'string' ||
      owner === '' ||
      Number.isNaN(end)
    )
      throw new ProblemException('infrastructure/bad-request', {
        detail: 'A pause needs reason, owner (a role) and until (RFC 3339).',
      });
    const by = caller.kind === 'staff' ? caller.subject : caller.partner;
    const done = await pauseGate(this.hub.parts.pool, id, {
      reason,
      owner,
      by,
      until: new Date(end).toISOString(),
    });
    if (!this.hub.partner(id)) throw new ProblemException('infrastructure/not-found');
    if (!done)
      throw new ProblemException('infrastructure/conflict', {
        detail: 'The gate is closed: nothing goes out until the credentials are mended and it is resumed.',
      });
    return { partner: id, state: 'paused' };
  }

  @Post(':id/resume')
  @HttpCode(200)
  @ApiOperation({ summary: 'Open a gate that is paused, closed or resting' })
  async resume(@Param('id') id: string, @CurrentCaller() caller: Caller): Promise<unknown> {
    if (!this.hub.partner(id)) throw new ProblemException('infrastructure/not-found');
    const changed = await resumeGate(
      this.hub.parts.pool,
      id,
      caller.kind === 'staff' ? caller.subject : caller.partner,
    );
    this.hub.wake([id]);
    return { partner: id, state: 'open', changed };
  }
}
