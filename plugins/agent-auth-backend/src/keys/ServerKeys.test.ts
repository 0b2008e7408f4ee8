import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { migrate } from '../database/migrate';
import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import { provideEncryptionKeys, SecretBox } from '@prompt-corner/encryption';
import { exportJWK, generateKeyPair } from 'jose';
import { ServerKeys } from './ServerKeys';

jest.setTimeout(60_000);

const DAY_MS = 24 * 60 * 60_000;
const box = new SecretBox([{ id: 'k', secret: 'a secret for this test' }], {
  purpose: 'agent-auth',
  configKey: 'agentAuth.encryption.keys',
});
const logger = mockServices.logger.mock();
const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

describe.each(databases.eachSupportedId())('ServerKeys on %s', databaseId => {
  async function create() {
    const database = await databases.init(databaseId);
    await migrate(database);
    const keys = () =>
      new ServerKeys({ database, box, rotationMs: 30 * DAY_MS, logger });
    return { database, keys: keys(), another: keys() };
  }

  const signers = ({ signing }: Awaited<ReturnType<ServerKeys['current']>>) =>
    signing.map(({ kid }) => kid);

  it('makes one key of each purpose, however many replicas start at once', async () => {
    const { database, keys, another } = await create();
    await Promise.all([keys.rotate(), another.rotate(), keys.rotate()]);
    expect(await database('server_keys')).toHaveLength(2);
    expect(await keys.current()).toEqual(await another.current());
    const stored = JSON.stringify(await database('server_keys'));
    const { signing, cookie } = await keys.current();
    expect(stored).not.toContain(signing[0].d);
    expect(stored).not.toContain(cookie[0]);
  });

  it('announces a new key for a day before it signs, and publishes the old one for a while', async () => {
    const { keys } = await create();
    const start = Date.now();
    await keys.rotate(start);
    const [first] = signers(await keys.current(start));

    await keys.rotate(start + 31 * DAY_MS);
    const announced = signers(await keys.current(start + 31 * DAY_MS));
    expect(announced).toHaveLength(2);
    expect(announced[0]).toBe(first);

    const changed = signers(await keys.current(start + 32.1 * DAY_MS));
    expect(changed).toEqual([announced[1], first]);

    await keys.rotate(start + 35 * DAY_MS);
    expect(signers(await keys.current(start + 35 * DAY_MS))).toEqual([
      announced[1],
    ]);
  });

  it('takes signing keys from a file, and says what is wrong with it', async () => {
    const { database } = await create();
    const file = join(mkdtempSync(join(tmpdir(), 'keys-')), 'jwks.json');
    const keys = new ServerKeys({
      database,
      box,
      rotationMs: DAY_MS,
      logger,
      signingKeysFile: file,
    });
    await keys.rotate();
    await expect(keys.current()).rejects.toThrow(/signingKeysFile/);
    const { privateKey, publicKey } = await generateKeyPair('ES256', {
      extractable: true,
    });
    const key = { ...(await exportJWK(privateKey)), kid: 'mine', alg: 'ES256' };
    for (const wrong of [
      '{',
      '{}',
      '{"keys":[]}',
      JSON.stringify({ keys: [await exportJWK(publicKey)] }),
      JSON.stringify({ keys: [{ ...key, alg: undefined }] }),
    ]) {
      writeFileSync(file, wrong);
      await expect(keys.current()).rejects.toThrow(/signingKeysFile/);
    }
    writeFileSync(file, JSON.stringify({ keys: [key] }));
    expect((await keys.current()).signing).toEqual([{ ...key, use: 'sig' }]);
    rmSync(dirname(file), { recursive: true });
  });

  it('refuses to start in production without an encryption key', async () => {
    const { database } = await create();
    const options = {
      configured: [],
      configKey: 'agentAuth.encryption.keys',
      database,
      table: 'server_keys',
      logger,
    };
    await expect(
      provideEncryptionKeys({ ...options, production: true }),
    ).rejects.toThrow(/Set agentAuth.encryption.keys/);
    const once = await provideEncryptionKeys({ ...options, production: false });
    const again = await provideEncryptionKeys({
      ...options,
      production: false,
    });
    expect(again).toEqual(once);
    expect(logger.warn).toHaveBeenCalled();
  });
});
