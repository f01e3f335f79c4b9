import { Module, type DynamicModule } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { CallerGuard } from './auth/caller.guard.js';
import { Verifier } from './auth/verifier.js';
import { FaultsController } from './faults.controller.js';
import { Metrics } from './metrics.js';
import { OperateController } from './operate.controller.js';
import { Platform } from './platform.js';
import { RateLimit } from './rate-limit.js';
import { Readiness } from './readiness.js';

/** Makes the platform's parts injectable everywhere and puts the guard before every handler. */
@Module({})
export class PlatformModule {
  static register(platform: Platform): DynamicModule {
    const parts = [
      { provide: Platform, useValue: platform },
      { provide: Metrics, useValue: platform.metrics },
      { provide: Readiness, useValue: platform.readiness },
      { provide: Verifier, useValue: platform.verifier },
      { provide: RateLimit, useValue: platform.rateLimit },
    ];
    return {
      module: PlatformModule,
      global: true,
      controllers: [OperateController, FaultsController],
      providers: [...parts, { provide: APP_GUARD, useClass: CallerGuard }],
      exports: parts.map((part) => part.provide),
    };
  }
}
