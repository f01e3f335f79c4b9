import { code, text } from './shapes.js';
import { type Json, link, type Link } from './sheet.js';

const kind = link('/kind', 'system', code({ phone: 'phone', sms: 'sms', email: 'email' }));
const value = link('/value', 'value', text);

/** A contact route as a ContactPoint. FHIR demands the system with the value, so it is both or neither. */
export const contactPoint: Link = {
  write(leaves, base, point) {
    const draft: Json = {};
    const isWhole = kind.write(leaves, base, draft) && value.write(leaves, base, draft);
    if (isWhole) Object.assign(point, draft);
    return isWhole;
  },
  read(point, base, said) {
    kind.read(point, base, said);
    value.read(point, base, said);
  },
};

/** One contact route at `pointer`, as the first of `telecom`. */
export const soleContact = (pointer: string): Link => ({
  write(leaves, base, resource) {
    const point: Json = {};
    if (!contactPoint.write(leaves, base + pointer, point)) return false;
    resource['telecom'] = [point];
    return true;
  },
  read(resource, base, said) {
    const point = resource.list('telecom')[0];
    if (point) contactPoint.read(point, base + pointer, said);
  },
});

/** A telephone number at `pointer`, as the first of `telecom`. */
export const phone = (pointer: string): Link => {
  const number = link(pointer, 'telecom.0.value', text);
  return {
    write(leaves, base, resource) {
      if (!number.write(leaves, base, resource)) return false;
      for (const point of resource['telecom'] as Json[]) point['system'] = 'phone';
      return true;
    },
    read(resource, base, said) {
      number.read(resource, base, said);
      resource.list('telecom')[0]?.says('system', 'phone');
    },
  };
};
