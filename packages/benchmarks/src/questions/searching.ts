import { TOPICS } from '../organisation/words';

/** The fields that a list of entities needs, for contenders that must name them. */
export const SUMMARY_FIELDS = [
  'kind',
  'metadata.name',
  'metadata.namespace',
  'metadata.title',
  'metadata.description',
  'spec.type',
  'spec.lifecycle',
  'spec.owner',
];

/** What searches are about: pricing, refunds and others, in the order of their list. */
export const SEARCHED_TOPICS = TOPICS.slice(0, 12);
