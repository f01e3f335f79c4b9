import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Hub } from '../hub.js';
import { StaffOnly } from '../platform/auth/caller.js';
import { checkInvariants, type InvariantResult } from '../store/check-invariants.js';

/** Proves the invariants on the running hub. Staff only. */
@ApiTags('operate')
@ApiBearerAuth()
@StaffOnly()
@Controller('v1/check')
export class CheckController {
  constructor(private readonly hub: Hub) {}

  @Get()
  @ApiOperation({ summary: 'The invariants I1 to I5, and I10 for planted strings (`?planted=`)' })
  async check(
    @Query('planted') planted?: string | string[],
  ): Promise<{ clean: boolean; invariants: InvariantResult[] }> {
    const strings = planted === undefined ? [] : [planted].flat().filter((text) => text !== '');
    const invariants = await checkInvariants(this.hub.parts.pool, strings);
    return { clean: invariants.every((invariant) => invariant.ok), invariants };
  }
}
