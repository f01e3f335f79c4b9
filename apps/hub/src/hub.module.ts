import { Module, type DynamicModule } from '@nestjs/common';
import type { BatchKind } from '#contracts';
import { CasesController } from './cases/cases.controller.js';
import { Hub } from './hub.js';
import { InboxController } from './inbox/inbox.controller.js';
import { PickupsController } from './inbox/pickups.controller.js';
import { BATCH_KINDS, BatchesController } from './intake/batches.controller.js';
import { FhirController } from './intake/fhir.controller.js';
import { intakeTopicsController } from './intake/intake-topics.controller.js';
import { MessagesController } from './intake/messages.controller.js';
import { ContractsController } from './partners/contracts.controller.js';
import { DirectoryController } from './partners/directory.controller.js';
import { PartnersController } from './partners/partners.controller.js';
import type { Platform } from './platform/platform.js';
import { PlatformModule } from './platform/platform.module.js';
import { CheckController } from './recovery/check.controller.js';
import { TasksController } from './recovery/tasks.controller.js';
import { DeadLettersController } from './recovery/dead-letters.controller.js';
import { FactsController } from './settle/facts.controller.js';
import { EventsController } from './timeline/events.controller.js';

/** Every door and desk of the hub. The intake topics are there only where there is Kafka to read them from. */
@Module({})
export class HubModule {
  static register(hub: Hub, platform: Platform, kinds: ReadonlyMap<string, BatchKind>): DynamicModule {
    const partners = hub.rules.alliance.partners.map((partner) => partner.id);
    return {
      module: HubModule,
      imports: [PlatformModule.register(platform)],
      controllers: [
        MessagesController,
        BatchesController,
        FhirController,
        InboxController,
        PickupsController,
        CasesController,
        DeadLettersController,
        TasksController,
        PartnersController,
        ContractsController,
        DirectoryController,
        CheckController,
        EventsController,
        FactsController,
        ...(hub.parts.wire.kind === 'kafka' ? [intakeTopicsController(partners)] : []),
      ],
      providers: [
        { provide: Hub, useValue: hub },
        { provide: BATCH_KINDS, useValue: kinds },
      ],
    };
  }
}
