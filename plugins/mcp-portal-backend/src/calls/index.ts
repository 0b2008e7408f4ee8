export { CONNECT } from './askToConnect';
export type { CallStage } from './CallRefusal';
export { HeldCalls } from './HeldCalls';
export type {
  CallAction,
  CallingClient,
  CallRound,
  PortalCall,
} from './PortalCall';
export { digestOf, recordedCaller } from './CallRecord';
export { PortalCalls } from './PortalCalls';
export type { CallAnswer } from './PortalCalls';
export { CallRefusal } from './CallRefusal';
