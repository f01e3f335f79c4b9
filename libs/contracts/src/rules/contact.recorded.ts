import type { ContactRecordedV1 } from '../generated/contact.recorded.v1.js';
import { happened, note } from './happened.js';
import type { Rule } from './rule.js';

const type = 'contact.recorded';
const TOOK_PLACE: readonly string[] = ['attended', 'attended-late'];

export const contactRecorded: readonly Rule<ContactRecordedV1>[] = [
  happened('contact-has-happened', type, ({ on }) => [['/on', on]]),
  {
    id: 'contact-duration-fits',
    type,
    check: ({ attended, durationMinutes }) =>
      TOOK_PLACE.includes(attended) === durationMinutes > 0
        ? []
        : [note('/durationMinutes', 'does not fit whether the contact took place')],
  },
];
