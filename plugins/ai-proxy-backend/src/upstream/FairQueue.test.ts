import { FairQueue, QueueError, Release } from './FairQueue';

function queueOf(max: number, queue = 100, queueTimeoutMs = 10_000) {
  return new FairQueue({ max, queue, queueTimeoutMs });
}

describe('FairQueue', () => {
  it('lets callers take turns, whoever came with more', async () => {
    const queue = queueOf(1);
    const order: string[] = [];
    const first = queue.take('ada') as Release;
    const turns = ['ada', 'ada', 'ada', 'linus', 'grace', 'linus'].map(
      async caller => {
        const release = await queue.take(caller);
        order.push(caller);
        release();
      },
    );
    first();
    await Promise.all(turns);
    expect(order).toEqual(['ada', 'linus', 'grace', 'ada', 'linus', 'ada']);
    expect(queue.load).toEqual({ running: 0, waiting: 0 });
  });

  it('never lets more go than it may, and loses no turn', async () => {
    const queue = queueOf(3);
    let running = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const release = await queue.take(`caller-${index % 7}`);
        most = Math.max(most, ++running);
        await Promise.resolve();
        running--;
        release();
        // Twice ends it once.
        release();
      }),
    );
    expect(most).toBe(3);
    expect(queue.load).toEqual({ running: 0, waiting: 0 });
  });

  it('turns away when too many wait, and whoever waits too long', async () => {
    const queue = queueOf(1, 1, 20);
    const release = queue.take('ada') as Release;
    const waiting = queue.take('linus') as Promise<Release>;
    expect(() => queue.take('grace')).toThrow(QueueError);
    await expect(waiting).rejects.toThrow('waited too long');
    release();
    expect(queue.load).toEqual({ running: 0, waiting: 0 });
  });

  it('forgets who has gone', async () => {
    const queue = queueOf(1);
    const release = queue.take('ada') as Release;
    let leave = () => {};
    const waiting = queue.take('linus', listener => {
      leave = listener;
    });
    leave();
    await expect(waiting).rejects.toThrow('has gone');
    release();
    expect(queue.load).toEqual({ running: 0, waiting: 0 });
  });
});
