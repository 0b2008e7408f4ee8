export * from './argumentPath';
export * from './readArguments';
export * from './recordArguments';
