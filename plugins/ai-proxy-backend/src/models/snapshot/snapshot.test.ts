import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { sourceDocument, sourceModel } from '../__testUtils__/sourceModels';
import { toPrices } from '../source/toPrices';
import { readSnapshot } from './readSnapshot';
import { writeSnapshot } from './writeSnapshot';

describe('the models that come with this version', () => {
  it('are those of the wanted providers, all of which can be read', async () => {
    const { document, asOf } = await readSnapshot([
      'anthropic',
      'openai',
      'google',
      'unheard-of',
    ]);
    expect([...document.providers.keys()]).toEqual([
      'anthropic',
      'openai',
      'google',
    ]);
    expect(document.skipped).toEqual({ count: 0, examples: [] });
    expect(asOf.toISOString()).toMatch(/^20\d\d-\d\d-\d\dT/);
    const opus = document.providers.get('anthropic')!.get('claude-opus-5')!;
    expect(toPrices(opus)).toEqual({
      input: 5,
      output: 25,
      cacheRead: 0.5,
      cacheWrite5m: 6.25,
      serviceTiers: {
        fast: { input: 10, output: 50, cacheRead: 1, cacheWrite5m: 12.5 },
      },
    });
    const gpt = document.providers.get('openai')!.get('gpt-5.4')!;
    expect(toPrices(gpt)).toMatchObject({
      input: 2.5,
      tiers: [{ aboveInputTokens: 272_000, input: 5, output: 22.5 }],
      serviceTiers: { priority: { input: 5, output: 30, cacheRead: 0.5 } },
    });
  });

  it('are none when no provider is wanted that they have', async () => {
    const { document } = await readSnapshot(['unheard-of']);
    expect(document.providers.size).toBe(0);
  });
});

describe('writing a snapshot', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'models-snapshot-'));
  });

  afterEach(() => rm(folder, { recursive: true }));

  const write = async (document: object) => {
    const file = join(folder, 'api.json');
    await writeFile(file, JSON.stringify(document));
    return writeSnapshot(file, folder);
  };
  const good = sourceDocument({
    anthropic: [sourceModel('a', { last_updated: '2026-03-04' })],
    openai: [sourceModel('b')],
    google: [sourceModel('c')],
  });

  it('packs the document, and tells as of when it is', async () => {
    await expect(write(good)).resolves.toBe(
      'Wrote the models of 3 providers as of 2026-03-04',
    );
    const packed = await readFile(join(folder, 'models-dev.json.gz'));
    expect(JSON.parse(String(gunzipSync(packed)))).toEqual(good);
    // What was written can be written again.
    await expect(
      writeSnapshot(join(folder, 'models-dev.json.gz'), folder),
    ).resolves.toContain('2026-03-04');
  });

  it('refuses what lacks a large provider, or has models that cannot be read', async () => {
    const { google, ...rest } = good;
    await expect(write(rest)).rejects.toThrow('google');
    const bad = sourceDocument({ google: [{ id: 'c' }, sourceModel('d')] });
    await expect(write({ ...good, ...bad })).rejects.toThrow('google/c');
  });
});
