export { ClientMessages } from './ClientMessages';
export { ClientSessions } from './ClientSessions';
export type { ClientSession, SessionOwner } from './ClientSessions';
export { PausedCalls } from './PausedCalls';
export type { CallStep, Question } from './PausedCalls';
export { RequestStates } from './RequestStates';
export type { RequestState } from './RequestStates';
