import type { Pool } from 'pg';
import { BANDS, type Alliance, type Contracts, type Fact, type Partner } from '#contracts';
import type { Wire } from '#wire';
import { ClaimLoop } from './dispatch/claim-loop.js';
import { deriveCopy, type DeriveRules } from './dispatch/derive-copy.js';
import { dispatch } from './dispatch/dispatch.js';
import { LeftCopies } from './dispatch/left-copies.js';
import type { AcceptRules } from './intake/accept.js';
import { intake, type IntakeAnswer, type IntakeTools } from './intake/intake.js';
import { intakeBatch, type IntakeRecord, type RecordAnswer } from './intake/intake-batch.js';
import { compileRoutes } from './intake/route.js';
import type { Submission } from './intake/validate.js';
import type { Logger } from './platform/log.js';
import type { Metrics } from './platform/metrics.js';
import type { RateLimit } from './platform/rate-limit.js';
import { ledgerTrouble, safeError } from './platform/safe-error.js';
import type { HubKeys } from './platform/sealing.js';
import { hubRounds } from './hub-rounds.js';
import { takeUpRestored } from './recovery/take-up-restored.js';
import { Rounds } from './rounds.js';
import { settle, type SettleTools } from './settle/settle.js';
import { acceptMessages, type IntakeOffset } from './store/accept-messages.js';
import type { AcceptRow } from './store/accept-row.js';
import { raiseAlert } from './store/alerts.js';
import { Batcher } from './store/batcher.js';
import { claimDeliveries, type Stream } from './store/claim-deliveries.js';
import { CopyForms } from './store/copy-forms.js';
import { ensureGates, readPartnersWithWork } from './store/gates.js';
import { markRead, markStarted, readAttempts } from './store/read-attempts.js';
import { readCopies } from './store/read-copies.js';
import { readContexts, type ContextQuery, type IntakeContext } from './store/read-context.js';
import { recordRefusal } from './store/refusals.js';
import { Bodies } from './store/sealing-keys.js';
import { settleAnswered, type UnderWay } from './store/settle-answered.js';
import { settleDeliveries, type Settled, type Settlement } from './store/settle-deliveries.js';
import { Wakes } from './store/wakes.js';

/** How long a claim's attempt may wait before it must have begun, in milliseconds. */
const LEASE_MS = { local: 5_000, kafka: 15_000 } as const;

/** How often a delivery that moves on is looked at before it is settled. */
export const MOST_LOOKS = 5;

export interface HubParts {
  pool: Pool;
  /** A few connections that only urgent messages take (R8). */
  urgentPool: Pool;
  databaseUrl: string;
  contracts: Contracts;
  alliance: Alliance;
  keys: HubKeys;
  rate: RateLimit;
  wire: Wire;
  metrics: Metrics;
  log: Logger;
  /** The ledger is a backup that was put back, and this the last moment that it knows of. */
  restoredTo: Date | undefined;
  /** Sends an alert to the people on duty; answers whether somebody took it. Absent: alerts stay on the desk. */
  sendAlert?: Parameters<typeof hubRounds>[0]['sendAlert'];
}

/** The three lines over one ledger and one wire, with their loops. Doors and desks call it; it knows none of them. */
export class Hub {
  readonly rules: AcceptRules & DeriveRules;
  readonly intakeTools: IntakeTools;
  readonly settleTools: SettleTools;
  readonly forms: CopyForms;
  private readonly left: LeftCopies;
  private readonly ending = new AbortController();
  private readonly loop: ClaimLoop;
  private readonly rounds: Rounds;
  private readonly wakes: Wakes;
  private inDoubt: boolean;
  private readonly listeners = new Set<(partner: string) => void>();

