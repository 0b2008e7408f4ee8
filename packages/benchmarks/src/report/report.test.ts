import type { Measurement } from '../measure';
import { createReport, renderMarkdown, renderText } from './report';

const measurement = (
  contender: string,
  p50Ms: number,
  wireBytes: number,
): Measurement => ({
  contender,
  p50Ms,
  p99Ms: p50Ms * 2,
  calls: 1,
  bodyBytes: wireBytes * 2,
  wireBytes,
  tokens: 1_234,
  coverage: 0.999,
});

const report = (ownMs: number, results = true) =>
  createReport({
    command: 'yarn bench',
    machine: {
      cpu: 'Test CPU',
      cores: 2,
      memoryGib: 8,
      load: 0.5,
      node: 'v24.0.0',
      date: '2026-11-21',
    },
    dataset: {
      hash: 'abc',
      entities: 16_117,
      ingestionSeconds: 113,
      databaseBytes: 2 ** 28,
    },
    contenders: ['prompt-corner', 'mcp-actions', 'direct'],
    requests: 200,
    permissions: true,
    results: results
      ? [
          {
            id: 'what-is',
            title: 'What is service X?',
            measurements: [
              measurement('prompt-corner', ownMs, 100),
              measurement('mcp-actions', 20, 1_000),
              measurement('direct', 4, 300),
            ],
          },
        ]
      : [],
  });

describe('report', () => {
  it('passes budgets that are kept and misses those that are not', () => {
    const verdicts = (ownMs: number) =>
      report(ownMs).budgets.map(({ measured, pass }) => [measured, pass]);
    expect(verdicts(5)).toEqual([
      ['1.25x', true],
      ['0.25x', true],
      ['0.10x (decompressed 0.10x)', true],
    ]);
    expect(verdicts(6.5).map(([, pass]) => pass)).toEqual([false, false, true]);
  });

  it('judges nothing that was not measured', () => {
    expect(report(5, false).budgets).toEqual([]);
  });

  it('never rounds an incomplete answer up to a full one', () => {
    expect(renderText(report(5))).toContain('99 %');
  });

  it('renders the same numbers for terminals and for Markdown', () => {
    const text = renderText(report(5));
    const markdown = renderMarkdown(report(5));
    expect(text).toMatch(/What is service X\?\s+prompt-corner\s+5\.0\s+10\.0/);
    expect(markdown).toContain(
      '| What is service X? | prompt-corner | 5.0 | 10.0 | 1 | 200 | 100 | 1,234 | 99 % |',
    );
    expect(markdown).toContain('## Asking the catalog, 2026-11-21');
  });
});
