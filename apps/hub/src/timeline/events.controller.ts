import { Controller, Query, Sse, type MessageEvent } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { concatMap, from, fromEvent, interval, of, startWith, takeUntil, type Observable } from 'rxjs';
import { Hub } from '../hub.js';
import { StaffOnly } from '../platform/auth/caller.js';
import { readAlerts } from '../store/alerts.js';
import { followAlerts, followTimeline, startOfFollowing, type Position } from '../store/follow.js';

const EVERY_MS = 1_000;

/** Live events without personal data: stations as they are reached, and alerts. Staff only. */
@ApiTags('operate')
@ApiBearerAuth()
@StaffOnly()
@Controller('v1/events')
export class EventsController {
  constructor(private readonly hub: Hub) {}

  @Sse()
  @ApiOperation({
    summary: 'Server-sent events',
    description: '`?only=alerts` sends alerts alone, beginning with the latest twenty.',
  })
  async events(@Query('only') only?: string): Promise<Observable<MessageEvent>> {
    const { pool } = this.hub.parts;
    const start = await startOfFollowing(pool);
    const at: { timeline: Position; alerts: Position } = { timeline: start, alerts: start };
    const past = only === 'alerts' ? (await readAlerts(pool, 20)).reverse() : [];
    const read = async (first: boolean): Promise<MessageEvent[]> => {
      const alerts = await followAlerts(pool, at.alerts);
      at.alerts = alerts.position;
      const events = [...(first ? past : []), ...alerts.rows].map((data): MessageEvent => ({
        type: 'alert',
        data,
      }));
      if (only === 'alerts') return events;
      const timeline = await followTimeline(pool, at.timeline);
      at.timeline = timeline.position;
      return [...events, ...timeline.rows.map((data): MessageEvent => ({ type: 'station', data }))];
    };
    const { stopping } = this.hub;
    return interval(EVERY_MS).pipe(
      startWith(-1),
      concatMap((n) => read(n === -1)),
      concatMap((events) => from(events)),
      takeUntil(stopping.aborted ? of(true) : fromEvent(stopping, 'abort')),
    );
  }
}
