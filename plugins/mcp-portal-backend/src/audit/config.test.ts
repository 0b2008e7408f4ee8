import { ConfigReader } from '@backstage/config';
import { AuditKeys } from './AuditKeys';
import { readAuditConfig } from './config';

const read = (audit?: object) =>
  readAuditConfig(new ConfigReader(audit ? { mcpPortal: { audit } } : {}));

describe('readAuditConfig', () => {
  it('denies, and keeps records for 400 days, when nothing else is said', () => {
    expect(read()).toEqual({
      onFailure: 'deny',
      commitTimeoutMs: 5_000,
      retentionDays: 400,
      maxQueuedRecords: 10_000,
      maxQueuedBytes: 67_108_864,
    });
    expect(
      read({
        onFailure: 'degrade',
        commitTimeout: '2s',
        retention: { days: 30 },
        maxQueuedRecords: 5,
        maxQueuedBytes: 6,
      }),
    ).toEqual({
      onFailure: 'degrade',
      commitTimeoutMs: 2_000,
      retentionDays: 30,
      maxQueuedRecords: 5,
      maxQueuedBytes: 6,
    });
  });

  it.each([
    [{ onFailure: 'ignore' }, 'mcpPortal.audit.onFailure'],
    [{ commitTimeout: { seconds: 0 } }, 'mcpPortal.audit.commitTimeout'],
    [{ commitTimeout: { minutes: 2 } }, 'mcpPortal.audit.commitTimeout'],
    [{ retention: { hours: 30 } }, 'mcpPortal.audit.retention'],
    [{ retention: { days: 0 } }, 'mcpPortal.audit.retention'],
    [{ maxQueuedRecords: 0 }, 'mcpPortal.audit.maxQueuedRecords'],
    [{ maxQueuedBytes: 1.5 }, 'mcpPortal.audit.maxQueuedBytes'],
  ])('says what is wrong with %j', (audit, message) => {
    expect(() => read(audit)).toThrow(message);
  });
});

describe('AuditKeys', () => {
  it('takes secrets of 32 bytes and more, each with its own id', () => {
    const secret = Buffer.alloc(32, 1);
    const keys = new AuditKeys([
      { id: 'new', secret },
      { id: 'old', secret: Buffer.alloc(64, 2) },
    ]);
    expect(keys.current.id).toBe('new');
    expect(keys.get('old')!.id).toBe('old');
    expect(keys.get('older')).toBeUndefined();
    expect(keys.current.sign('a', 'b')).toMatch(/^[0-9a-f]{64}$/);
    expect(keys.current.sign('a', 'b')).not.toBe(
      keys.get('old')!.sign('a', 'b'),
    );
    expect(keys.current.sign('a', 'b')).not.toBe(keys.current.sign('b', 'b'));

    expect(() => new AuditKeys([])).toThrow('at least one key');
    expect(
      () => new AuditKeys([{ id: 'short', secret: Buffer.alloc(31) }]),
    ).toThrow('"short" has to have at least 32 bytes');
    expect(
      () =>
        new AuditKeys([
          { id: 'same', secret },
          { id: 'same', secret },
        ]),
    ).toThrow('its own id');
    expect(() => new AuditKeys([{ id: '', secret }])).toThrow('1 to 64');
  });
});
