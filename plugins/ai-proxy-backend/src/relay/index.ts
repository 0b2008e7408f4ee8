export { OtherRequests } from './OtherRequests';
export { Relay } from './Relay';
export type { Relayed, RelayRequest } from './Relay';
export {
  checkHeaders,
  chunksOf,
  requestStream,
  streamOf,
} from './requestStream';
export { readWhole } from './wholeAnswer';
export type { WholeAnswer } from './wholeAnswer';
