import { readFileSync } from 'node:fs';
import { resolvePackagePath } from '@backstage/backend-plugin-api';

/** A tool as its server lists it; other fields of the protocol are kept too. */
export interface RecordedTool {
  name: string;
  title?: string;
  description?: string;
  inputSchema: object;
  outputSchema?: object;
  annotations?: object;
}

/** The tools of one MCP server, and whose they are. */
export interface RecordedServer {
  /** How the server is called in a portal. */
  name: string;
  package: string;
  version: string;
  /** As its package.json declares it. */
  licence: string;
  /** Lines of its licence file that say whose it is. */
  copyright: string[];
  /** The day on which it was asked. */
  recordedOn: string;
  tools: RecordedTool[];
}

/** Where the recording is. */
export const RECORDING = resolvePackagePath(
  '@prompt-corner/benchmarks',
  'data/real-tools.json',
);

/** Tool definitions of real MCP servers, in the order of `SERVERS`. */
export function readRecording(): RecordedServer[] {
  return JSON.parse(readFileSync(RECORDING, 'utf8'));
}