  constructor(readonly parts: HubParts) {
    const { pool, alliance, contracts, wire, log } = parts;
    this.inDoubt = parts.restoredTo !== undefined;
    const partners = new Map(alliance.partners.map((partner) => [partner.id, partner]));
    const bodies = new Bodies(pool, parts.keys);
    this.rules = {
      contracts,
      alliance,
      partners,
      router: compileRoutes(alliance),
      agreements: Map.groupBy(alliance.agreements, (agreement) => agreement.partner),
      bodies,
    };
    this.intakeTools = { ...parts, rules: this.rules, bodies, store: this.intakeStore() };
    this.forms = new CopyForms(pool);
    this.left = new LeftCopies({
      keep: (forms) => this.forms.keep(forms),
      readClaimed: (ids) => readCopies(pool, ids, 'claim'),
      derive: (facts, at) => deriveCopy(this.rules, facts, at),
    });
    this.settleTools = {
      ...parts,
      partners,
      leftWith: (attempts) => this.left.take(attempts),
      readAttempts: (ids) => readAttempts(pool, ids),
      markStarted: (attempts) => markStarted(pool, attempts),
      settle: (settlements) => this.settle(settlements),
    };
    const dispatchTools = {
      ...this.settleTools,
      rules: this.rules,
      wire,
      left: this.left,
      handedOver: (partner: string) => this.tell(partner),
      raise: (alert: Parameters<typeof raiseAlert>[1]) => raiseAlert(pool, alert),
    };
    this.loop = new ClaimLoop({
      claim: (partner, stream) => this.claim(partner, stream),
      dispatch: (claimed) => dispatch(dispatchTools, claimed),
      partnersWithWork: () => readPartnersWithWork(pool),
      mayClaim: () => !this.inDoubt && wire.isUp(),
      log,
    });
    this.wakes = new Wakes(parts.databaseUrl, pool, (partner) => this.heard(partner));
    this.rounds = new Rounds(hubRounds({ ...parts, hub: this }), log);
  }

  /** On a ledger that was put back nothing is claimed, and no lease is judged, before all is known that can be. */
  async start(): Promise<void> {
    const { restoredTo } = this.parts;
    await ensureGates(this.parts.pool, this.parts.alliance.partners);
    await this.wakes.start();
    if (restoredTo)
      await takeUpRestored(
        {
          ...this.parts,
          settleFacts: (facts) => this.settleFacts(facts),
          tellOrigins: () => this.rounds.now('receipts'),
        },
        restoredTo,
      );
    this.inDoubt = false;
    this.rounds.start();
    this.loop.start();
  }

  /** Takes no more work; what was claimed and not begun is handed back by the wire. */
  async stop(): Promise<void> {
    this.ending.abort();
    await this.loop.stop();
    await this.rounds.stop();
  }

  /** Aborts when the hub stops: whoever waits for news is let go, for a server closes when its last answer is out. */
  get stopping(): AbortSignal {
    return this.ending.signal;
  }

  /** Ends what `stop` left for the last facts. */
  async close(): Promise<void> {
    await this.wakes.close();
  }

  /** LINE 1, for every door. */
  intake(submission: Submission, options: { only?: 'validate' } = {}): Promise<IntakeAnswer> {
    return intake(this.intakeTools, submission, options);
  }

  /** LINE 1, for a partner's topic: the records and the topic's offset in one transaction. */
  async intakeRecords(partner: string, records: readonly IntakeRecord[]): Promise<RecordAnswer[]> {
    const { pool } = this.parts;
    const tools = {
      ...this.intakeTools,
      readContexts: (queries: readonly ContextQuery[]) => readContexts(pool, queries),
      acceptAll: (rows: readonly AcceptRow[], offsets: readonly IntakeOffset[]) => this.accept(rows, offsets),
    };
    return intakeBatch(tools, partner, records);
  }

  /** LINE 3, for the outcomes topic. A mark says how far this partition has been read. */
  async facts(facts: readonly Fact[], partition: number): Promise<void> {
    await this.settleFacts(facts);
    const mark = facts.findLast((fact) => fact.kind === 'mark');
    if (mark) await markRead(this.parts.pool, partition, mark.at);
  }

  /** A fact that our own code cannot settle fails alone: its lease is judged, and the facts behind it go on. */
  private async settleFacts(facts: readonly Fact[]): Promise<void> {
    try {
      await settle(this.settleTools, facts);
    } catch (error) {
      if (ledgerTrouble(error)) throw error;
      this.parts.log.error(
        { facts: facts.length, err: safeError(error) },
        'facts could not be settled together',
      );
      if (facts.length === 1) return;
      for (const fact of facts) await this.settleFacts([fact]);
    }
  }

  /** Commits settlements, and wakes whoever has work now. */
  async settle(settlements: readonly Settlement[]): Promise<Settled> {
    const settled = await settleDeliveries(this.parts.pool, settlements);
    this.wake(settled.wake);
    if (settlements.some((settlement) => settlement.verb.do === 'end')) this.rounds.kick('receipts');
    if (settlements.some((settlement) => settlement.alert ?? settlement.gate)) this.rounds.kick('alerts');
    return settled;
  }

