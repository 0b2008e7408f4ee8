export { Exchange, NO_TOKENS, sendRefusal } from './Exchange';
export { InferenceRequests } from './InferenceRequests';
export { outcomeOf, tell } from './outcome';
export { permittedChain } from './permittedChain';
export { prepareInference } from './prepareInference';
export { mostOf, worstCase } from './worstCase';
export type {
  Cost,
  Denial,
  InferenceStages,
  Metered,
  Reserved,
} from './stages';
