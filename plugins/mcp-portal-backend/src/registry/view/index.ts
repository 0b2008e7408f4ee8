export * from './RegistrySnapshot';
export * from './RegistryView';
