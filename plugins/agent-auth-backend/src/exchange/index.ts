export { IssuerKeys } from './IssuerKeys';
export { readExchangeConfig } from './readExchangeConfig';
export { SIGNATURE_ALGORITHMS } from './signatureAlgorithms';
export { TrustedIssuers } from './TrustedIssuers';
export type { ExchangedToken } from './TrustedIssuers';
export type {
  ExchangedResource,
  ExchangeRule,
  TrustedIssuer,
} from './TrustedIssuer';
