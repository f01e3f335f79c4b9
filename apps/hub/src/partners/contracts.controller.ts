import { Controller, Get, Param } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Hub } from '../hub.js';
import { ProblemException } from '../platform/problem.js';

/** The contracts that this hub takes, as JSON Schema. */
@ApiTags('contracts')
@ApiBearerAuth()
@Controller('v1/contracts')
export class ContractsController {
  constructor(private readonly hub: Hub) {}

  @Get()
  @ApiOperation({ summary: 'All contracts' })
  list(): { contracts: unknown[] } {
    return {
      contracts: this.hub.rules.contracts.all.map(
        ({ name, type, major, title, description, band, answers, safety }) => ({
          name,
          type,
          version: `v${major}`,
          title,
          description,
          band,
          answers,
          safety,
          schema: `/v1/contracts/${type}/v${major}`,
        }),
      ),
    };
  }

  @Get(':type/:version')
  @ApiOperation({ summary: 'One contract’s schema' })
  show(@Param('type') type: string, @Param('version') version: string): unknown {
    const contract = this.hub.rules.contracts.get(`mta.${type}.${version}`);
    if (!contract)
      throw new ProblemException('infrastructure/not-found', {
        detail: 'No such contract. GET /v1/contracts lists them.',
      });
    return contract.schema;
  }
}