  /** Accepts rows together; answers for each whether this call made it. */
  async accept(
    rows: readonly AcceptRow[],
    offsets: readonly IntakeOffset[] = [],
    pool: Pool = this.parts.pool,
  ): Promise<boolean[]> {
    const { fresh, wake } = await acceptMessages(pool, rows, offsets);
    if (rows.some(forbids)) this.rounds.kick('sharing');
    const urgent = rows.some((row) => row.band === BANDS.indexOf('urgent'));
    this.wake(wake, urgent ? undefined : ['ordinary']);
    return rows.map((row) => fresh.has(row.messageId));
  }

  /** What an attempt under way carries, for the record of whatever proves that it arrived; its outcome comes too late. */
  async carriedBy(under: UnderWay): Promise<Record<string, unknown> | undefined> {
    const left = (await this.left.take([under])).get(under.attemptId);
    return left && { attempt: under.attempt, arrived: 'yes', ...left };
  }

  wake(partners: readonly string[], streams?: readonly Stream[]): void {
    if (partners.length === 0) return;
    for (const partner of partners) this.heard(partner, streams);
    if (this.parts.wire.kind === 'kafka') this.wakes.announce(partners);
  }

  /** Calls back whenever there may be something new for a partner; answers how to stop it. */
  onWake(listener: (partner: string) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  partner(id: string): Partner | undefined {
    return this.rules.partners.get(id);
  }

  private heard(partner: string, streams?: readonly Stream[]): void {
    this.loop.wake(partner, streams);
    this.tell(partner);
  }

  private tell(partner: string): void {
    for (const listener of this.listeners) listener(partner);
  }

  private async claim(partner: string, stream: 'ordinary' | 'urgent') {
    const begun = performance.now();
    const { kind } = this.parts.wire;
    const { pool, urgentPool } = this.parts;
    const claim = await claimDeliveries(stream === 'urgent' ? urgentPool : pool, partner, stream, {
      leaseMs: LEASE_MS[kind],
      timeoutMs: this.partner(partner)?.timeoutMs ?? 10_000,
      carried: kind === 'kafka',
    });
    if (claim.claimed.length > 0)
      this.parts.metrics.claimSeconds.observe({ partner }, (performance.now() - begun) / 1000);
    return claim;
  }

  private intakeStore(): IntakeTools['store'] {
    const { pool, urgentPool } = this.parts;
    // Urgent messages never wait behind a full batch of others, nor for a connection that others hold.
    const contexts = (from: Pool, lanes: number) =>
      new Batcher<ContextQuery, IntakeContext>((queries) => readContexts(from, queries), {
        lanes,
        most: 200,
        queue: 5_000,
      });
    const ordinaryContexts = contexts(pool, 2);
    const urgentContexts = contexts(urgentPool, 1);
    const accepts = (to: Pool, lanes: number) =>
      new Batcher<AcceptRow, boolean>((rows) => this.accept(rows, [], to), {
        lanes,
        most: 200,
        queue: 5_000,
      });
    const ordinary = accepts(pool, 2);
    const urgent = accepts(urgentPool, 1);
    return {
      readContext: (query, band) => (band === 'urgent' ? urgentContexts : ordinaryContexts).add(query),
      accept: (row) => (row.band === BANDS.indexOf('urgent') ? urgent : ordinary).add(row),
      recordRefusal: (refusal) => recordRefusal(pool, refusal),
      settleAnswered: (cause, partner) => this.settleAnswered(cause, partner),
    };
  }

  /** Where it moved on between the look and the settlement, it is looked at again; what is missed then, its lease finds. */
  private async settleAnswered(cause: string, partner: string): Promise<void> {
    for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
      const answered = await settleAnswered(this.parts.pool, cause, partner);
      if (!answered) return;
      const { settlement, under } = answered;
      const carried = under && (await this.carriedBy(under));
      const { applied } = await this.settle([
        { ...settlement, detail: { ...settlement.detail, ...carried } },
      ]);
      if (applied.has(settlement.deliveryId)) return;
    }
  }
}

/** What waits may no longer leave as it stands. */
function forbids({ consents, recalls }: AcceptRow): boolean {
  return recalls !== null || consents.some(({ status }) => status !== 'given');
}
