import type { Complaint } from './complaint.js';
import { Place } from './place.js';

/** A bundle that we did not write, opened for reading. */
export interface View {
  readonly complaints: Complaint[];
  readonly bundle: Place;
  /** The MessageHeader; without one the first resource. */
  readonly header: Place;
  /** Every resource, in order. */
  readonly resources: readonly Place[];
  /** The resources of one type. */
  ofType(resourceType: string): Place[];
  /** The resource that the message is about. */
  focus(): Place | undefined;
  /** The resource that this reference element leads to, within the bundle. */
  resolve(reference: Place | undefined): Place | undefined;
}

/** Opens a bundle. References are looked up by `fullUrl`, and by `Type/id` where a resource has an id. */
export function openBundle(bundle: Place): View {
  const byAddress = new Map<unknown, Place>();
  const resources: Place[] = [];
  for (const entry of bundle.list('entry')) {
    const resource = entry.child('resource');
    if (!resource) {
      entry.complain('required', 'Every entry must hold a resource.');
      continue;
    }
    resources.push(resource);
    const fullUrl = entry.text('fullUrl');
    if (fullUrl === undefined) entry.complain('required', 'Every entry needs a fullUrl.');
    else if (byAddress.has(fullUrl)) entry.complain('duplicate', 'Two entries have this fullUrl.', 'fullUrl');
    else byAddress.set(fullUrl, resource);
    const id = resource.text('id');
    if (id !== undefined) byAddress.set(`${resource.text('resourceType')}/${id}`, resource);
  }
  const nothing = new Place({}, `${bundle.pointer}/entry`, bundle.complaints, bundle.seen);
  const header =
    resources.find((each) => each.value['resourceType'] === 'MessageHeader') ?? resources[0] ?? nothing;
  // Asked of every reference in the bundle, also of those that no message carries: to look it up is not to read it.
  const resolve: View['resolve'] = (reference) => byAddress.get(reference?.value['reference']);
  return {
    complaints: bundle.complaints,
    bundle,
    header,
    focus: () => resolve(header.list('focus')[0]),
    resources,
    ofType: (resourceType) => resources.filter((resource) => resource.value['resourceType'] === resourceType),
    resolve,
  };
}
