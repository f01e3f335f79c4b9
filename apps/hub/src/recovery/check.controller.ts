import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Hub } from '../hub.js';
import { StaffOnly } from '../platform/auth/caller.js';
import { jsonBody } from '../platform/http.js';
import { ProblemException } from '../platform/problem.js';
import { checkInvariants, type InvariantResult } from '../store/check-invariants.js';

interface CheckAnswer {
  clean: boolean;
  invariants: InvariantResult[];
}

/** Proves the invariants on the running hub. Staff only. */
@ApiTags('operate')
@ApiBearerAuth()
@StaffOnly()
@Controller('v1/check')
export class CheckController {
  constructor(private readonly hub: Hub) {}

  @Get()
  @ApiOperation({ summary: 'The invariants I1 to I5' })
  check(): Promise<CheckAnswer> {
    return this.prove([]);
  }

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary: 'The same, and I10 for planted strings',
    description: '{"planted": ["…"]}: in the body, for a URL must hold nothing personal.',
  })
  checkPlanted(@Body() body: unknown): Promise<CheckAnswer> {
    const { planted } = jsonBody(body);
    const strings = Array.isArray(planted)
      ? planted.filter((text) => typeof text === 'string' && text !== '')
      : [];
    if (strings.length === 0)
      throw new ProblemException('infrastructure/bad-request', {
        detail: 'Name the strings: {"planted": ["…"]}.',
      });
    return this.prove(strings as string[]);
  }

  private async prove(strings: readonly string[]): Promise<CheckAnswer> {
    const invariants = await checkInvariants(this.hub.parts.pool, strings);
    return { clean: invariants.every((invariant) => invariant.ok), invariants };
  }
}
