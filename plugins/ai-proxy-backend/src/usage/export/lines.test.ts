import fc from 'fast-check';
import { eventOf, NO_TOKENS } from '../__testUtils__/usageFixture';
import { exportHead, exportLine } from './lines';

/** Reads a line of CSV as RFC 4180 has it. */
function cellsOf(line: string): string[] {
  const cells = line
    .replace(/\r\n$/, '')
    .match(/(?:"(?:[^"]|"")*"|[^,"]*)(?:,|$)/g)!;
  return cells.slice(0, exportHead('csv').split(',').length).map(cell =>
    cell
      .replace(/,$/, '')
      .replace(/^"([^]*)"$/, '$1')
      .replaceAll('""', '"'),
  );
}

const column = (name: string) =>
  exportHead('csv').trimEnd().split(',').indexOf(name);

describe('Lines of exports', () => {
  it('have what an event has', () => {
    const event = eventOf({ session: 'a,b', costNanoUsd: null });
    const cells = cellsOf(exportLine('csv', event));
    expect(cells).toHaveLength(35);
    expect([
      cells[column('id')],
      cells[column('session')],
      cells[column('teams')],
      cells[column('streaming')],
      cells[column('cacheReadTokens')],
      cells[column('costNanoUsd')],
      cells[column('timeToFirstByteMs')],
    ]).toEqual([
      event.id,
      'a,b',
      'group:default/payments group:default/engineering',
      'true',
      '300',
      '',
      '400',
    ]);
    expect(JSON.parse(exportLine('ndjson', event))).toEqual(event);
    expect(exportHead('ndjson')).toBe('');
  });

  it.each([
    '=HYPERLINK("http://evil.example","x")',
    '+1+cmd|calc!A0',
    '-2+3',
    '@SUM(1)',
    '\t=1',
    '\r=1',
    '\n=1',
    '  =1',
    '\uFF1D1+1',
  ])('are no formula with %j', text => {
    const cells = cellsOf(exportLine('csv', eventOf({ model: text })));
    expect(cells[column('model')]).toBe(`'${text}`);
  });

  it('keep every text in its cell', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.constantFrom('client', 'session', 'requestedModel'),
        (text, field) => {
          const event = eventOf({ [field]: text, tokens: NO_TOKENS });
          const cells = cellsOf(exportLine('csv', event));
          expect(cells).toHaveLength(35);
          expect(cells[column(field)].replace(/^'/, '')).toBe(
            text.replace(/^'/, ''),
          );
        },
      ),
    );
  });
});
