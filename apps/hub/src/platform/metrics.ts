import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

const SECONDS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** The hub's instruments. Labels are ids of partners, bands, states and codes: never anything of a message. */
export class Metrics {
  readonly registry = new Registry();

  /** Messages accepted, by sender and contract. */
  readonly accepts = this.counter('hub_accepts_total', 'Messages accepted.', ['partner', 'type', 'band']);
  /** From the request's first stage to the ledger's commit. */
  readonly acceptSeconds = this.histogram('hub_accept_seconds', 'Time to accept a message.', ['band']);
  /** Every change of state of a delivery; `outcome` is the code of the attempt's outcome, or empty. */
  readonly deliveries = this.counter('hub_deliveries_total', 'Deliveries that came into a state.', [
    'partner',
    'band',
    'state',
    'outcome',
  ]);
  /** Live deliveries now, read from the ledger at scrape. */
  readonly deliveriesLive = this.gauge('hub_deliveries_live', 'Live deliveries.', [
    'partner',
    'band',
    'state',
  ]);
  /** How long the oldest due delivery has waited, read from the ledger at scrape. */
  readonly oldestReadySeconds = this.gauge(
    'hub_oldest_ready_seconds',
    'Age of the oldest delivery that is ready and due.',
    ['partner', 'band'],
  );
  readonly claimSeconds = this.histogram('hub_claim_seconds', 'Time of one claim.', ['partner']);
  readonly settleSeconds = this.histogram('hub_settle_seconds', 'Time to settle one batch of outcomes.', []);
  /** 1 for the state that a partner's gate is in, 0 for the others. */
  readonly gates = this.gauge('hub_gate', "State of a partner's gate.", ['partner', 'state']);
  /** Authenticated intake that was no valid contract. */
  readonly refusals = this.counter('hub_refusals_total', 'Messages refused at intake.', ['partner', 'code']);
  /** Requests without a good token: they leave this and a log line, nothing else. */
  readonly unauthenticated = this.counter('hub_unauthenticated_total', 'Requests without a good token.', [
    'code',
  ]);
  readonly rateLimited = this.counter('hub_rate_limited_total', 'Messages over the rate limit.', ['partner']);
  /** A long snapshot makes claim and settle slow: it keeps dead rows alive. */
  readonly oldestSnapshotSeconds = this.gauge(
    'hub_oldest_snapshot_seconds',
    'Age of the oldest snapshot in the database.',
    [],
  );
  /** 0 while what is read from the ledger could not be read. */
  readonly ledgerUp = this.gauge('hub_ledger_up', 'Whether the ledger answered this scrape.', []);
  /** A person has been told, by kind of alert. */
  readonly alerts = this.counter('hub_alerts_total', 'Alerts raised.', ['kind']);

  private readonly scrapes: (() => Promise<void>)[] = [];

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  /** `read` runs before every scrape and sets the gauges that mirror the ledger. */
  onScrape(read: () => Promise<void>): void {
    this.scrapes.push(read);
  }

  /** The text for Prometheus. Never throws for the ledger's sake: then `hub_ledger_up` is 0. */
  async scrape(): Promise<string> {
    const results = await Promise.allSettled(this.scrapes.map((read) => read()));
    this.ledgerUp.set(results.every((result) => result.status === 'fulfilled') ? 1 : 0);
    return this.registry.metrics();
  }

  private counter<L extends string>(name: string, help: string, labelNames: L[]): Counter<L> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }
  private gauge<L extends string>(name: string, help: string, labelNames: L[]): Gauge<L> {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }
  private histogram<L extends string>(name: string, help: string, labelNames: L[]): Histogram<L> {
    return new Histogram({ name, help, labelNames, buckets: SECONDS, registers: [this.registry] });
  }
}
