/** Who wants what of a model: all that budgets look at. */
export interface Demand {
  /** UUID of the user or service. */
  user: string;
  kind: 'user' | 'service';
  /** Entity refs of the caller's groups, nested ones too. */
  teams: string[];
  /** Id of the OAuth client. */
  client: string;
  connectionId: string;
  /** What the user allowed the connection, US dollars in a calendar day (UTC). */
  grantBudgetUsdPerDay?: number;
  /** Name of the provider in the configuration. */
  provider: string;
  /** Which is asked, without aliases. */
  model: string;
  /** Those that the provider may ask besides: what counts for one of them counts for the request. */
  otherModels?: string[];
}

/** A demand of which not all is known yet: for whatever model, through whatever client. */
export type OpenDemand = Omit<Demand, OpenPart> &
  Partial<Pick<Demand, OpenPart>>;

type OpenPart = 'provider' | 'model' | 'client' | 'connectionId';
