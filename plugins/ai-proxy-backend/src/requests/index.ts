export { Exchange, sendRefusal } from './Exchange';
export { InferenceRequests } from './InferenceRequests';
export type {
  Cost,
  Denial,
  InferenceStages,
  Metered,
  Reserved,
} from './stages';
