import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { FAULTS } from '#contracts';
import { Open } from './auth/caller.js';

/** The page that the `type` of every problem points to. */
@Open()
@ApiExcludeController()
@Controller('docs/faults')
export class FaultsController {
  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  page(): string {
    const entries = Object.entries(FAULTS).map(
      ([code, { status, means, remedy }]) =>
        `<dt id="${code.replace('/', '-')}"><code>${code}</code>${status ? ` (${status})` : ''}</dt>` +
        `<dd>${escape(means)} <em>${escape(remedy)}</em></dd>`,
    );
    return (
      '<!doctype html><html lang="en"><title>Faults of the Alliance Hub</title>' +
      `<h1>Faults</h1><dl>${entries.join('\n')}</dl></html>`
    );
  }
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
