import { Controller, Get, Param } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Hub } from '../hub.js';
import { viewerOf } from '../intake/answer.js';
import { CurrentCaller, type Caller } from '../platform/auth/caller.js';
import { ProblemException } from '../platform/problem.js';
import { audit } from '../store/dead-letters.js';
import { readDisclosures, type Disclosure } from '../store/read-disclosures.js';
import { readCase, readCaseTimeline, type CaseView, type TimelineEntry } from '../store/read-timeline.js';

/** One child's journey. Another's case looks like none. */
@ApiTags('cases')
@ApiBearerAuth()
@Controller('v1/cases')
export class CasesController {
  constructor(private readonly hub: Hub) {}

  @Get(':caseRef')
  @ApiOperation({ summary: 'Who owns the case, and who holds something of it' })
  async show(@Param('caseRef') caseRef: string, @CurrentCaller() caller: Caller): Promise<CaseView> {
    const { pool } = this.hub.parts;
    const found = await readCase(pool, caseRef, viewerOf(caller));
    if (!found) throw new ProblemException('infrastructure/not-found');
    if (caller.kind === 'staff') await audit(pool, caller.subject, 'case.read', caseRef);
    return found;
  }

  @Get(':caseRef/timeline')
  @ApiOperation({ summary: 'What happened in the case, as far as the caller may see it' })
  async timeline(
    @Param('caseRef') caseRef: string,
    @CurrentCaller() caller: Caller,
  ): Promise<{ entries: TimelineEntry[] }> {
    await this.show(caseRef, caller);
    return { entries: await readCaseTimeline(this.hub.parts.pool, caseRef, viewerOf(caller)) };
  }

  @Get(':caseRef/disclosures')
  @ApiOperation({
    summary: 'Who got which fields of the case, when and on what basis',
    description: 'Pointers of what each copy held and of what was left out, with the reason; never a value.',
  })
  async disclosures(
    @Param('caseRef') caseRef: string,
    @CurrentCaller() caller: Caller,
  ): Promise<{ disclosures: Disclosure[] }> {
    const { pool } = this.hub.parts;
    const viewer = viewerOf(caller);
    if (!(await readCase(pool, caseRef, viewer))) throw new ProblemException('infrastructure/not-found');
    const actor = caller.kind === 'staff' ? caller.subject : caller.partner;
    await audit(pool, actor, 'case.disclosures.read', caseRef);
    return { disclosures: await readDisclosures(pool, caseRef, viewer) };
  }
}
