/** A business area: one domain entity. */
export interface AreaWords {
  name: string;
  /** Completes "… for …". */
  about: string;
}

/** What a system takes care of within its area. */
export interface TopicWords {
  name: string;
  /** The singular and plural of what its API serves, in kebab case. */
  resource: string;
  plural: string;
  /** A full clause that says what it does. */
  purpose: string;
  /** What one can do to the resource besides reading and writing it. */
  actions: string[];
}

/** One of the shapes in which a system is deployed. */
export interface RoleWords {
  name: string;
  /** A sentence with the placeholder {plural}. */
  sentence: string;
}

export const AREAS: AreaWords[] = [
  ['checkout', 'turning a basket into an order'],
  ['payments', 'taking money from customers'],
  ['billing', 'charging businesses by the month'],
  ['catalogue', 'what the shop sells'],
  ['inventory', 'what lies in which warehouse'],
  ['fulfilment', 'picking and packing orders'],
  ['shipping', 'getting parcels to the door'],
  ['returns', 'goods that come back'],
  ['orders', 'the life of an order'],
  ['loyalty', 'points, tiers and rewards'],
  ['marketing', 'campaigns and audiences'],
  ['messaging', 'mail, push and text messages'],
  ['discovery', 'finding products'],
  ['recommendations', 'what a shopper may like next'],
  ['reviews', 'what customers say of products'],
  ['merchants', 'the sellers of the marketplace'],
  ['partners', 'integrations with other companies'],
  ['onboarding', 'the first days of a merchant'],
  ['identity', 'who somebody is'],
  ['access', 'who may do what'],
  ['accounts', 'customer accounts'],
  ['support', 'helping customers'],
  ['fraud', 'spotting abuse before it costs money'],
  ['risk', 'exposure to sellers and buyers'],
  ['compliance', 'what regulators ask for'],
  ['tax', 'value added and sales tax'],
  ['ledger', 'the books'],
  ['treasury', 'cash and currency'],
  ['payouts', 'paying sellers'],
  ['subscriptions', 'recurring purchases'],
  ['experiments', 'feature flags and tests'],
  ['analytics', 'figures for decisions'],
  ['reporting', 'figures for the outside'],
  ['lakehouse', 'the data platform'],
  ['observability', 'logs, metrics and traces'],
  ['platform', 'what every service runs on'],
  ['edge', 'traffic at the border'],
  ['delivery', 'building and releasing software'],
  ['security', 'keeping attackers out'],
  ['media', 'images and video'],
  ['content', 'texts and pages'],
  ['localisation', 'languages and regions'],
  ['mobile', 'the apps'],
  ['storefront', 'the web shop'],
  ['workforce', 'the people who work here'],
].map(([name, about]) => ({ name, about }));

const topic = (
  name: string,
  resource: string,
  plural: string,
  purpose: string,
  ...actions: string[]
): TopicWords => ({ name, resource, plural, purpose, actions });

