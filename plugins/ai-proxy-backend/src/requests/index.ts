export { Exchange, sendRefusal } from './Exchange';
export { InferenceRequests } from './InferenceRequests';
export type {
  Denial,
  InferenceStages,
  Metered,
  Reserved,
} from './InferenceRequests';
