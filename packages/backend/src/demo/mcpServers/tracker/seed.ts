import type { Issue } from './Issue';

type Seed = Pick<Issue, 'title' | 'description' | 'service' | 'labels'> & {
  state?: Issue['state'];
  comments?: string[];
};

const DAY_MS = 24 * 60 * 60_000;
const FIRST_DAY = Date.UTC(2026, 9, 5, 8, 30);

const SEEDS: Seed[] = [
  {
    title: 'Checkout fails when a voucher has expired overnight',
    description:
      'The basket keeps the voucher, the payment is refused with 422, and the customer sees an empty page.',
    service: 'checkout-service',
    labels: ['bug', 'customer-facing'],
    comments: ['About 40 customers a day, all between midnight and one.'],
  },
  {
    title: 'Payments API answers 503 for a minute after each deployment',
    description:
      'Connections to payments-db are opened only with the first request. Open them before the instance is ready.',
    service: 'payments-api',
    labels: ['bug', 'reliability'],
    comments: ['The deploy controller counts it against the error budget.'],
  },
  {
    title: 'Move picking-app from orders v1 to the current API',
    description: 'legacy-orders can be switched off when nobody calls it.',
    service: 'picking-app',
    labels: ['deprecation'],
  },
  {
    title: 'Revenue report counts refunds of the same day twice',
    description:
      'Differences appear when a refund is booked before the nightly settlement. Finance corrects them by hand.',
    service: 'finance-reports',
    labels: ['bug', 'finance'],
    comments: ['Last seen in the report of October.'],
  },
  {
    title: 'Rotate the signing keys of identity-service',
    description: 'Yearly rotation, with both keys published for a week.',
    service: 'identity-service',
    labels: ['security'],
    state: 'closed',
    comments: ['Done without anybody noticing.'],
  },
  {
    title: 'Search does not find products with umlauts',
    description: '"Muesli" finds 31 products, "Müsli" none.',
    service: 'search-service',
    labels: ['bug', 'customer-facing'],
  },
  {
    title: 'Recipe assistant recommends products that are out of stock',
    description: 'Ask inventory-service before answering.',
    service: 'recipe-assistant',
    labels: ['ai', 'customer-facing'],
    comments: ['Needs the approval of AI governance for the new tool.'],
  },
  {
    title: 'Fraud score takes 900 ms at the 99th percentile',
    description: 'Most of it is the query for earlier payments of the card.',
    service: 'fraud-service',
    labels: ['performance'],
  },
  {
    title: 'Route planning ignores bridges that are closed at night',
    description: 'Three vans turned back last week.',
    service: 'delivery-planner',
    labels: ['bug'],
  },
  {
    title: 'Warehouse loads the order events of one day twice',
    description:
      'Deduplicate by event id; the topic is delivered at least once.',
    service: 'warehouse-loader',
    labels: ['bug', 'data'],
    state: 'closed',
  },
];

/** The issues that are there from the start: always the same, `LAN-1` first. */
export function seedIssues(): Issue[] {
  return SEEDS.map(({ comments = [], state = 'open', ...seed }, index) => {
    const createdAt = new Date(FIRST_DAY + index * 3 * DAY_MS).toISOString();
    return {
      id: `LAN-${index + 1}`,
      ...seed,
      state,
      createdAt,
      comments: comments.map(text => ({ at: createdAt, text })),
    };
  });
}
