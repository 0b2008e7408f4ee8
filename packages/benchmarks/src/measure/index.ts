export { Meter, type Transfer } from './Meter';
export { measureInTurns, type Measurement, type Turn } from './measureInTurns';
export { mean, percentile } from './statistics';
