export { Departures } from './Departures';
