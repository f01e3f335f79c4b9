import pg from 'pg';

const CHANNEL = 'hub_wake';
/** At most 20 notifications a second from one process: NOTIFY takes a lock on the whole server at commit. */
const EVERY_MS = 50;
const RECONNECT_MS = 1_000;

/**
 * Tells other hub processes which partners have new ready work, and hears it from them. Only a quickener: whoever
 * misses a wake-up finds the work by its poll.
 */
export class Wakes {
  private readonly waiting = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private listener: pg.Client | undefined;
  private closed = false;

  constructor(
    private readonly url: string,
    private readonly pool: pg.Pool,
    private readonly onWake: (partner: string) => void,
  ) {}

  async start(): Promise<void> {
    if (this.closed) return;
    const client = new pg.Client({ connectionString: this.url, application_name: 'hub-listen' });
    client.on('notification', ({ payload }) => {
      for (const partner of payload?.split(',') ?? []) this.onWake(partner);
    });
    const again = () => {
      if (this.listener !== client) return;
      this.listener = undefined;
      if (!this.closed) setTimeout(() => void this.start(), RECONNECT_MS).unref();
    };
    client.on('error', again);
    client.on('end', again);
    this.listener = client;
    try {
      await client.connect();
      await client.query(`listen ${CHANNEL}`);
    } catch {
      again();
    }
  }

  announce(partners: readonly string[]): void {
    for (const partner of partners) this.waiting.add(partner);
    if (this.waiting.size > 0) this.timer ??= setTimeout(() => this.flush(), EVERY_MS);
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.listener?.end().catch(() => undefined);
  }

  private flush(): void {
    this.timer = undefined;
    const partners = [...this.waiting].join(',');
    this.waiting.clear();
    // A lost announcement costs others one poll.
    this.pool.query('select pg_notify($1, $2)', [CHANNEL, partners]).catch(() => undefined);
  }
}
