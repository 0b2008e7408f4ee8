import { ProtocolError } from './frames';
import type { Frame } from './frames';
import type {
  DateReads,
  ErrorReport,
  Recorded,
  SandboxMessage,
} from './messages';

const MAX_NAME = 200;
const MAX_MESSAGE = 4200;
const MAX_LIST = 50_000;
const LOG_LEVELS = ['log', 'info', 'debug', 'warn', 'error'];

/**
 * Reads what a sandbox process says, as something that an attacker may have
 * written.
 *
 * @throws ProtocolError naming what is wrong.
 */
export function parseSandboxMessage({ header }: Frame): SandboxMessage {
  switch (header.kind) {
    case 'ready':
      return {
        kind: 'ready',
        engine: text(header.engine, 'engine', MAX_NAME),
        interfaces: list(header.interfaces, 'interfaces', item =>
          text(item, 'interface', MAX_NAME),
        ),
      };
    case 'pong':
      return { kind: 'pong', number: whole(header.number, 'number') };
    case 'document':
      return { kind: 'document', hash: text(header.hash, 'hash', MAX_NAME) };
    case 'turn':
      return { kind: 'turn', id: whole(header.id, 'id') };
    case 'log':
      return { kind: 'log', id: whole(header.id, 'id'), level: level(header) };
    case 'call':
      return {
        kind: 'call',
        id: whole(header.id, 'id'),
        operation: whole(header.operation, 'operation'),
        tool: text(header.tool, 'tool', Infinity),
        recorded: recorded(header.recorded),
      };
    case 'ended':
      return {
        kind: 'ended',
        id: whole(header.id, 'id'),
        error: header.error === undefined ? undefined : report(header.error),
        cut: optionalWhole(header.cut, 'cut'),
        recorded: recorded(header.recorded),
        cpuMs: duration(header.cpuMs),
        unsound: header.unsound === true,
      };
    default:
      throw new ProtocolError('The sandbox said something unknown');
  }
}

function text(value: unknown, name: string, maxLength: number): string {
  if (typeof value !== 'string' || value.length > maxLength) {
    throw new ProtocolError(`${name} is no text, or too long`);
  }
  return value;
}

function whole(value: unknown, name: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) {
    throw new ProtocolError(`${name} is no whole number`);
  }
  return value as number;
}

function optionalWhole(value: unknown, name: string): number | undefined {
  return value === undefined ? undefined : whole(value, name);
}

function duration(value: unknown): number {
  if (typeof value !== 'number' || !(value >= 0) || value > 1e9) {
    throw new ProtocolError('cpuMs is no duration');
  }
  return value;
}

function list<T>(
  value: unknown,
  name: string,
  read: (item: unknown) => T,
): T[] {
  if (!Array.isArray(value) || value.length > MAX_LIST) {
    throw new ProtocolError(`${name} is no list, or too long`);
  }
  return value.map(read);
}

function level(header: Record<string, unknown>): string {
  const name = text(header.level, 'level', MAX_NAME);
  if (!LOG_LEVELS.includes(name)) {
    throw new ProtocolError('level is unknown');
  }
  return name;
}

function recorded(value: unknown): Recorded {
  const { dates, turns, lookups } = object(value, 'recorded');
  return {
    dates: list(dates, 'dates', dateReads),
    turns: list(turns, 'turns', turn => whole(turn, 'turn')),
    lookups: whole(lookups, 'lookups'),
  };
}

function dateReads(value: unknown): DateReads {
  if (!Array.isArray(value) || value.length !== 2) {
    throw new ProtocolError('dates are no pairs');
  }
  return [whole(value[0], 'date'), whole(value[1], 'reads')];
}

function report(value: unknown): ErrorReport {
  const { name, message, line, column, limit } = object(value, 'error');
  return {
    name: text(name, 'name', MAX_NAME),
    message: text(message, 'message', MAX_MESSAGE),
    line: optionalWhole(line, 'line'),
    column: optionalWhole(column, 'column'),
    limit: limit === undefined ? undefined : text(limit, 'limit', MAX_NAME),
  };
}

function object(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ProtocolError(`${name} is no object`);
  }
  return value as Record<string, unknown>;
}
