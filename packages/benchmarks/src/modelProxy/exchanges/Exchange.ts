/** How the provider answers. */
export const DELIVERIES = ['json', 'burst', 'paced'] as const;

/** How the provider answers: as one document, or as a stream of events. */
export type Delivery = (typeof DELIVERIES)[number];

/** How large requests are. */
export const BODY_SIZES = ['small', 'large'] as const;

/** How large a request is; `large` is what a coding agent sends with all its tools. */
export type BodySize = (typeof BODY_SIZES)[number];

/** What is asked, and how it is answered. */
export interface Exchange {
  delivery: Delivery;
  body: BodySize;
}

/** Events of a stream that comes at once, without the `[DONE]` behind them. */
export const BURST_EVENTS = 50;

/** Events of a stream that takes its time: fewer, so that a run ends. */
export const PACED_EVENTS = 10;

/** Between two events of a stream that takes its time. */
export const PACE_MS = 20;

const DELIVERY_TITLES: Record<Delivery, string> = {
  json: 'JSON',
  burst: `${BURST_EVENTS} events at once`,
  paced: `${PACED_EVENTS} events, ${PACE_MS} ms apart`,
};

const SIZE_TITLES: Record<BodySize, string> = {
  small: '0.5 kB',
  large: '115 kB',
};

/** How an answer is called in tables. */
export function deliveryTitle({ delivery }: Exchange): string {
  return DELIVERY_TITLES[delivery];
}

/** How a request is called in tables. */
export function bodyTitle({ body }: Exchange): string {
  return SIZE_TITLES[body];
}

/** What is timed: a stream until its first bytes, anything else until its last. */
export function timedUntil({ delivery }: Exchange): 'first' | 'last' {
  return delivery === 'json' ? 'last' : 'first';
}
