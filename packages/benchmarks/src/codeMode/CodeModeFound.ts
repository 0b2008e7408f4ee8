import type { Distribution } from '../tokenChecks/load/LoadResult';
import type { Contender, ContenderName } from './contenders/Contender';
import type { Latency } from './measure/measureLatency';
import type { Start } from './measure/measureStart';
import type { Throughput } from './measure/measureThroughput';
import type { SearchTime } from './search/measureSearch';
import type { Score } from './search/scoreSearch';
import type { Tokens } from './tokens/measureTokens';

/** What one run found. */
export interface CodeModeFound {
  contenders: Array<Pick<Contender, 'name' | 'version'>>;
  starts: Start[];
  latency: Latency[];
  /** A request to workerd that runs nothing. */
  roundTrip: Distribution;
  /** Before anything was measured, in MiB. */
  idleMemoryMib: Array<{ contender: ContenderName; memoryMib: number }>;
  throughput: Throughput[];
  tokens: Tokens[];
  search: {
    tools: number;
    servers: number;
    /** Of the questions with which the search was worked on. */
    known: Score;
    heldOut: Score;
    time: SearchTime;
  };
}
