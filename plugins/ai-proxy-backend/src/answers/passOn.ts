import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Timeouts } from '../providers';
import type { Client } from '../upstream';

/** How an answer ended. */
export type AnswerEnd =
  /** As it should. */
  | 'complete'
  /** The provider did not finish it. */
  | 'cut'
  /** The client went before. */
  | 'aborted';

/** How much is read of an answer after its client has gone. */
const MAX_DRAINED_BYTES = 16 * 1024 * 1024;

/**
 * Passes the body of an answer on, byte by byte as it comes, no faster than the
 * client reads. Each piece is on its way before it is looked at.
 *
 * @param options.onChunk - looks at it
 * @returns when nothing more comes
 */
export function passOn(
  from: IncomingMessage,
  to: ServerResponse,
  options: {
    client: Client;
    onDisconnect: 'cancel' | 'drain';
    timeouts: Timeouts;
    onChunk: (chunk: Buffer) => void;
  },
): Promise<AnswerEnd> {
  const { client, onDisconnect, timeouts, onChunk } = options;
  return new Promise(resolve => {
    let isGone = false;
    let drained = 0;
    const idle = setTimeout(() => {
      // Nothing comes, or nobody reads.
      from.destroy();
      to.destroy();
    }, timeouts.idleMs);
    const leave = () => {
      isGone = true;
      if (onDisconnect === 'cancel') {
        from.destroy();
        return;
      }
      from.resume();
      setTimeout(() => from.destroy(), timeouts.drainMs).unref();
    };
    const stay = client.onGone(leave);
    const end = (how: AnswerEnd) => {
      clearTimeout(idle);
      stay();
      // When the last piece has been looked at.
      process.nextTick(() => resolve(isGone ? 'aborted' : how));
    };

    // What came at once goes on at once: events of a stream often come together.
    let arrived: Buffer[] = [];
    const forward = () => {
      if (arrived.length === 0) {
        return;
      }
      const chunk = arrived.length === 1 ? arrived[0] : Buffer.concat(arrived);
      arrived = [];
      idle.refresh();
      if (isGone) {
        drained += chunk.length;
        if (drained > MAX_DRAINED_BYTES) {
          from.destroy();
        }
      } else if (!to.write(chunk)) {
        from.pause();
      }
      // The first piece leaves with the headers, at the end of this tick.
      process.nextTick(onChunk, chunk);
    };
    from.on('data', (chunk: Buffer) => {
      if (arrived.push(chunk) === 1) {
        process.nextTick(forward);
      }
    });
    to.on('drain', () => {
      idle.refresh();
      from.resume();
    });
    from.on('end', () => {
      forward();
      if (!isGone) {
        to.end();
      }
      end('complete');
    });
    from.on('error', () => {});
    from.on('close', () => {
      forward();
      if (!from.readableEnded) {
        // The client has to see that something is missing.
        to.destroy();
        end('cut');
      }
    });
    if (client.isGone) {
      leave();
    }
    if (from.closed) {
      to.destroy();
      end('cut');
    }
  });
}
