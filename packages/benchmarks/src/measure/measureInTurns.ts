import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import type { Meter } from './Meter';
import { mean, percentile } from './statistics';

/** One contender's way of doing something once, for the nth subject. */
export interface Turn {
  contender: string;
  meter: Meter;
  /** @returns what a model gets to read, as text made only when asked for, outside the time taken */
  run(subject: number): Promise<() => string>;
  /** The share of what an answer must contain that a text has; 0 to 1. */
  cover(text: string, subject: number): number;
}

/** What one contender took. */
export interface Measurement {
  contender: string;
  p50Ms: number;
  p99Ms: number;
  /** HTTP requests, on average. */
  calls: number;
  /** Bytes of response bodies, decompressed, on average. */
  bodyBytes: number;
  /** Bytes of response bodies as transferred, on average. */
  wireBytes: number;
  /** Tokens (o200k) that a model reads, on average over the subjects. */
  tokens: number;
  /** The share of what answers must contain that they have, on average over the subjects. */
  coverage: number;
}

/**
 * Measures contenders request by request in turns, so that noise hits all
 * alike; who begins changes from round to round.
 *
 * Warms up with one round for each subject, and counts tokens and checks the
 * answers then, so that neither is in the times.
 *
 * @param options.rounds - requests for each contender
 * @param options.subjects - how many subjects there are, asked about in turn
 */
export async function measureInTurns(options: {
  turns: Turn[];
  subjects: number;
  rounds: number;
}): Promise<Measurement[]> {
  const { turns, subjects, rounds } = options;
  const samples = turns.map(turn => ({
    turn,
    tokens: [] as number[],
    coverage: [] as number[],
    ms: [] as number[],
    calls: [] as number[],
    bodyBytes: [] as number[],
    wireBytes: [] as number[],
  }));

  for (let subject = 0; subject < Math.min(subjects, rounds); subject++) {
    for (const { turn, tokens, coverage } of samples) {
      const text = (await turn.run(subject))();
      tokens.push(encode(text).length);
      coverage.push(turn.cover(text, subject));
    }
  }
  for (let round = 0; round < rounds; round++) {
    for (let place = 0; place < samples.length; place++) {
      const sample = samples[(round + place) % samples.length];
      const { meter } = sample.turn;
      meter.reset();
      const start = performance.now();
      await sample.turn.run(round % subjects);
      sample.ms.push(performance.now() - start);
      const transfer = meter.read();
      sample.calls.push(transfer.requests);
      sample.bodyBytes.push(transfer.bodyBytes);
      sample.wireBytes.push(transfer.wireBytes);
    }
  }
  return samples.map(({ turn, ms, ...counts }) => ({
    contender: turn.contender,
    p50Ms: percentile(ms, 0.5),
    p99Ms: percentile(ms, 0.99),
    calls: mean(counts.calls),
    bodyBytes: mean(counts.bodyBytes),
    wireBytes: mean(counts.wireBytes),
    tokens: mean(counts.tokens),
    coverage: mean(counts.coverage),
  }));
}
