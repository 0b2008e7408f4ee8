import { answeredText, jsonAnswer, readText, streamAnswer } from './answers';
import { createRequest, readDelivery } from './createRequest';
import { BODY_SIZES, BURST_EVENTS, DELIVERIES, PACED_EVENTS } from './Exchange';

const ALL = DELIVERIES.flatMap(delivery =>
  BODY_SIZES.map(body => ({ delivery, body })),
);

describe('exchanges', () => {
  it('have requests of half a kilobyte, and of what a coding agent sends first', () => {
    for (const exchange of ALL) {
      const bytes = createRequest(exchange).length;
      const [least, most] = { small: [450, 600], large: [110_000, 120_000] }[
        exchange.body
      ];
      expect(bytes).toBeGreaterThan(least);
      expect(bytes).toBeLessThan(most);
    }
  });

  it('say how they want to be answered where every proxy lets it pass', () => {
    for (const exchange of ALL) {
      expect(readDelivery(createRequest(exchange))).toBe(exchange.delivery);
    }
  });

  it('are not taken for another while a request is still coming', () => {
    const request = createRequest({ delivery: 'burst', body: 'small' });
    const lengths = Array.from(request, (_, index) => index);
    const found = lengths.map(length =>
      readDelivery(request.subarray(0, length)),
    );
    expect(new Set(found)).toEqual(new Set([undefined, 'burst']));
    expect(found.indexOf('burst')).toBe(
      request.indexOf('Delivery: burst.') + 'Delivery: burst.'.length,
    );
  });

  it('have answers that a client can read, with their usage', () => {
    const json = jsonAnswer().toString();
    expect(json.length).toBeGreaterThan(900);
    expect(json.length).toBeLessThan(1_500);
    expect(readText('json', json)).toBe(answeredText('json'));

    const burst = streamAnswer(BURST_EVENTS);
    expect(burst).toHaveLength(BURST_EVENTS);
    const text = Buffer.concat(burst).toString();
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    expect(text.match(/"prompt_tokens":/g)).toHaveLength(1);
    expect(readText('burst', text)).toBe(answeredText('burst'));

    const paced = Buffer.concat(streamAnswer(PACED_EVENTS)).toString();
    expect(readText('paced', paced)).toBe(answeredText('paced'));
  });
});
