import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Hub } from '../hub.js';
import { isUuid } from '../intake/accept.js';
import { CurrentCaller, StaffOnly, type Caller } from '../platform/auth/caller.js';
import { jsonBody } from '../platform/http.js';
import { ProblemException } from '../platform/problem.js';
import { closeTask, readTasks, type Task } from '../store/tasks.js';

/** How a task ends. A review of an override finds it `justified` or not; any other task is `done` or `not-needed`. */
const RESULTS = ['justified', 'not-justified', 'done', 'not-needed'];

/** What people have to do by a due time: reviews of overridden consent, facts to be asked for. Staff only. */
@ApiTags('recovery')
@ApiBearerAuth()
@StaffOnly()
@Controller('v1/tasks')
export class TasksController {
  constructor(private readonly hub: Hub) {}

  @Get()
  @ApiOperation({ summary: 'Open tasks, the nearest due first; `?owner=` names a role' })
  async list(@Query('owner') owner?: string): Promise<{ tasks: Task[] }> {
    return { tasks: await readTasks(this.hub.parts.pool, { limit: 500, owner: owner ?? null }) };
  }

  @Post(':taskId/close')
  @HttpCode(200)
  @ApiOperation({
    summary: 'End a task',
    description: '{"result": "justified", "reason": "…"}; its message’s timeline says who ended it and how.',
  })
  async close(
    @Param('taskId') taskId: string,
    @Body() body: unknown,
    @CurrentCaller() caller: Caller,
  ): Promise<{ taskId: string; closed: true }> {
    const { result, reason } = jsonBody(body);
    const given = typeof reason === 'string' && reason.trim() !== '' && reason.length <= 500;
    if (typeof result !== 'string' || !RESULTS.includes(result) || !given)
      throw new ProblemException('infrastructure/bad-request', {
        detail: `Say {"result": one of ${RESULTS.join(', ')}, "reason": "…"}: at most 500 characters, nothing personal.`,
      });
    const by = caller.kind === 'staff' ? caller.subject : caller.partner;
    const { pool } = this.hub.parts;
    const ended = isUuid(taskId) ? await closeTask(pool, { taskId, by, result, reason }) : 'not-found';
    if (ended !== 'closed') throw new ProblemException(`infrastructure/${ended}`);
    return { taskId, closed: true };
  }
}
