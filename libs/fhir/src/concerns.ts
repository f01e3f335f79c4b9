import { consent } from './consent.js';
import { phone, soleContact } from './contact-point.js';
import { codesOf } from './names.js';
import { notice } from './notices.js';
import { narratives, professional, riskFlags, worker } from './parts.js';
import { communicationLinks, patient } from './person.js';
import type { Representation } from './representation.js';
import { immediacy, request, to } from './request.js';
import { codedAmong, dateTime, text } from './shapes.js';
import { eachItem, link } from './sheet.js';
import { question } from './tasks.js';

const concern = link('/data/concern', 'reasonCode.0.text', text);

export const riskAlert: Representation = {
  safety: true,
  sheets: [
    notice(
      'risk-alert',
      link('/data/concern', 'payload.0.contentString', text),
      immediacy,
      link('/data/observedAt', 'sent', dateTime),
    ),
    patient('/data/about/person'),
    ...riskFlags,
    ...narratives('risk.summary', 'about.locator', 'callback'),
  ],
};

export const crisisReferral: Representation = {
  safety: true,
  sheets: [
    request('crisis-referral', to, immediacy, concern),
    question,
    patient('/data/about/person', communicationLinks),
    consent('/data/consent', 'recordedAt'),
    ...riskFlags,
    ...narratives('risk.summary', 'about.locator', 'callback', 'whereabouts', 'withThem', 'means'),
    ...narratives('capacity', 'keepsSafe', 'withoutConsentBecause', 'history', 'medication'),
    professional('referrer', '/data/referrer', soleContact('/data/referrer/contact')),
  ],
};

export const safeguardingReferral: Representation = {
  safety: true,
  sheets: [
    request(
      'safeguarding-referral',
      immediacy,
      concern,
      eachItem('/data/kinds', 'code.coding', [link('', 'code', text)], {
        system: codesOf('safeguarding-concerns'),
      }),
    ),
    question,
    patient('/data/about/person', communicationLinks),
    ...riskFlags,
    ...narratives('risk.summary', 'about.locator', 'callback', 'whereabouts', 'observedAt', 'basis'),
    ...narratives('immediateProtection', 'notToldBecause', 'feared', 'otherChildren'),
    worker('referrer', '/data/referrer'),
    { ...worker('who-knows'), each: '/data/whoKnows' },
  ],
};

export const riskClosed: Representation = {
  safety: true,
  sheets: [
    notice(
      'risk-closed',
      link('/data/summary', 'payload.0.contentString', text),
      link('/data/closedAt', 'sent', dateTime),
      link('/data/reason', 'reasonCode', codedAmong(codesOf('risk-closed-reason'))),
    ),
    patient(),
    ...riskFlags,
    ...narratives('risk.summary', 'followUp', 'takenOnBy'),
    professional('by', '/data/by', phone('/data/by/callback')),
  ],
};
