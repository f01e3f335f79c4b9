import { Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import type { Partner, Work } from '#contracts';
import { createBreaker } from '#channels/breaker.js';
import type { Wire } from '#wire';
import { carriedPartners, createAdapters } from './adapters.js';
import type { Credentials } from './credentials.js';
import { deliverController, workTopics } from './deliver.controller.js';
import { runAttempt, type Carrier } from './run-attempt.js';

export interface AdaptersOptions {
  partners: readonly Partner[];
  wire: Wire;
  credentials: Credentials;
  /** Where a defect of an adapter is told; a pino logger fits. */
  log: { error(fields: object, message: string): void };
}

/** The topics that a process with these partners' adapters must read. */
export function adapterTopics(partners: readonly Partner[]): string[] {
  return carriedPartners(partners).flatMap((partner) => workTopics(partner.id));
}

/** The adapters of some partners, with one controller each. */
@Module({})
export class AdaptersModule {
  /** @throws Error naming every partner that lacks an adapter, an address or a credential */
  static register({ partners, wire, credentials, log }: AdaptersOptions): DynamicModule {
    const byId = new Map(partners.map((partner) => [partner.id, partner]));
    const carriers = createAdapters(partners, credentials).map((adapter): Carrier => {
      const { window = 1, urgentWindow = 1 } = byId.get(adapter.partner) ?? {};
      const breaker = createBreaker(adapter.partner, window + urgentWindow);
      return {
        adapter,
        breaker,
        wire,
        onDefect: (work, error) => log.error(defectOf(work, error), 'adapter failed'),
      };
    });
    return {
      module: AdaptersModule,
      controllers: carriers.map((carrier) =>
        deliverController(carrier.adapter.partner, (work) => runAttempt(carrier, work)),
      ),
      providers: [{ provide: CloseAdapters, useValue: new CloseAdapters(carriers) }],
    };
  }
}

/** Releases sockets and timers once Nest has drained and closed the wire's strategy. */
class CloseAdapters implements OnApplicationShutdown {
  constructor(private readonly carriers: readonly Carrier[]) {}

  async onApplicationShutdown(): Promise<void> {
    for (const { breaker } of this.carriers) breaker.close();
    await Promise.all(this.carriers.map(({ adapter }) => adapter.close()));
  }
}

/** Kind and place of an error without its text, which may quote a payload. */
function defectOf(work: Work, error: unknown): object {
  const { partner, deliveryId, attemptId } = work;
  const at = error instanceof Error ? /\n\s+at (.*)/.exec(error.stack ?? '')?.[1] : undefined;
  return { partner, deliveryId, attemptId, error: error instanceof Error ? error.name : typeof error, at };
}
