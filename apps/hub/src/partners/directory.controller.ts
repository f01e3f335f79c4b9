import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { DirectoryEntry } from '#contracts';
import { Hub } from '../hub.js';
import { ProblemException } from '../platform/problem.js';
import { signpost } from './signpost.js';

/** Services that people are told of. Nothing is ever sent there. */
@ApiTags('partners')
@ApiBearerAuth()
@Controller('v1/directory')
export class DirectoryController {
  constructor(private readonly hub: Hub) {}

  @Get()
  @ApiOperation({
    summary: 'Services to tell somebody of',
    description: '`?area=medway|kent&age=`: what is for the other area, or another age, is left out.',
  })
  list(@Query('area') area?: string, @Query('age') age?: string): { entries: DirectoryEntry[] } {
    const years = age === undefined ? undefined : Number(age);
    if (area !== undefined && area !== 'medway' && area !== 'kent')
      throw new ProblemException('infrastructure/bad-request', { detail: '`area` is medway or kent.' });
    if (years !== undefined && !(Number.isInteger(years) && years >= 0))
      throw new ProblemException('infrastructure/bad-request', {
        detail: '`age` is a number of completed years.',
      });
    return {
      entries: signpost(this.hub.rules.alliance.directory, {
        ...(area !== undefined && { area }),
        ...(years !== undefined && { age: years }),
      }),
    };
  }
}
