import { EventEmitter, once } from 'node:events';
import type { EverythingTool } from './tools';

/** Works until it is cancelled. @param events - told `started` and `cancelled` */
export function endlessTool(events: EventEmitter): EverythingTool {
  return {
    name: 'endless',
    description: 'Works until it is cancelled',
    inputSchema: { type: 'object' },
    run: async (_, ctx) => {
      events.emit('started');
      await once(ctx.mcpReq.signal, 'abort');
      events.emit('cancelled');
      return { content: [] };
    },
  };
}