export const TOPICS: TopicWords[] = [
  topic(
    'pricing',
    'price',
    'prices',
    'It decides what an item costs for whom, and why',
    'quote',
    'override',
  ),
  topic(
    'refunds',
    'refund',
    'refunds',
    'It gives money back and keeps both sides of the books equal',
    'approve',
    'cancel',
    'retry',
  ),
  topic(
    'invoices',
    'invoice',
    'invoices',
    'It writes documents that somebody has to pay',
    'finalise',
    'void',
    'send',
  ),
  topic(
    'sessions',
    'session',
    'sessions',
    'It remembers what a visitor was doing, across devices',
    'extend',
    'revoke',
  ),
  topic(
    'tokens',
    'token',
    'tokens',
    'It issues short-lived credentials and takes them back',
    'rotate',
    'revoke',
  ),
  topic(
    'quotas',
    'quota',
    'quotas',
    'It limits how much one caller may use in a window',
    'raise',
    'reset',
  ),
  topic(
    'schedules',
    'schedule',
    'schedules',
    'It decides when something runs, and what happens when it cannot',
    'pause',
    'resume',
  ),
  topic(
    'webhooks',
    'webhook',
    'webhooks',
    'It tells other systems that something happened, at least once',
    'replay',
    'disable',
  ),
  topic(
    'notifications',
    'notification',
    'notifications',
    'It tells people that something happened, on the channel that they chose',
    'dismiss',
    'resend',
  ),
  topic(
    'ranking',
    'ranking',
    'rankings',
    'It puts candidates in the order that serves the shopper best',
    'explain',
    'retrain',
  ),
  topic(
    'listings',
    'listing',
    'listings',
    'It holds what is offered, by whom, and in which state',
    'publish',
    'withdraw',
  ),
  topic(
    'exports',
    'export',
    'exports',
    'It writes large extracts to a place where others can fetch them',
    'start',
    'cancel',
  ),
  topic(
    'imports',
    'import',
    'imports',
    'It reads files that partners upload, and reports every line it refused',
    'validate',
    'rollback',
  ),
  topic(
    'audit',
    'audit-record',
    'audit-records',
    'It keeps who did what, in an order that nobody can change',
    'verify',
    'seal',
  ),
  topic(
    'reconciliation',
    'reconciliation',
    'reconciliations',
    'It compares two books and explains each difference',
    'start',
    'accept',
  ),
  topic(
    'routing',
    'route',
    'routes',
    'It chooses the way that a request or a parcel takes',
    'simulate',
    'drain',
  ),
  topic(
    'eligibility',
    'eligibility-check',
    'eligibility-checks',
    'It answers whether somebody qualifies, with the rule that decided',
    'evaluate',
    'explain',
  ),
  topic(
    'limits',
    'limit',
    'limits',
    'It caps exposure per party and per day',
    'raise',
    'suspend',
  ),
  topic(
    'approvals',
    'approval',
    'approvals',
    'It waits for a second pair of eyes before something irreversible',
    'grant',
    'reject',
  ),
  topic(
    'templates',
    'template',
    'templates',
    'It renders texts from parts that editors own',
    'preview',
    'publish',
  ),
  topic(
    'preferences',
    'preference',
    'preferences',
    'It remembers what somebody opted into, and when',
    'reset',
    'export',
  ),
  topic(
    'policies',
    'policy',
    'policies',
    'It holds rules as data and answers what they say',
    'evaluate',
    'activate',
  ),
  topic(
    'attachments',
    'attachment',
    'attachments',
    'It stores files that belong to something else, scanned for malware',
    'scan',
    'share',
  ),
  topic(
    'events',
    'event',
    'events',
    'It collects what happened and hands it on in order',
    'replay',
    'acknowledge',
  ),
  topic(
    'metrics',
    'metric',
    'metrics',
    'It turns raw events into figures by the minute',
    'backfill',
    'rollup',
  ),
  topic(
    'alerts',
    'alert',
    'alerts',
    'It wakes somebody up when a figure leaves its band',
    'acknowledge',
    'silence',
  ),
  topic(
    'forecasts',
    'forecast',
    'forecasts',
    'It predicts the coming weeks, with an interval',
    'recompute',
    'compare',
  ),
  topic(
    'segments',
    'segment',
    'segments',
    'It groups people by what they did, not who they are',
    'recompute',
    'freeze',
  ),
  topic(
    'campaigns',
    'campaign',
    'campaigns',
    'It runs an offer from its first hour to its last',
    'launch',
    'pause',
  ),
  topic(
    'discounts',
    'discount',
    'discounts',
    'It takes something off, and stops people from stacking offers',
    'apply',
    'expire',
  ),
  topic(
    'vouchers',
    'voucher',
    'vouchers',
    'It issues codes that can be used exactly once',
    'redeem',
    'block',
  ),
  topic(
    'addresses',
    'address',
    'addresses',
    'It cleans and verifies postal addresses of 60 countries',
    'verify',
    'normalise',
  ),
  topic(
    'documents',
    'document',
    'documents',
    'It keeps signed papers for as long as the law asks',
    'sign',
    'archive',
  ),
  topic(
    'contracts',
    'contract',
    'contracts',
    'It holds terms that were agreed, with every earlier version',
    'sign',
    'terminate',
  ),
  topic(
    'disputes',
    'dispute',
    'disputes',
    'It follows a claim from the first letter to the last',
    'accept',
    'contest',
  ),
  topic(
    'settlements',
    'settlement',
    'settlements',
    'It nets what parties owe each other and closes the day',
    'close',
    'reopen',
  ),
  topic(
    'holds',
    'hold',
    'holds',
    'It reserves something until somebody takes it or time runs out',
    'release',
    'capture',
  ),
  topic(
    'feeds',
    'feed',
    'feeds',
    'It publishes a catalogue in the formats that channels ask for',
    'rebuild',
    'validate',
  ),
  topic(
    'profiles',
    'profile',
    'profiles',
    'It keeps the facts about a party in one place',
    'merge',
    'anonymise',
  ),
  topic(
    'workflows',
    'workflow',
    'workflows',
    'It drives steps that take days and survive restarts',
    'signal',
    'cancel',
  ),
];

