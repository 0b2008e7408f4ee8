export * from './UseReporter';
