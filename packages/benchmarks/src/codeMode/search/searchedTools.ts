import type { ToolDefinition } from '@prompt-corner/code-mode';
import type { RecordedServer } from '../../realTools/RecordedServer';
import { takeTools } from '../contenders/tools';

const SERVERS = 13;

/** The tools that the questions are about: all of the first 13 servers. */
export function searchedTools(servers: RecordedServer[]): ToolDefinition[] {
  const some = servers.slice(0, SERVERS);
  const count = some.reduce((sum, { tools }) => sum + tools.length, 0);
  return takeTools(some, count);
}
