import { stem, words } from './words';

/** Words that are used for the same thing where software is made. */
const GROUPS = [
  // What is done.
  'content describe detail display examine fetch find get info inspect look print read retrieve see show view',
  'browse discover enumerate exist find list look query search',
  'add create declare define file generate insert make new open raise record register setup start write',
  'add append attach extend include insert put',
  'clean clear delete destroy discard drop erase forget purge remove uninstall',
  'adjust alter change close edit fix modify patch reopen replace resolve set update',
  'overwrite persist save store write',
  'load read open',
  'migrate move rename relocate transfer transition',
  'copy clone duplicate fork',
  'announce broadcast notify ping post publish said say send share tell told write',
  'answer comment react reply respond response',
  'call evaluate exec execute invoke launch perform run start trigger',
  'bounce redeploy restart rollout',
  'deploy install provision release',
  'downscale enlarge grow replica resize scale shrink',
  'abort cancel end finish halt kill quit stop terminate',
  'disable downtime mute pause silence snooze suppress',
  'backout reset restore revert rollback undo',
  'aside park shelve stash',
  'activate checkout choose pick select set switch',
  'accept approve confirm reject review',
  'cordon drain evacuate',
  'go goto navigate open redirect visit',
  'click press push tap',
  'enter fill input type',
  'await pause until wait',
  'associate bind connect join link relate relation relationship',
  'forget know knowledge memorize memory observation recall remember',
  'access connect forward reach tunnel',
  'clone download fetch pull',
  'push upload',
  'attach upload',
  'combine integrate merge squash',
  'compare diff difference',
  'change diff difference modification',
  'check test validate verify',
  'annotate label mark tag',
  'plan reason reflect think thought',
  'calculate compute count measure',
  'analyse analyze examine investigate',
  'upgrade update bump',
  'subscribe follow watch',
  'assign delegate give',
  'sync synchronize refresh reload',
  'export dump download',
  // What it is done to.
  'directory folder path',
  'hierarchy structure tree',
  'project repo repository',
  'bug card defect issue problem story task ticket',
  'conversation channel chat message room slack',
  'discussion reply thread',
  'image media photo picture screenshot video',
  'page site tab url web website',
  'article content doc documentation guide manual markdown reference text wiki',
  'package library framework module sdk',
  'code example sample snippet',
  'account author colleague member people person profile teammate user',
  'contact recipient',
  'group squad team',
  'annotation comment feedback note observation remark',
  'category label tag',
  'emoji reaction thumb',
  'access allow authorize permission permit right role',
  'api auth credential key password secret token',
  'cluster context k8s kubernetes',
  'container image pod workload',
  'deployment pod resource service workload',
  'host instance machine node server vm',
  'console log output stdout',
  'crash error exception failure fault',
  'check ci health state status',
  'disk file filesystem',
  'document file readme',
  'manifest yaml',
  'deeplink link share url',
  'alarm alert monitor notification warning',
  'incident outage page',
  'duration latency performance slow speed time timing',
  'availability ping synthetic uptime',
  'bill billing consumption cost price spend usage',
  'chart graph plot visualization',
  'graph knowledge memory',
  'metric number statistic timeseries',
  'address contact email mail profile',
  'base branch main master trunk',
  'release tag version',
  'audit changelog history log past recent',
  'big bytes large length size',
  'control dropdown element field form option',
  'database db sql table',
  'record row entry item',
  'property column field attribute',
  'schedule calendar rota roster shift',
  'attempt job build pipeline run workflow',
  'setting config configuration option preference',
  'network request http traffic',
  'browser page window',
  'fact observation',
  'entity node object thing',
];

/** What is written out: short forms, and the word with which one asks for a list. */
const IN_FULL: Record<string, string> = {
  mr: 'mr merge request',
  pr: 'pr pull request',
  prs: 'pr prs pull request',
  which: 'list',
};

// A question has fewer; each one takes time.
const MAX_WORDS = 40;

const SYNONYMS = new Map<string, string[]>();
for (const group of GROUPS) {
  const stems = group.split(' ').map(stem);
  for (const word of stems) {
    const others = [...(SYNONYMS.get(word) ?? []), ...stems];
    SYNONYMS.set(
      word,
      [...new Set(others)].filter(other => other !== word),
    );
  }
}

/** Other words for a word, as `words` gives them. */
export function synonymsOf(word: string): readonly string[] {
  return SYNONYMS.get(word) ?? [];
}

/** The words of a query, each once, with what is abbreviated written out. */
export function queryWords(query: string): string[] {
  const all = words(query).flatMap(word =>
    Object.hasOwn(IN_FULL, word) ? words(IN_FULL[word]) : [word],
  );
  return [...new Set(all)].slice(0, MAX_WORDS);
}
