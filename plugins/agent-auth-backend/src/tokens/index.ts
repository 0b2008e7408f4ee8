export * from './AccessTokens';
export * from './PersonalTokens';
export * from './TokenIntrospection';