export const ROLES: RoleWords[] = [
  [
    'service',
    'The system of record for {plural}: it owns their state and answers for it.',
  ],
  [
    'api',
    'The public face of {plural}; it validates, authorises and hands on.',
  ],
  ['worker', 'Works off the queue of {plural} in the background.'],
  [
    'gateway',
    'Talks to outside providers about {plural} and hides their differences.',
  ],
  ['scheduler', 'Starts the regular jobs around {plural}.'],
  ['consumer', 'Reads events of other areas and updates {plural} from them.'],
  ['projector', 'Builds read models of {plural} from the event log.'],
  ['indexer', 'Keeps the search index of {plural} fresh.'],
  ['enricher', 'Adds to {plural} what other systems know about them.'],
  ['exporter', 'Writes {plural} to the data platform every hour.'],
  ['reconciler', 'Finds {plural} whose two copies disagree, and repairs them.'],
  ['notifier', 'Tells people and systems when {plural} change.'],
  [
    'validator',
    'Checks {plural} against the rules of the business before they are stored.',
  ],
  ['aggregator', 'Sums {plural} by customer, market and day.'],
  ['adapter', 'Translates {plural} of the old platform to the new one.'],
  ['archiver', 'Moves {plural} out of the hot store when they are old enough.'],
  ['console', 'The internal page on which operators look after {plural}.'],
  ['cache', 'Serves {plural} from memory to callers that cannot wait.'],
  [
    'simulator',
    'Plays changes of {plural} through before they are made for real.',
  ],
  ['migrator', 'Carries {plural} over to their new home, area by area.'],
].map(([name, sentence]) => ({ name, sentence }));

export const FIRST_NAMES =
  'Ada,Amir,Ana,Anika,Aoife,Astrid,Ben,Bianca,Camille,Carlos,Chiara,Chidi,Dana,David,Diego,Elena,Elif,Emeka,Emma,Erik,Farah,Felix,Fatima,Gabriel,Grace,Hana,Hugo,Ines,Ivan,Jakub,Jana,Jonas,Julia,Kai,Kenji,Lars,Laura,Leila,Lena,Lucas,Magda,Malik,Maria,Mateo,Mei,Mina,Nadia,Nikhil,Nina,Noah,Olga,Omar,Paula,Pedro,Priya,Rafael,Rania,Ravi,Rosa,Samir,Sara,Selma,Sofia,Stefan,Tariq,Teresa,Theo,Tomas,Uma,Vera,Viktor,Wanjiru,Yara,Yusuf,Zoe'.split(
    ',',
  );

export const LAST_NAMES =
  'Abebe,Adler,Ahmed,Almeida,Andersen,Baker,Banerjee,Bauer,Bianchi,Borg,Brandt,Castro,Chen,Cohen,Costa,Dahl,Diaz,Dubois,Eriksen,Evans,Farkas,Fischer,Fonseca,Garcia,Gupta,Haddad,Hansen,Hassan,Hughes,Ibrahim,Ito,Jansen,Johansson,Kaya,Keller,Khan,Kim,Kovacs,Kowalski,Kumar,Larsen,Lee,Lopez,Marino,Martin,Mensah,Meyer,Moreau,Mwangi,Nagy,Nakamura,Nguyen,Novak,Nowak,Okafor,Olsen,Oliveira,Ortiz,Park,Patel,Pereira,Petrov,Popescu,Ramos,Rao,Reyes,Ricci,Rossi,Saito,Santos,Sato,Schmidt,Sharma,Silva,Singh,Sousa,Svensson,Tanaka,Torres,Varga,Vidal,Virtanen,Wagner,Walker,Weber,Wilson,Wong,Yilmaz,Young,Zhang'.split(
    ',',
  );
