import { Controller, Get, Header, HttpCode, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Open } from './auth/caller.js';
import { Metrics } from './metrics.js';
import { Readiness } from './readiness.js';

/** For whoever runs the hub: whether it lives, whether it may be sent work, and its figures. */
@Open()
@ApiExcludeController()
@Controller()
export class OperateController {
  constructor(
    private readonly readiness: Readiness,
    private readonly metrics: Metrics,
  ) {}

  @Get('health/live')
  live(): { live: true } {
    return { live: true };
  }

  @Get('health/ready')
  @HttpCode(200)
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<unknown> {
    const answer = await this.readiness.ask();
    if (!answer.ready) reply.code(503);
    return answer;
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  figures(): Promise<string> {
    return this.metrics.scrape();
  }
}
