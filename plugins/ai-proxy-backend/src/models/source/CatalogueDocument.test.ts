import fc from 'fast-check';
import { sourceDocument, sourceModel } from '../__testUtils__/sourceModels';
import { parseStored, readDocument, toStored } from './CatalogueDocument';

describe('a document of the source', () => {
  it('is read as far as providers are wanted', () => {
    const document = sourceDocument({
      anthropic: [sourceModel('claude'), sourceModel('opus')],
      openai: [sourceModel('gpt')],
      others: [sourceModel('x')],
    });
    const { providers, skipped, missing } = readDocument(document, [
      'anthropic',
      'openai',
      'unheard-of',
    ]);
    expect(missing).toEqual(['unheard-of']);
    expect([...providers.keys()]).toEqual(['anthropic', 'openai']);
    expect([...providers.get('anthropic')!.keys()]).toEqual(['claude', 'opus']);
    expect(skipped.count).toBe(0);
  });

  it.each([
    ['without a name', { name: undefined }, 'name'],
    ['without limits', { limit: undefined }, 'limit'],
    ['with a negative price', { cost: { input: -1, output: 1 } }, 'cost.input'],
    ['with a price as text', { cost: { input: '1', output: 1 } }, 'cost.input'],
    ['with another id than its key', { id: 'other' }, 'id'],
    ['that is no object', null, ''],
  ])('is read without a model %s, and says so', (_, changes, where) => {
    const good = sourceModel('good');
    const bad = changes && sourceModel('bad', changes);
    const { providers, skipped } = readDocument(
      { p: { models: { good, bad } } },
      ['p'],
    );
    expect([...providers.get('p')!.keys()]).toEqual(['good']);
    expect(skipped.count).toBe(1);
    expect(skipped.examples[0]).toContain(`p/bad: ${where}`);
  });

  it('keeps a model whose descriptions are odd, without them', () => {
    const odd = sourceModel('odd', {
      family: 7,
      modalities: 'text',
      status: 'retired',
      reasoning: 'yes',
    });
    const { providers } = readDocument(sourceDocument({ p: [odd] }), ['p']);
    expect(providers.get('p')!.get('odd')).toMatchObject({
      id: 'odd',
      family: undefined,
      modalities: undefined,
      status: undefined,
      reasoning: undefined,
    });
  });

  it.each([
    ['null', null],
    ['a list', []],
    ['text', 'models'],
    ['an object of something else', { error: { message: 'no' } }],
    ['providers without models', { p: { id: 'p' } }],
    ['providers with bad models only', { p: { models: { a: {} } } }],
  ])('is refused when it is %s', (_, document) => {
    expect(() => readDocument(document, ['p'])).toThrow(/^It (is|has)/);
  });

  it('never breaks the reader', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        const { providers } = readDocument(
          { ...sourceDocument({ p: [sourceModel('a')] }), q: value },
          ['p', 'q'],
        );
        expect(providers.get('p')?.size).toBe(1);
      }),
    );
  });

  it('is the same after it was stored', () => {
    const document = {
      ...readDocument(
        {
          p: {
            models: { a: sourceModel('a', { interleaved: true }), bad: null },
          },
          q: { models: { b: sourceModel('b') } },
        },
        ['p', 'q', 'r'],
      ),
      goneSince: new Map([['p/a', '2026-01-01T00:00:00.000Z']]),
    };
    const stored = toStored(document);
    expect(parseStored(stored)).toEqual(document);
    expect(() => parseStored('{}')).toThrow('cannot be read');
  });
});
